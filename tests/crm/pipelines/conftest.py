"""Somebody who sets pipelines up, and a deal to move through them."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunity
from penstock.crm.models import Account, Opportunity, Stage
from penstock.org.models import Company, Role, Team, User


@pytest.fixture
def revops(company: Company) -> Actor:
    """Somebody of revenue operations, who may configure."""
    return Actor(user=User.objects.create_user("rio@aquifer.example", name="Rio Ops", role=Role.REVOPS))


@pytest.fixture
def manager(team: Team) -> Actor:
    """The manager of the sales team."""
    user = User.objects.create_user("mia@aquifer.example", name="Mia Lead", role=Role.MANAGER, team=team)
    team.manager = user
    team.save()
    return Actor(user=user)


@pytest.fixture
def deal(actor: Actor, account: Account, stages: dict[str, Stage]) -> Opportunity:
    """A deal of 12,000.00 EUR in the first stage."""
    return create_opportunity(actor, name="Fleet of pumps", account=account, amount=1_200_000, close_date=date(2026, 12, 1))
