"""For the tests of access: rows are put there directly, since what is asked is only who sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.crm.models import Account, Opportunity, Stage
from penstock.org.models import Role, Sharing, Team, User

MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _history_replays(db: None) -> None:
    """Rows that were put there directly have no history to replay."""


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """`person("Ada", Role.AE, team)` adds a user."""

    def add(name: str, role: str = Role.AE, team: Team | None = None, **fields: Any) -> User:
        return User.objects.create(email=f"{name.lower()}@aquifer.example", name=name, role=role, team=team, **fields)

    return add


@pytest.fixture
def share(db: None) -> Callable[[str, str], None]:
    """`share("opportunity", "private")` sets a level."""

    def set_level(kind: str, level: str) -> None:
        Sharing.objects.update_or_create(record_type=kind, defaults={"level": level})

    return set_level


@pytest.fixture
def company_of(stages: dict[str, Stage]) -> Callable[..., Account]:
    """`company_of(owner, "Lac Bleu")` adds an account."""

    def add(owner: User | None, name: str = "Lac Bleu") -> Account:
        return Account.objects.create(name=name, owner=owner, created_at=MOMENT, status_since=MOMENT)

    return add


@pytest.fixture
def deal_of(stages: dict[str, Stage], company_of: Callable[..., Account]) -> Callable[..., Opportunity]:
    """`deal_of(owner, account)` adds an opportunity, at an account that nobody owns where none is given."""

    def add(owner: User | None, account: Account | None = None, **fields: Any) -> Opportunity:
        stage = stages["qualified"]
        return Opportunity.objects.create(
            **{
                "name": "Fleet of pumps",
                "account": account or company_of(None),
                "owner": owner,
                "pipeline": stage.pipeline,
                "stage": stage,
                "stage_order": stage.position,
                "stage_since": MOMENT,
                "created_at": MOMENT,
                "currency": "EUR",
                "amount": 1_000_000,
            }
            | fields
        )

    return add
