"""An account goes around the loop by itself, and its record says why each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from penstock.crm.actions.account_status import set_status
from penstock.crm.actions.accounts import create_account, edit_account
from penstock.crm.actions.activities import log_activity
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.opportunities import create_opportunity, remove_opportunities
from penstock.crm.actions.stages import change_stage
from penstock.crm.actions.tasks import create_task
from penstock.crm.actions.writing import change
from penstock.crm.models import Account, Change, RecordChange, Stage, Stamp, Subscription, Task
from penstock.loop.clock import tick
from penstock.loop.models import Notification, Rule, RuleRun
from penstock.org.models import User

pytestmark = pytest.mark.usefixtures("rules")


def in_status(account: Account, status: str, until: datetime | None = None) -> Account:
    """The account, put into a status by hand."""
    set_status(system(), account.pk, status, reason="By hand", until=until)
    return now(account)


def now(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


@pytest.mark.parametrize(("kind", "expected"), [("call", "target"), ("email", "target"), ("note", "qualified_pool")])
def test_the_first_activity_makes_a_target_and_a_note_does_not(
    actor: Actor, account: Account, work: Callable, kind: str, expected: str
) -> None:
    in_status(account, "qualified_pool")
    log_activity(actor, kind=kind, account=account)
    work()
    assert now(account).status == expected


def test_a_change_by_a_rule_says_which_rule_why_and_because_of_which_change(
    actor: Actor, account: Account, work: Callable, stages: dict[str, Stage]
) -> None:
    in_status(account, "target")
    create_opportunity(actor, name="Fleet of pumps", account=account)
    work()
    stamp = Stamp.objects.filter(record_type="account", record_id=account.pk).last()
    assert stamp is not None
    assert (stamp.origin, stamp.target, stamp.reason) == ("target", "working", "because: an opportunity was opened")
    row = Change.objects.get(pk=stamp.change_id)
    assert (row.rule, row.source, row.depth) == ("opportunity_opened", "rule", 1)
    cause = row.caused_by
    assert cause is not None
    assert (cause.verb, cause.user) == ("create_opportunity", actor.user)


def test_a_won_deal_makes_a_customer_and_a_later_lost_one_does_not_unmake_it(
    actor: Actor, account: Account, work: Callable, stages: dict[str, Stage]
) -> None:
    won = create_opportunity(actor, name="Pumps", account=account, amount=100, close_date=date(2026, 12, 1))
    change_stage(actor, won.pk, stages["won"].pk)
    more = create_opportunity(actor, name="More pumps", account=account)
    change_stage(actor, more.pk, stages["lost"].pk, fields={"lost_reason": "price"})
    work()
    assert now(account).status == "customer"


@pytest.mark.parametrize(("reason", "days"), [("price", 180), ("competitor", 330), ("anything", 180)])
def test_only_the_last_lost_deal_leads_to_the_backlog_for_as_long_as_its_reason_says(
    actor: Actor, account: Account, work: Callable, stages: dict[str, Stage], reason: str, days: int
) -> None:
    deals = [create_opportunity(actor, name=f"Deal {number}", account=account) for number in range(2)]
    work()
    change_stage(actor, deals[0].pk, stages["lost"].pk, fields={"lost_reason": "budget"})
    work()
    assert now(account).status == "working"
    change_stage(actor, deals[1].pk, stages["lost"].pk, fields={"lost_reason": reason})
    work()
    found = now(account)
    assert found.status == "backlog"
    assert found.status_until is not None
    assert abs(found.status_until - timezone.now() - timedelta(days=days)) < timedelta(minutes=5)


def test_an_account_whose_only_deal_is_removed_is_a_target_again(
    actor: Actor, account: Account, work: Callable, stages: dict[str, Stage]
) -> None:
    deal = create_opportunity(actor, name="Deal", account=account)
    work()
    remove_opportunities(actor, [deal.pk])
    work()
    assert now(account).status == "target"


def test_an_idle_target_is_told_to_its_owner_and_goes_to_the_backlog_unless_a_task_lies_ahead(
    actor: Actor, rep: User, account: Account, later: Callable
) -> None:
    in_status(account, "target")
    busy = in_status(create_account(actor, name="Busy SA"), "target")
    create_task(actor, title="Call again", due_on=timezone.now().date() + timedelta(days=45), account=busy)
    with later(29):
        tick()
        assert {now(account).status, now(busy).status} == {"target"}
        assert not Notification.objects.exists()
    with later(31):
        tick()
        assert (now(account).status, now(busy).status) == ("backlog", "target")
        told = Notification.objects.filter(kind="idle_target").values_list("user", "record_id")
        assert set(told) == {(rep.pk, account.pk), (rep.pk, busy.pk)}
    with later(50):
        tick()
        assert now(busy).status == "backlog", "its task is past, so that nothing lies ahead"


@pytest.mark.parametrize(
    ("potential", "expected"), [("high", "qualified_pool"), ("low", "unqualified_pool"), ("", "unqualified_pool")]
)
def test_the_backlog_ends_on_its_date_by_potential(
    actor: Actor, account: Account, later: Callable, potential: str, expected: str
) -> None:
    edit_account(actor, account.pk, {"potential": potential})
    in_status(account, "backlog", until=timezone.now() + timedelta(days=10))
    with later(9):
        tick()
        assert now(account).status == "backlog"
    with later(11):
        tick()
        assert (now(account).status, now(account).status_until) == (expected, None)


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [("backlog", 180, "unqualified_pool"), ("churn", 180, "qualified_pool"), ("disqualified", 365, "unqualified_pool")],
)
def test_without_a_date_by_hand_each_state_still_leads_back(
    account: Account, later: Callable, status: str, days: int, expected: str
) -> None:
    in_status(account, status)
    with later(days - 1):
        tick()
        assert now(account).status == status
    with later(days + 1):
        tick()
        assert now(account).status == expected


def test_a_customer_churns_when_the_last_subscription_ends(actor: Actor, account: Account, later: Callable) -> None:
    today = timezone.now().date()
    in_status(account, "customer")
    for months in (1, 2):
        ends = today + timedelta(days=30 * months)
        with change(actor, "create_subscription") as writer:
            writer.create([Subscription(account=account, mrr=10_000, currency="EUR", starts_on=today, ends_on=ends)])
    with later(32):
        tick()
        assert now(account).status == "customer"
    with later(62):
        tick()
        assert now(account).status == "churn"


def test_a_customer_who_never_subscribed_stays_one(account: Account, later: Callable) -> None:
    in_status(account, "customer")
    with later(900):
        tick()
    assert now(account).status == "customer"


@pytest.mark.parametrize("changes", [{"business_kind": "b2c"}, {"employees": 3}])
def test_who_is_not_for_us_is_disqualified_at_creation_or_when_it_is_learned(
    actor: Actor, account: Account, work: Callable, changes: dict
) -> None:
    new = create_account(actor, name="Corner shop", **changes)
    edit_account(actor, account.pk, changes)
    work()
    assert (now(new).status, now(account).status) == ("disqualified", "disqualified")


def test_a_customer_is_not_disqualified(actor: Actor, account: Account, work: Callable) -> None:
    in_status(account, "customer")
    edit_account(actor, account.pk, {"employees": 2})
    work()
    assert now(account).status == "customer"


def test_an_unqualified_account_gets_a_task_and_is_qualified_once_its_potential_is_known(
    actor: Actor, rep: User, account: Account, work: Callable
) -> None:
    in_status(account, "target")
    in_status(account, "unqualified_pool")
    work()
    task = Task.objects.get(account=account)
    assert (task.owner, task.title) == (rep, "Find out its size and potential")
    edit_account(actor, account.pk, {"potential": "high"})
    work()
    assert now(account).status == "qualified_pool"


def test_the_log_keeps_what_was_before_and_after(account: Account, work: Callable, actor: Actor) -> None:
    in_status(account, "qualified_pool")
    log_activity(actor, kind="call", account=account)
    work()
    run = RuleRun.objects.get(rule__key="first_activity")
    assert (run.before["status"], run.after["status"], run.outcome) == ("qualified_pool", "target", "done")
    assert (run.record_type, run.record_id, run.reason) == ("account", account.pk, "because: a first activity was logged")


def test_a_rule_that_is_switched_off_does_nothing(actor: Actor, account: Account, work: Callable) -> None:
    in_status(account, "qualified_pool")
    Rule.objects.filter(key="first_activity").update(active=False)
    log_activity(actor, kind="call", account=account)
    assert work() == []
    assert now(account).status == "qualified_pool"
    assert not RecordChange.objects.filter(change__rule="first_activity").exists()
