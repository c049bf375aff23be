"""An account's way through the loop is stamped, live and from an import."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from penstock.crm.actions.account_status import set_status, set_statuses
from penstock.crm.actions.accounts import create_accounts
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.imported_statuses import Entry, import_account_histories
from penstock.crm.models import Account, OutboxEvent, Stamp
from penstock.crm.refusals import InvalidInput


def stamps(account: int) -> list[tuple[str, str, int | None, str]]:
    rows = Stamp.objects.filter(record_type="account", record_id=account).order_by("at", "id")
    return list(rows.values_list("origin", "target", "seconds", "reason"))


def test_a_status_is_entered_with_its_reason_and_its_time(actor: Actor, account: Account) -> None:
    until = datetime.now(UTC) + timedelta(days=90)
    record = set_status(actor, account.pk, "backlog", until=until, reason="No answer")
    assert (record.status, record.status_until) == ("backlog", until)
    entered = record.status_since
    same = set_status(actor, account.pk, "backlog", until=until + timedelta(days=1), reason="Longer")
    assert same.status_since == entered
    assert [(origin, target, reason) for origin, target, _, reason in stamps(account.pk)] == [
        ("", "unqualified_pool", ""),
        ("unqualified_pool", "backlog", "No answer"),
    ]


def test_a_status_that_is_none_or_a_time_that_is_over_is_refused(actor: Actor, account: Account) -> None:
    with pytest.raises(InvalidInput, match="Choose one of"):
        set_status(actor, account.pk, "lost", reason="")
    with pytest.raises(InvalidInput, match="later"):
        set_status(actor, account.pk, "backlog", until=datetime.now(UTC) - timedelta(days=1), reason="")
    with pytest.raises(InvalidInput, match="later than that"):
        set_status(actor.but(at=account.status_since - timedelta(days=1)), account.pk, "target", reason="")


def test_many_enter_at_once_each_until_its_own_time(actor: Actor) -> None:
    ids = create_accounts(actor, [{"name": f"Company {n}"} for n in range(3)]).done
    later = datetime.now(UTC) + timedelta(days=9)
    outcome = set_statuses(actor, [*ids, 999_999], "backlog", until={ids[0]: later}, reason="Quiet")
    assert outcome.done == ids
    assert set(outcome.refused) == {999_999}
    assert list(Account.objects.order_by("pk").values_list("status_until", flat=True)) == [later, None, None]


def test_a_past_in_the_loop_is_imported_with_its_durations(importer: Actor, actor: Actor, past: datetime) -> None:
    day = timedelta(days=1)
    one, two = create_accounts(importer, [{"name": "One"}, {"name": "Two"}], at=[past, past]).done
    events = OutboxEvent.objects.count()
    outcome = import_account_histories(
        importer.but(quiet=True),
        [
            (one, [(past + day, "target", "Fits"), Entry(past + 3 * day, "working", "Answered", past + 30 * day)]),
            (two, [(past + 3 * day, "target", ""), (past + day, "working", "")]),
        ],
    )
    assert outcome.done == [one]
    assert set(outcome.refused) == {two}
    record = Account.objects.get(pk=one)
    assert (record.status, record.status_since, record.status_until) == ("working", past + 3 * day, past + 30 * day)
    assert stamps(one)[1:] == [
        ("unqualified_pool", "target", 86_400, "Fits"),
        ("target", "working", 2 * 86_400, "Answered"),
    ]
    assert OutboxEvent.objects.count() == events
    with pytest.raises(InvalidInput, match="import"):
        import_account_histories(actor, [(one, [])])
