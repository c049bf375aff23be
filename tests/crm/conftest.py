"""A small company for the tests of the records, and the proof that every test ends with: history replays to state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.models import Account, Pipeline, Stage
from penstock.crm.replay import offenders
from penstock.org.models import Company, Role, Team, User


@pytest.fixture(autouse=True)
def _history_replays(db: None) -> Iterator[None]:
    yield
    assert not [str(one) for one in offenders()]


@pytest.fixture
def company(db: None) -> Company:
    """A company in Paris whose fiscal year is the calendar's."""
    return Company.objects.create(pk=1, name="Aquifer Systems", corporate_currency="EUR", time_zone="Europe/Paris")


@pytest.fixture
def team(company: Company) -> Team:
    return Team.objects.create(name="Sales EMEA")


@pytest.fixture
def rep(team: Team) -> User:
    """An account executive."""
    return User.objects.create_user("ada@aquifer.example", name="Ada Rill", role=Role.AE, team=team)


@pytest.fixture
def other_rep(team: Team) -> User:
    """Another account executive of the same team."""
    return User.objects.create_user("ben@aquifer.example", name="Ben Weir", role=Role.AE, team=team)


@pytest.fixture
def admin(company: Company) -> User:
    return User.objects.create_superuser("root@aquifer.example", name="Root")


@pytest.fixture
def actor(rep: User) -> Actor:
    return Actor(user=rep)


@pytest.fixture
def pipeline(company: Company) -> Pipeline:
    """Four stages without gates: identified (not counted), qualified, closing, and won and lost."""
    pipeline = Pipeline.objects.create(key="sales", name="Sales", required_fields=["amount", "close_date"])
    rows = [
        ("identified", "open", 1000, "pipeline", False),
        ("qualified", "open", 2000, "pipeline", True),
        ("closing", "open", 5000, "commit", True),
        ("won", "won", 10000, "closed", True),
        ("lost", "lost", 0, "omitted", True),
    ]
    for position, (key, kind, probability, category, counted) in enumerate(rows, 1):
        Stage.objects.create(
            pipeline=pipeline,
            key=key,
            position=position,
            kind=kind,
            names={"en": key.capitalize()},
            probability=probability,
            forecast_category=category,
            counted=counted,
        )
    return pipeline


@pytest.fixture
def stages(pipeline: Pipeline) -> dict[str, Stage]:
    """The stages of the pipeline, by key."""
    return {stage.key: stage for stage in pipeline.stages.all()}


@pytest.fixture
def account(actor: Actor) -> Account:
    """An account in France."""
    from penstock.crm.actions.accounts import create_account

    return create_account(actor, name="Lac Bleu SA", domain="lacbleu.example", region="EMEA", country="FR", segment="Mid-market")
