"""What the company agrees on can be changed without destroying anything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from penstock.crm.actions.accounts import create_account
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.models import Opportunity, OpportunityVersion, Pipeline, Stage
from penstock.org.actions.company_setup import set_up_company
from penstock.org.actions.currencies import add_rate
from penstock.org.company import company as the_company
from penstock.org.company import fiscal_calendar
from penstock.org.models import Company, Currency, OrgChange, User
from penstock.org.refusals import InvalidInput, NotAllowed
from penstock.reports import mirror
from penstock.reports.source import history

JULY, OCTOBER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)


def test_the_first_set_up_makes_the_company(db: None) -> None:
    set_up_company(None, {"name": "Aquifer", "corporate_currency": "chf", "time_zone": "Europe/Zurich", "fiscal_start_month": 2})
    assert (the_company().name, the_company().corporate_currency) == ("Aquifer", "CHF")
    assert fiscal_calendar().quarter_of(date(2026, 1, 31)).end == date(2026, 2, 1)
    assert Currency.objects.get().code == "CHF"


def test_all_faults_of_a_set_up_are_told_at_once(ops: User) -> None:
    wrong = {
        "name": "",
        "corporate_currency": "EURO",
        "time_zone": "Mars/Base",
        "language": "de",
        "fiscal_start_month": 13,
        "calendar_pattern": "5-5-5",
        "week_start": "funday",
        "calendar_anchor": "farthest",
        "year_named_by": "middle",
        "report_rate": "best",
        "alert_days": {"idle": "soon"},
        "nonsense": 1,
    }
    with pytest.raises(InvalidInput) as refused:
        set_up_company(ops, wrong)
    assert set(refused.value.faults) == set(wrong)
    assert Company.objects.get().name == "Aquifer Systems"


def test_a_rep_does_not_change_the_company(rep: User) -> None:
    with pytest.raises(NotAllowed):
        set_up_company(rep, {"name": "Mine"})


@pytest.fixture
def deal(rep: User, company: Company) -> Opportunity:
    pipeline = Pipeline.objects.create(key="sales", name="Sales")
    Stage.objects.create(pipeline=pipeline, key="qualified", position=1, names={"en": "Qualified"})
    actor = Actor(user=rep)
    with time_machine.travel(JULY + timedelta(days=2), tick=False) as clock:
        account = create_account(actor, name="Lac Bleu SA", region="EMEA")
        made = create_opportunity(actor, name="Pumps", account=account, amount=1_000_00, close_date=date(2026, 11, 1))
        clock.move_to(JULY + timedelta(days=9))
        return edit_opportunity(actor, made.pk, {"amount": 1_500_00})


def figures(viewer: User) -> Any:
    """The six elements from July to October, by plain instants."""
    with history(viewer) as asked:
        return asked.waterfall(JULY, OCTOBER, by=["region"]).total.money


def test_a_change_of_calendar_leaves_the_waterfall_of_the_same_instants_as_it_was(
    deal: Opportunity, ops: User, rep: User
) -> None:
    mirror.drop()
    versions = list(OpportunityVersion.objects.values())
    before = figures(rep)
    assert before.ending == 1_500_00
    set_up_company(ops, {"fiscal_start_month": 2, "calendar_pattern": "4-4-5", "week_start": "sunday", "time_zone": "Asia/Tokyo"})
    assert figures(rep) == before
    assert list(OpportunityVersion.objects.values()) == versions
    assert OrgChange.objects.filter(what="company").count() == 1
    mirror.drop()


def test_a_change_of_currency_can_be_taken_back(deal: Opportunity, ops: User, rep: User) -> None:
    mirror.drop()
    before = figures(rep)
    set_up_company(ops, {"corporate_currency": "USD"})
    add_rate(ops, "EUR", "1.10", fiscal_year=2026)
    assert figures(rep).ending == 1_650_00
    set_up_company(ops, {"corporate_currency": "EUR"})
    assert figures(rep) == before
    mirror.drop()
