"""The clock does once what is due, however often it looks and however long it slept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from penstock.crm.actions.account_status import set_status
from penstock.crm.actions.accounts import create_account, edit_account
from penstock.crm.actions.activities import log_activity
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.models import Account, Change, CustomField, Stage, Stamp, Task
from penstock.loop import clock
from penstock.loop.actions import create_rule, edit_rule
from penstock.loop.clock import tick
from penstock.loop.models import Clock, Rule, RuleRun

TASK = {"do": "create_task", "title": {"en": "Look"}}


def rule_of(trigger: str, record_type: str, parameters: dict, *actions: dict, **more: Any) -> Rule:
    names = {"en": more.pop("name", f"{trigger} {record_type}")}
    definition = {"names": names, "trigger": trigger, "record_type": record_type, "parameters": parameters}
    return create_rule(system(), definition | {"actions": list(actions) or [TASK]} | more)


def targets(actor: Actor, count: int) -> list[Account]:
    accounts = [create_account(actor, name=f"Account {number}") for number in range(count)]
    for account in accounts:
        set_status(system(), account.pk, "target", reason="")
    return accounts


@pytest.mark.usefixtures("rules")
def test_what_was_due_while_it_slept_happens_once_in_the_order_in_which_it_was_due(actor: Actor, later: Callable) -> None:
    accounts = targets(actor, 4)
    for days, account in ((3, accounts[2]), (5, accounts[0])):
        with later(days):
            log_activity(actor, kind="call", account=account.pk)
    with later(60):
        tick()
        first = list(RuleRun.objects.filter(rule__key="idle_target_to_backlog").values_list("record_id", flat=True))
        tick()
    assert RuleRun.objects.filter(rule__key="idle_target_to_backlog").count() == 4
    runs = RuleRun.objects.filter(rule__key="idle_target_to_backlog").order_by("due_at", "record_id")
    assert [run.record_id for run in runs] == [accounts[1].pk, accounts[3].pk, accounts[2].pk, accounts[0].pk] == first


@pytest.mark.usefixtures("rules")
def test_what_is_late_becomes_true_now_and_says_when_it_was_due(actor: Actor, later: Callable) -> None:
    (account,) = targets(actor, 1)
    due = timezone.now() + timedelta(days=30)
    with later(60):
        now = timezone.now()
        tick()
    stamp = Stamp.objects.filter(record_id=account.pk, target="backlog").get()
    assert abs(stamp.at - now) < timedelta(minutes=1)
    day = due.astimezone(timezone.get_fixed_timezone(60)).date()
    assert stamp.reason == f"because: target idle for 30 days, and no task lies ahead (was due on {day})"
    run = RuleRun.objects.get(rule__key="idle_target_to_backlog")
    assert run.due_at is not None
    assert abs(run.due_at - due) < timedelta(minutes=1)
    assert Change.objects.get(pk=stamp.change_id).source == "clock"


@pytest.mark.usefixtures("rules")
def test_an_account_goes_through_the_loop_again_and_again(account: Account, later: Callable) -> None:
    set_status(system(), account.pk, "target", reason="")
    days = 0
    for _ in range(2):
        days += 31
        with later(days):
            tick()
            assert Account.objects.get().status == "backlog"
            set_status(system(), account.pk, "target", reason="Tried again")
    assert RuleRun.objects.filter(rule__key="idle_target_to_backlog", outcome="done").count() == 2


@pytest.mark.usefixtures("rules")
def test_two_rules_that_are_due_for_one_record_each_see_what_the_other_left(actor: Actor, later: Callable) -> None:
    (account,) = targets(actor, 1)
    told = {"do": "notify", "text": {"en": "{name}"}}
    rule_of("time_passed", "account", {"since": "status_since", "days": 20, "statuses": ["target"]}, told, name="early")
    late = rule_of("time_passed", "account", {"since": "status_since", "days": 40, "statuses": ["target"]}, told, name="late")
    with later(50):
        tick()
    assert set(RuleRun.objects.values_list("rule__key", flat=True)) == {"early", "idle_target_alert", "idle_target_to_backlog"}
    assert not RuleRun.objects.filter(rule=late).exists(), "by then the account had left the status"
    assert Account.objects.get(pk=account.pk).status == "backlog"


def test_a_tick_that_dies_in_the_middle_is_begun_again_and_nothing_is_done_twice(
    actor: Actor, company: object, later: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets(actor, 5)
    rule_of("time_passed", "account", {"since": "status_since", "days": 10})
    monkeypatch.setattr(clock, "_AT_ONCE", 2)
    from penstock.loop.performing import perform as performed

    calls = []

    def dies_the_second_time(rule: Rule, items: Any, held: Any) -> Any:
        calls.append(len(items))
        runs = performed(rule, items, held)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return runs

    with later(11):
        with monkeypatch.context() as patched:
            patched.setattr(clock, "perform", dies_the_second_time)
            with pytest.raises(RuntimeError, match="killed"):
                tick()
        assert Task.objects.count() == RuleRun.objects.count() == 2
        report = tick()
    assert report.due == 3
    assert Task.objects.count() == RuleRun.objects.count() == 5
    assert Task.objects.values("account").distinct().count() == 5


def test_the_condition_is_asked_again_at_each_tick_until_it_holds_once(actor: Actor, account: Account, later: Callable) -> None:
    rule_of("time_passed", "account", {"since": "created_at", "days": 5}, condition='potential == "high"')
    with later(6):
        assert dict(tick().outcomes) == {("time_passed-account", "waiting"): 1}
        edit_account(actor, account.pk, {"potential": "high"})
        assert tick().outcomes["time_passed-account", "done"] == 1
        assert tick().due == 0


@pytest.mark.parametrize(("days", "first"), [(0, 10), (-3, 7), (4, 14)])
def test_a_date_is_reached_at_the_companys_midnight_so_many_days_before_or_after(
    actor: Actor, account: Account, stages: dict[str, Stage], days: int, first: int
) -> None:
    rule_of("date_reached", "opportunity", {"field": "close_date", "days": days})
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        deal = create_opportunity(actor, name="Pumps", account=account.pk, close_date="2026-03-10")
    # In Paris the day begins at 23:00 UTC of the day before.
    with time_machine.travel(f"2026-03-{first - 1:02}T22:59:00Z", tick=False):
        assert tick().due == 0
    with time_machine.travel(f"2026-03-{first - 1:02}T23:01:00Z", tick=False):
        assert tick().due == 1
        assert tick().due == 0
    with time_machine.travel("2026-03-20T12:00:00Z", tick=False):
        edit_opportunity(actor, deal.pk, {"close_date": "2026-03-18"})
    with time_machine.travel("2026-03-25T12:00:00Z", tick=False):
        assert tick().due == 1, "a new date is reached anew"
    assert Task.objects.filter(opportunity=deal).count() == 2


def test_a_custom_date_is_reached_too(actor: Actor, account: Account) -> None:
    CustomField.objects.create(record_type="account", key="renewal", kind="date", labels={"en": "Renewal"})
    create_account(actor, name="Without a date")
    edit_account(actor, account.pk, {"custom": {"renewal": "2026-12-31"}})
    rule_of("date_reached", "account", {"field": "custom.renewal", "days": -30})
    with time_machine.travel("2026-11-30T12:00:00Z", tick=False):
        assert tick().due == 0
    with time_machine.travel("2026-12-01T12:00:00Z", tick=False):
        assert tick().due == 1
        assert tick().due == 0
    assert str(RuleRun.objects.get().since_day) == "2026-12-31"


def test_a_rule_may_watch_how_long_a_deal_is_in_a_stage(
    actor: Actor, account: Account, stages: dict[str, Stage], later: Callable
) -> None:
    for stage in ("identified", "qualified"):
        create_opportunity(actor, name=stage, account=account.pk, stage=stages[stage].pk)
    rule_of("time_passed", "opportunity", {"since": "stage_since", "days": 7, "stages": ["qualified"]})
    with later(8):
        tick()
    assert list(Task.objects.values_list("opportunity__name", flat=True)) == ["qualified"]


def test_removed_records_are_left_in_peace(actor: Actor, account: Account, later: Callable) -> None:
    from penstock.crm.actions.accounts import remove_accounts

    rule_of("time_passed", "account", {"since": "created_at", "days": 5})
    remove_accounts(system(), [account.pk])
    with later(6):
        assert tick().due == 0


def test_the_company_says_after_how_many_days_a_target_is_idle(
    actor: Actor, company: Any, rules: dict[str, Rule], later: Callable
) -> None:
    company.alert_days = {"idle_target": 10}
    company.save()
    targets(actor, 1)
    with later(11):
        tick()
    assert Account.objects.get().status == "backlog"
    assert "idle for 10 days" in Stamp.objects.latest("id").reason


def test_a_tick_says_when_it_began_and_ended(company: object) -> None:
    report = tick()
    row = Clock.objects.get()
    assert (row.began_at, row.ended_at) == (report.began, report.ended)
    assert report.ended is not None
    assert report.began <= report.ended


def test_a_condition_that_cannot_be_decided_is_logged_once_and_asked_again_when_it_is_mended(
    actor: Actor, account: Account, later: Callable
) -> None:
    rule = rule_of("time_passed", "account", {"since": "created_at", "days": 5}, condition="employees / employees == 1")
    edit_account(actor, account.pk, {"employees": 0})
    with later(6):
        tick()
        tick()
        assert [(run.outcome, run.refusals[0]["code"]) for run in RuleRun.objects.all()] == [("undecided", "condition")]
        edit_rule(system(), rule.pk, {"condition": "employees == 0"})
        tick()
        tick()
    assert [run.outcome for run in RuleRun.objects.all()] == ["undecided", "done"]
    assert Task.objects.count() == 1
