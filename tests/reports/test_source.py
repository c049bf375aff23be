"""The ledger reads the company's own history, exactly and freshly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.actions.stages import change_stage
from penstock.crm.models import Account, CustomField, Opportunity, Stage
from penstock.org.models import User
from penstock.reports.source import history

JULY = datetime(2026, 7, 1, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def won_deal(actor: Actor, account: Account, stages: dict[str, Stage], amount: int = 1_000_00) -> Opportunity:
    """Qualified on 3 July, raised by a half on 10 July, won on 20 July."""
    with time_machine.travel(JULY + timedelta(days=2), tick=False) as clock:
        deal = create_opportunity(actor, name="Pumps", account=account, amount=amount, close_date=date(2026, 8, 1))
        change_stage(actor, deal.pk, stages["qualified"].pk)
        clock.move_to(JULY + timedelta(days=9))
        edit_opportunity(actor, deal.pk, {"amount": amount * 3 // 2})
        clock.move_to(JULY + timedelta(days=19))
        change_stage(actor, deal.pk, stages["won"].pk)
    return deal


@pytest.fixture
def rep_account(actor: Actor) -> Account:
    from penstock.crm.actions.accounts import create_account

    with time_machine.travel(JULY, tick=False):
        return create_account(actor, name="Lac Bleu SA", region="EMEA")


def test_the_waterfall_of_the_companys_own_records_ties_out(
    actor: Actor, rep: User, rep_account: Account, stages: dict[str, Stage]
) -> None:
    won_deal(actor, rep_account, stages)
    with history(rep) as asked:
        total = asked.waterfall("2026Q3", by=["region"]).total.money
    assert (total.new, total.change, total.won, total.ending, total.residual) == (1_000_00, 500_00, -1_500_00, 0, 0)


def test_a_change_is_in_the_next_answer(actor: Actor, rep: User, rep_account: Account, stages: dict[str, Stage]) -> None:
    deal = won_deal(actor, rep_account, stages)
    with history(rep) as asked:
        before = asked.waterfall("2026Q3").total.money
    with time_machine.travel(JULY + timedelta(days=30), tick=False):
        for number in range(20):
            create_opportunity(
                actor,
                name=f"Valve {number}",
                account=rep_account,
                amount=10_00,
                close_date=date(2026, 9, 1),
                stage=stages["qualified"],
            )
        change_stage(actor, deal.pk, stages["qualified"].pk)
    with history(rep) as asked:
        after = asked.waterfall("2026Q3").total.money
    assert after.new == before.new + 20 * 10_00
    assert after.won == 0
    assert after.residual == 0


def test_movements_that_were_kept_fresh_are_those_made_afresh(
    actor: Actor, rep: User, rep_account: Account, stages: dict[str, Stage]
) -> None:
    from penstock.reports import mirror

    deals = [won_deal(actor, rep_account, stages, 100 * n) for n in range(1, 12)]
    with history(rep) as asked:
        asked.waterfall("2026Q3")
    edit_opportunity(actor, deals[3].pk, {"region": "EMEA", "next_step": "Call", "close_date": date(2026, 9, 9)})
    kept = _movements()
    mirror.drop()
    assert kept == _movements()


def _movements() -> list[dict[str, object]]:
    with history(None) as asked:
        rows = asked.movements().drop("opportunity_number").to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: row["seq"])


def test_a_choice_of_the_companys_own_is_a_dimension(
    actor: Actor, rep: User, rep_account: Account, stages: dict[str, Stage]
) -> None:
    choices = [{"value": "gold"}, {"value": "silver"}]
    CustomField.objects.create(record_type="opportunity", key="tier", kind="choice", choices=choices)
    deal = won_deal(actor, rep_account, stages)
    edit_opportunity(actor, deal.pk, {"custom": {"tier": "gold"}})
    with history(rep) as asked:
        groups = asked.waterfall("2026Q3", by=["custom_tier"], as_is=True).groups
    assert [(group.group["custom_tier"], group.money.won) for group in groups] == [("gold", -1_500_00)]


def test_a_company_without_deals_has_an_empty_waterfall(rep: User) -> None:
    with history(rep) as asked:
        assert asked.waterfall("2026Q3").total.money.ending == 0
