"""A company with an administrator, RevOps and a rep."""

from __future__ import annotations

import pytest

from penstock.org.models import Company, Role, Team, User


@pytest.fixture
def company(db: None) -> Company:
    """A company in Paris whose fiscal year is the calendar's."""
    return Company.objects.create(pk=1, name="Aquifer Systems", corporate_currency="EUR", time_zone="Europe/Paris")


@pytest.fixture
def team(company: Company) -> Team:
    return Team.objects.create(name="Sales EMEA")


@pytest.fixture
def admin(company: Company) -> User:
    return User.objects.create_superuser("root@aquifer.example", name="Root")


@pytest.fixture
def ops(company: Company) -> User:
    """Somebody of RevOps."""
    return User.objects.create_user("ola@aquifer.example", name="Ola Ford", role=Role.REVOPS)


@pytest.fixture
def rep(team: Team) -> User:
    """An account executive."""
    return User.objects.create_user("ada@aquifer.example", name="Ada Rill", role=Role.AE, team=team)
