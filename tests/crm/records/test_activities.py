"""Activities: linked to what they are about, never in the future, and the account knows of the last one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from penstock.crm.actions.accounts import create_account, edit_account
from penstock.crm.actions.activities import edit_activity, log_activities, log_activity, remove_activities, restore_activities
from penstock.crm.actions.actor import Actor
from penstock.crm.models import Account, Activity, Contact, Opportunity, RecordChange
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

HOUR = timedelta(hours=1)


def last(account: Account) -> datetime | None:
    return Account.objects.get(pk=account.pk).last_activity_at


def test_a_deal_and_a_contact_bring_their_account(actor: Actor, account: Account, contact: Contact, deal: Opportunity) -> None:
    of_deal = log_activity(actor, kind="call", opportunity=deal.pk, duration=120, direction="out")
    of_contact = log_activity(actor, kind="email", contact=contact.pk)
    assert of_deal.account_id == of_contact.account_id == account.pk
    assert of_deal.owner == actor.user
    other = create_account(actor, name="Another")
    with pytest.raises(InvalidInput, match="another account"):
        log_activity(actor, kind="call", opportunity=deal.pk, account=other.pk)


def test_an_activity_is_not_in_the_future_and_has_a_kind(actor: Actor) -> None:
    with pytest.raises(InvalidInput, match="still to come"):
        log_activity(actor, kind="call", at=datetime.now(UTC) + HOUR)
    with pytest.raises(InvalidInput) as refused:
        log_activity(actor, kind="telegram", direction="up", duration=-1)
    assert set(refused.value.faults) == {"kind", "direction", "duration"}
    assert not Activity.objects.exists()


def test_the_account_knows_when_the_last_activity_was(actor: Actor, account: Account, past: datetime) -> None:
    early = log_activity(actor, kind="call", at=past, account=account.pk)
    late = log_activity(actor, kind="call", at=past + HOUR, account=account.pk)
    log_activity(actor, kind="note", at=past - HOUR, account=account.pk)
    assert last(account) == past + HOUR
    edit_activity(actor, early.pk, {"at": past + 2 * HOUR})
    assert last(account) == past + 2 * HOUR
    remove_activities(actor, [early.pk])
    assert last(account) == past + HOUR
    other = create_account(actor, name="Another")
    edit_activity(actor, late.pk, {"account": other.pk})
    assert (last(account), last(other)) == (past - HOUR, past + HOUR)
    restore_activities(actor, [early.pk])
    assert last(account) == past + 2 * HOUR


def test_an_activity_does_not_stand_in_the_way_of_who_edits_the_account(actor: Actor, account: Account) -> None:
    log_activity(actor, kind="call", account=account.pk)
    assert edit_account(actor, account.pk, {"phone": "1"}, revision=1).phone == "1"


def test_a_corrected_activity_follows_its_deal(actor: Actor, account: Account, deal: Opportunity) -> None:
    other = create_account(actor, name="Another")
    record = log_activity(actor, kind="call", account=other.pk)
    assert edit_activity(actor, record.pk, {"opportunity": deal.pk}).account_id == account.pk
    with pytest.raises(InvalidInput, match="still to come"):
        edit_activity(actor, record.pk, {"at": datetime.now(UTC) + HOUR})


def test_many_are_logged_at_once(actor: Actor, importer: Actor, rep: User, account: Account, past: datetime) -> None:
    rows = [{"kind": "call", "at": past + n * HOUR, "account": account.pk, "owner": rep.pk} for n in range(1200)]
    rows[5] = {"kind": "call", "at": datetime.now(UTC) + HOUR}
    rows[1100] = {"kind": "call", "account": 999_999}
    outcome = log_activities(importer, rows)
    assert set(outcome.refused) == {5, 1100}
    assert len(outcome.done) == Activity.objects.count() == 1198
    assert last(account) == past + 1199 * HOUR
    assert set(Activity.objects.values_list("owner", flat=True)) == {rep.pk}
    first = Activity.objects.order_by("at")[0]
    assert (first.created_at, first.at) == (past, past)
    log_activities(actor, [{"kind": "call", "at": past}])
    logged = Activity.objects.latest("pk")
    assert logged.created_at > past
    assert RecordChange.objects.filter(record_type="activity").count() == 1199
