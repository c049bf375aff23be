"""What stands still, is late or is missing is told once while it lasts, and is over when it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from penstock.crm.actions.account_status import set_status
from penstock.crm.actions.accounts import create_account
from penstock.crm.actions.activities import log_activity
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.actions.stages import change_stage
from penstock.crm.actions.writing import change
from penstock.crm.models import Account, Criterion, Opportunity, Stage, Subscription
from penstock.loop.alerts import refresh
from penstock.loop.clock import tick
from penstock.loop.models import Notification, Rule
from penstock.loop.notifying import inbox, mark_read, text
from penstock.loop.thresholds import USUAL
from penstock.org.company import today
from penstock.org.models import Company, Team, User

WITH_STEP = {"next_step": "Call", "next_step_on": None}


@pytest.fixture
def deal(actor: Actor, account: Account, stages: dict[str, Stage]) -> Opportunity:
    """A deal for which all is well for a while."""
    close = today() + timedelta(days=60)
    return create_opportunity(actor, name="Pumps", account=account.pk, amount=100, close_date=close, next_step="Call")


def kinds(user: User) -> list[str]:
    return sorted(inbox(user).values_list("kind", flat=True))


def only(company: Company, *wanted: str) -> None:
    """Switch every other kind of alert off."""
    company.alert_days = {kind: None for kind in USUAL if kind not in wanted}
    company.save()


def test_a_deal_without_a_touch_is_told_once_while_it_lasts_and_is_over_after_one(
    actor: Actor, rep: User, deal: Opportunity, later: Callable
) -> None:
    with later(13):
        refresh()
        assert kinds(rep) == []
    with later(15):
        assert (refresh().told, refresh().told) == (1, 0)
        assert kinds(rep) == ["idle_opportunity"]
        log_activity(actor, kind="call", opportunity=deal.pk)
        assert refresh().resolved == 1
        assert kinds(rep) == []
    with later(35):
        assert refresh().told == 1, "it has become idle anew"
    assert Notification.objects.count() == 2


def test_a_close_date_that_has_passed(actor: Actor, rep: User, company: Company, deal: Opportunity, later: Callable) -> None:
    only(company, "overdue_close")
    edit_opportunity(actor, deal.pk, {"close_date": today()})
    refresh()
    assert kinds(rep) == []
    with later(1):
        refresh()
        assert kinds(rep) == ["overdue_close"]
        edit_opportunity(actor, deal.pk, {"close_date": today() + timedelta(days=9)})
        refresh()
        assert kinds(rep) == []


@pytest.mark.parametrize("step", [{"next_step": ""}, {"next_step": "Call", "next_step_on": "yesterday"}])
def test_a_missing_next_step_or_one_whose_day_has_passed(
    actor: Actor, rep: User, company: Company, deal: Opportunity, later: Callable, step: dict
) -> None:
    only(company, "missing_next_step")
    day = today() - timedelta(days=1) if "next_step_on" in step else None
    edit_opportunity(actor, deal.pk, step | {"next_step_on": day})
    with later(2):
        refresh()
        assert kinds(rep) == [], "a new deal is given three days"
    with later(4):
        refresh()
        assert kinds(rep) == ["missing_next_step"]
        edit_opportunity(actor, deal.pk, {"next_step": "Demo", "next_step_on": today()})
        refresh()
        assert kinds(rep) == []


def test_a_deal_in_a_stage_whose_gate_it_does_not_meet(
    actor: Actor, rep: User, company: Company, deal: Opportunity, stages: dict[str, Stage]
) -> None:
    only(company, "gate_debt")
    change_stage(actor, deal.pk, stages["qualified"].pk)
    refresh()
    assert kinds(rep) == []
    # The gate is made stricter after the deal came through it.
    label = {"en": "Say what they need", "fr": "Dire le besoin"}
    Criterion.objects.create(stage=stages["qualified"], key="need", kind="field", field="need", label=label)
    refresh()
    assert kinds(rep) == ["gate_debt"]
    told = text(inbox(rep).get(), "en")
    assert told.startswith("Pumps stands in Qualified and lacks: ")
    assert "need" in told
    edit_opportunity(actor, deal.pk, {"need": "Less noise"})
    refresh()
    assert kinds(rep) == []


def test_a_renewal_is_near_unless_another_subscription_follows(
    actor: Actor, rep: User, company: Company, account: Account, later: Callable
) -> None:
    only(company, "renewal_near")
    ends = today() + timedelta(days=100)
    rows = [Subscription(account=account, mrr=1, currency="EUR", starts_on=today() - timedelta(days=265), ends_on=ends)]
    with change(actor, "set_up") as writer:
        writer.create(rows)
    refresh()
    assert kinds(rep) == []
    with later(11):
        refresh()
        assert kinds(rep) == ["renewal_near"]
        assert text(inbox(rep).get(), "it") == f"Lac Bleu SA: un abbonamento termina il {ends}."
        with change(actor, "renew") as writer:
            writer.create([Subscription(account=account, mrr=1, currency="EUR", starts_on=ends, ends_on=None)])
        refresh()
        assert kinds(rep) == []


def test_an_idle_target_is_told_by_its_rule_and_is_over_with_the_next_touch(
    actor: Actor, rep: User, account: Account, rules: dict[str, Rule], later: Callable
) -> None:
    Rule.objects.filter(key="idle_target_to_backlog").update(active=False)
    set_status(system(), account.pk, "target", reason="")
    with later(31):
        refresh()
        assert kinds(rep) == [], "the rule tells it"
        tick()
        assert kinds(rep) == ["idle_target"]
        refresh()
        assert kinds(rep) == ["idle_target"]
        log_activity(actor, kind="call", account=account.pk)
        refresh()
        assert kinds(rep) == []


def test_each_sees_only_what_is_theirs_and_marks_only_that(
    rep: User, other_rep: User, deal: Opportunity, later: Callable
) -> None:
    with later(15):
        refresh()
    found = inbox(rep).get()
    assert not inbox(other_rep).exists()
    assert mark_read(other_rep, [found.pk]) == 0
    assert mark_read(rep, [found.pk]) == 1
    assert not inbox(rep, unread=True).exists()
    assert inbox(rep).exists()


def test_the_manager_is_told_where_the_owner_has_left(
    rep: User, other_rep: User, team: Team, deal: Opportunity, later: Callable
) -> None:
    Team.objects.filter(pk=team.pk).update(manager=other_rep)
    User.objects.filter(pk=rep.pk).update(is_active=False)
    with later(15):
        refresh()
    assert kinds(other_rep) == ["idle_opportunity"]


def test_what_is_closed_or_removed_is_not_alerted(
    actor: Actor, rep: User, deal: Opportunity, stages: dict[str, Stage], later: Callable
) -> None:
    with later(100):
        refresh()
        assert len(kinds(rep)) == 2
        change_stage(actor, deal.pk, stages["won"].pk)
        refresh()
        assert kinds(rep) == []


def test_alerts_are_few_questions_however_many_records(
    actor: Actor, rep: User, account: Account, stages: dict[str, Stage], later: Callable, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        create_opportunity(actor, name=f"Deal {number}", account=account.pk)
        set_status(system(), create_account(actor, name=f"Account {number}").pk, "target", reason="")
    with later(40), django_assert_max_num_queries(80):
        refresh()
    assert inbox(rep).count() == 60
