"""Conditions say what RevOps means, refuse what cannot be meant, and never crash."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_fields import declare_custom_field
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.conditions import ConditionError, check_condition, facts, facts_of, holds
from penstock.crm.models import Account, Opportunity, Stage
from penstock.crm.refusals import InvalidInput
from penstock.org.models import Company, Currency, Rate, User


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("   ", True),
        ("amount > money(11999)", True),
        ('amount > money("12000.00")', False),
        ('amount == money("12000")', True),
        ('name.contains("pumps") && kind == "new"', True),
        ('stage.key == "identified"', True),
        ('pipeline.name == "Sales"', True),
        ('owner.role == "ae"', True),
        ('owner.role == "manager"', False),
        ('account.name == "Lac Bleu SA" && !account.strategic', True),
        ('country in ["FR", "IT"]', True),
        ("competitors.exists(c, c == 'Sluice')", False),
        ("size(competitors) == 0", True),
        ("corporate(amount, currency) == amount", True),
        ("filled(owner) && !filled(campaign) && !filled(budget)", True),
        ("owner_id != null && campaign == null", True),
        ('close_date == "2026-12-01" && close_date > "2026-11-30"', True),
    ],
)
def test_a_condition_over_a_deal(deal: Opportunity, text: str, expected: bool) -> None:
    check_condition(text, "opportunity")
    assert holds(text, facts(deal)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcv > 5", False),
        ("!(tcv > 5)", False),
        ("tcv <= 5", False),
        ("tcv + 1 > 0", False),
        ("tcv > 5 || amount > 5", True),
        ("tcv > 5 && amount > 5", False),
        ("tcv == null", True),
        ("tcv == null || tcv > 5", True),
        ('campaign.name == "Spring"', False),
        ("days_since(next_step_on) > 3", False),
        ('custom.region_code == "N1"', False),
        ("filled(custom.region_code)", False),
        ("custom.region_code == null", True),
    ],
)
def test_an_empty_value_is_unknown(actor: Actor, deal: Opportunity, text: str, expected: bool) -> None:
    declare_custom_field(Actor(user=None), "opportunity", "region_code", "text", {"en": "Region code"})
    check_condition(text, "opportunity")
    assert holds(text, facts(deal)) is expected


def test_days_are_those_of_the_companys_calendar(deal: Opportunity) -> None:
    """Half past eleven in the evening, UTC, is the next day in Paris."""
    with time_machine.travel(datetime(2026, 11, 20, 23, 30, tzinfo=UTC), tick=False):
        known = facts(deal) | {"stage_since": datetime(2026, 11, 18, 22, 0, tzinfo=UTC)}
        assert holds('today == "2026-11-21"', known)
        assert holds("days_until(close_date) == 10 && days_since(close_date) == -10", known)
        assert holds("days_since(stage_since) == 3", known)
        assert holds("stage_since < now", known)
        assert not holds("close_date < today", known)


def test_custom_values_compare_by_their_kind(actor: Actor, deal: Opportunity) -> None:
    for key, kind in [("seats", "number"), ("code", "text"), ("starts", "date"), ("fee", "money"), ("signed", "boolean")]:
        declare_custom_field(Actor(user=None), "opportunity", key, kind, {"en": key})
    custom = {"seats": "12.5", "code": "12", "starts": date(2027, 1, 1), "fee": {"amount": 500, "currency": "EUR"}}
    known = facts(edit_opportunity(actor, deal.pk, {"custom": custom}))
    for text in ("custom.seats > 12", 'custom.code == "12"', 'custom["starts"] > "2026-12-31"', "custom.fee.amount == 500"):
        check_condition(text, "opportunity")
        assert holds(text, known), text
    check_condition("custom.signed", "opportunity")
    assert not holds("custom.signed", known)


def test_facts_are_read_together_and_only_where_they_are_asked_for(
    actor: Actor, deal: Opportunity, account: Account, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        create_opportunity(actor, name=f"Deal {number}", account=account)
    deals = list(Opportunity.objects.order_by("pk"))
    with django_assert_num_queries(0):
        known = facts_of(deals)
        assert all(holds('filled(owner) && currency == "EUR"', one) for one in known)
    with django_assert_num_queries(1):
        assert all(holds('account.country == "FR"', one) for one in known)
    assert [dict(one["owner"])["name"] for one in known] == ["Ada Rill"] * 6


def test_ten_thousand_conditions_ask_the_database_for_the_company_once(deal: Opportunity, django_assert_num_queries: Any) -> None:
    known = facts(deal)
    with django_assert_num_queries(1):
        found = sum(holds("amount > money(50000) || days_since(stage_since) > 30", known) for _ in range(10_000))
    assert found == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amuont > 5", "There is no field amuont. Did you mean amount"),
        ("owner.rol == 'ae'", "There is no field owner.rol. Did you mean owner.role"),
        ("owner.password != ''", "There is no field owner.password"),
        ("amount.cents > 5", "There is no field amount.cents"),
        ("custom.nothing == 'x'", "There is no field custom.nothing"),
        ("day_since(created_at) > 3", "There is no function day_since. Did you mean days_since"),
        ("amount", "neither yes nor no"),
        ("name + 'x'", "neither yes nor no"),
        ("amount > '5'", "do not fit together"),
        ("close_date < now", "do not fit together"),
        ("amount + name > 5", "do not fit together"),
        ("amount = 5", "compare with =="),
        ("amount > 5 and filled(name)", "write && for and"),
        ("amount >", "too early"),
        ("(" * 300 + "true" + ")" * 300, "too deeply"),
        ("amount > 5 )", "“)”"),
        ("x" * 3_000, "at most 2000 signs"),
        ("status == 'wn'", "status is never “wn”. There are: open, won, lost, removed"),
        ("money('12,5') > 0", "is not an amount"),
        ("money(12.5) > 0", "decimals in quotes"),
        ("money() > 0", "takes 1 values"),
        ("[1].all(x, [2].all(y, x < y))", "at most one of all"),
        ("has(custom.x)", "filled(custom.x)"),
        ("__import__('os') == 1", "There is no function __import__"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused_in_words(stages: dict[str, Stage], text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_condition(text, "opportunity")
    assert said in " ".join(refused.value.faults["condition"])


def test_a_condition_of_an_account_may_ask_what_lies_around_it(company: Company) -> None:
    check_condition('open_deals == 0 && tasks_ahead == 0 && active_subscriptions > 0 && potential == "high"', "account")
    with pytest.raises(InvalidInput, match="no field open_deals"):
        check_condition("open_deals == 0", "opportunity")
    with pytest.raises(InvalidInput, match="no kind of record"):
        check_condition("true", "spaceship")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amount > 'x'", "do not fit together"),
        ("nothing == 1", "no field nothing"),
        ("amount / 0 > 1", "divides by zero"),
        ("amount +", "too early"),
        ("amount", "neither yes nor no"),
        ("days_since(name) > 1", "is no day"),
        ("corporate(amount, 'USD') > 5", "USD"),
        ("int(name) > 5", "cannot take"),
        ("custom['x']['y'] == amount / 0", "divides by zero"),
    ],
)
def test_what_cannot_be_decided_is_a_refusal(text: str, said: str, deal: Opportunity) -> None:
    known = {"amount": 5, "name": "Pumps", "custom": {"x": {"y": 1}}, "today": facts(deal)["today"]}
    with pytest.raises(ConditionError) as refused:
        holds(text, known)
    assert said in refused.value.message
    assert refused.value.code == "condition"


def test_amounts_are_converted_at_the_rate_of_the_reports(company: Company, deal: Opportunity) -> None:
    dollar = Currency.objects.create(code="USD")
    year = timezone.now().year
    Rate.objects.create(currency=dollar, to="EUR", fiscal_year=year, rate="0.8")
    Rate.objects.create(currency=dollar, to="EUR", day=timezone.now().date() - timedelta(days=2), rate="0.5")
    known = {"amount": 1_001, "currency": "USD"}
    assert holds("corporate(amount, currency) == 801", known)  # 800.8
    Company.objects.update(report_rate="current")
    assert holds("corporate(amount, currency) == 500", known)  # 500.5, halves to even


def test_a_deal_that_is_not_saved_has_facts_too(rep: User, account: Account, stages: dict[str, Stage]) -> None:
    new = Opportunity(name="New", account=account, owner=rep, stage=stages["identified"], amount=5)
    assert holds('account.country == "FR" && owner.role == "ae" && stage.key == "identified" && id == null', facts(new))
