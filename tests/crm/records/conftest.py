"""What the tests of the records' verbs start from, beside the small company."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.contacts import create_contact
from penstock.crm.actions.opportunities import create_opportunity
from penstock.crm.actions.products import create_product
from penstock.crm.models import Account, Contact, Opportunity, Product, Stage
from penstock.org.models import User


@pytest.fixture
def chief(admin: User) -> Actor:
    """An administrator, who may do everything."""
    return Actor(user=admin)


@pytest.fixture
def importer(admin: User) -> Actor:
    return Actor(user=admin, source="import")


@pytest.fixture
def past() -> datetime:
    """Noon, a hundred days ago: the same day in Paris and in UTC."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=100)


@pytest.fixture
def contact(actor: Actor, account: Account) -> Contact:
    return create_contact(actor, email="Eva@LacBleu.example", first_name="Eva", last_name="Sorg", account=account.pk)


@pytest.fixture
def deal(actor: Actor, account: Account, stages: dict[str, Stage]) -> Opportunity:
    return create_opportunity(actor, name="Fleet of pumps", account=account, amount=1_200_000, close_date=date(2026, 12, 1))


@pytest.fixture
def service(chief: Actor) -> Product:
    """A service at 100.00 a month."""
    return create_product(chief, name="Monitoring", code="mon", list_price=10_000, currency="EUR")


@pytest.fixture
def pump(chief: Actor) -> Product:
    """A thing that is sold once, at 2,500.00."""
    return create_product(chief, name="Pump", code="pump", list_price=250_000, currency="EUR", recurring=False)
