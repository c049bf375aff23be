"""Who merges: revenue operations."""

from __future__ import annotations

import pytest

from penstock.crm.actions.actor import Actor
from penstock.org.models import Company, Role, User


@pytest.fixture
def revops(company: Company) -> Actor:
    """Somebody of revenue operations, who may merge."""
    return Actor(user=User.objects.create_user("olga@aquifer.example", name="Olga Spring", role=Role.REVOPS))


@pytest.fixture
def sdr(company: Company) -> Actor:
    """A sales development representative, without a team."""
    return Actor(user=User.objects.create_user("sam@aquifer.example", name="Sam Brook", role=Role.SDR))
