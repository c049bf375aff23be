"""Lines make the amount, and a won deal's lines make subscriptions."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.lines import add_line, edit_line, remove_line, replace_lines
from penstock.crm.actions.opportunities import remove_opportunities, restore_opportunities, set_amount
from penstock.crm.actions.products import edit_product
from penstock.crm.actions.stages import change_stage, change_stages
from penstock.crm.actions.subscriptions import change_mrr, end_subscription
from penstock.crm.models import Opportunity, OpportunityLine, OpportunityVersion, Product, Stage, Subscription
from penstock.crm.refusals import InvalidInput, StaleWrite

Terms = tuple[str, int, date, date | None, str]


def running(deal: Opportunity) -> list[Terms]:
    rows = Subscription.objects.filter(opportunity=deal, removed_at__isnull=True).order_by("starts_on", "id")
    return list(rows.values_list("product__code", "mrr", "starts_on", "ends_on", "ended_because"))


def test_the_amount_follows_from_the_lines_in_the_same_change(
    actor: Actor, deal: Opportunity, service: Product, pump: Product
) -> None:
    add_line(actor, deal.pk, {"product": service.pk, "quantity": 3_000, "term_months": 24, "discount": 1_000})
    add_line(actor, deal.pk, {"product": pump.pk, "quantity": 2_000})
    deal.refresh_from_db()
    # Three at 100.00 less a tenth is 270.00 a month: 3,240.00 a year, 6,480.00 in two, and two pumps beside.
    assert (deal.mrr, deal.amount, deal.tcv) == (27_000, 324_000, 648_000 + 500_000)
    assert deal.product == service
    versions = OpportunityVersion.objects.filter(opportunity=deal).order_by("id")
    assert list(versions.values_list("change__verb", "amount")) == [
        ("create_opportunity", 1_200_000),
        ("add_line", 324_000),
        ("add_line", 324_000),
    ]
    with pytest.raises(InvalidInput, match="follows from the lines"):
        set_amount(actor, deal.pk, 1)


def test_a_line_is_edited_removed_and_replaced(actor: Actor, deal: Opportunity, service: Product, pump: Product) -> None:
    line = add_line(actor, deal.pk, {"product": service.pk})
    edit_line(actor, line.pk, {"unit_price": 20_000}, revision=1)
    deal.refresh_from_db()
    assert deal.mrr == 20_000
    with pytest.raises(StaleWrite):
        edit_line(actor, line.pk, {"unit_price": 1}, revision=1)
    new = replace_lines(actor, deal.pk, [{"product": pump.pk}, {"product": service.pk, "unit_price": 1_000}])
    deal.refresh_from_db()
    assert (deal.mrr, deal.amount, deal.product) == (1_000, 12_000, pump)
    for line in new:
        remove_line(actor, line.pk)
    deal.refresh_from_db()
    assert not OpportunityLine.objects.filter(removed_at__isnull=True).exists()
    assert set_amount(actor, deal.pk, 500).amount == 500
    with pytest.raises(InvalidInput, match="removed"):
        edit_line(actor, new[0].pk, {"unit_price": 1})


def test_lines_that_make_no_sense_are_refused(actor: Actor, chief: Actor, deal: Opportunity, service: Product) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace_lines(actor, deal.pk, [{"product": service.pk, "discount": 10_001, "billing_months": 0}, {"quantity": 1}])
    assert set(refused.value.faults) == {"1.discount", "1.billing_months", "2.product"}
    edit_product(chief, service.pk, {"currency": "USD"})
    with pytest.raises(InvalidInput, match="list price in EUR"):
        add_line(actor, deal.pk, {"product": service.pk})
    edit_product(chief, service.pk, {"active": False})
    with pytest.raises(InvalidInput, match="not on sale"):
        add_line(actor, deal.pk, {"product": service.pk, "unit_price": 1})
    deal.refresh_from_db()
    assert deal.amount == 1_200_000


def test_a_win_starts_subscriptions_and_its_undoing_takes_them_away(
    actor: Actor, deal: Opportunity, service: Product, pump: Product, stages: dict[str, Stage]
) -> None:
    add_line(actor, deal.pk, {"product": service.pk, "starts_on": "2026-08-31", "term_months": 6})
    add_line(actor, deal.pk, {"product": pump.pk})
    change_stage(actor, deal.pk, stages["won"].pk, fields={"close_date": date(2026, 11, 20)})
    assert running(deal) == [("mon", 10_000, date(2026, 8, 31), date(2027, 2, 28), "")]
    change_stage(actor, deal.pk, stages["closing"].pk)
    assert running(deal) == []
    assert change_stages(actor, [deal.pk], stages["won"].pk).done == [deal.pk]
    assert len(running(deal)) == 1
    remove_opportunities(actor, [deal.pk])
    assert running(deal) == []
    restore_opportunities(actor, [deal.pk])
    assert len(running(deal)) == 1


def test_lines_that_change_after_the_win_change_its_subscription(
    actor: Actor, deal: Opportunity, service: Product, stages: dict[str, Stage]
) -> None:
    line = add_line(actor, deal.pk, {"product": service.pk, "starts_on": "2026-09-01"})
    change_stage(actor, deal.pk, stages["won"].pk)
    edit_line(actor, line.pk, {"quantity": 2_000})
    assert running(deal) == [("mon", 20_000, date(2026, 9, 1), date(2027, 9, 1), "")]


def test_more_or_less_money_is_an_end_and_a_new_beginning(
    actor: Actor, deal: Opportunity, service: Product, stages: dict[str, Stage]
) -> None:
    add_line(actor, deal.pk, {"product": service.pk, "starts_on": "2026-01-01"})
    change_stage(actor, deal.pk, stages["won"].pk)
    first = Subscription.objects.get()
    second = change_mrr(actor, first.pk, 15_000, date(2026, 4, 1))
    third = change_mrr(actor, second.pk, 9_000, date(2026, 7, 1))
    with pytest.raises(InvalidInput, match="ended already"):
        change_mrr(actor, first.pk, 1, date(2026, 4, 1))
    with pytest.raises(InvalidInput, match="not run on that day"):
        end_subscription(actor, third.pk, date(2026, 6, 30), "churn")
    end_subscription(actor, third.pk, date(2026, 10, 1), "churn")
    assert running(deal) == [
        ("mon", 10_000, date(2026, 1, 1), date(2026, 4, 1), "expansion"),
        ("mon", 15_000, date(2026, 4, 1), date(2026, 7, 1), "contraction"),
        ("mon", 9_000, date(2026, 7, 1), date(2026, 10, 1), "churn"),
    ]
