"""Every event reaches its subscribers, in order for each record, and once in effect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from penstock.crm.actions.accounts import create_account, edit_account
from penstock.crm.actions.actor import Actor, system
from penstock.crm.models import Account, OutboxEvent, Task
from penstock.loop.actions import create_rule
from penstock.loop.models import RuleRun
from penstock.worker import outbox, subscribers
from penstock.worker.backoff import ATTEMPTS
from penstock.worker.subscribers import Subscriber
from tests.worker.listening import Killed, Listener, die, everything


def later(hours: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True)


def test_events_that_concern_nobody_are_marked_without_being_handed_out(
    two: tuple[Account, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    first, second = two

    def concerned() -> Callable[[OutboxEvent], bool]:
        return lambda event: event.record_id == second.pk

    def hear(event: OutboxEvent) -> None:
        listener.heard.append((event.topic, event.record_id))

    monkeypatch.setattr(subscribers, "SUBSCRIBERS", (Subscriber(hear, concerned),))
    assert outbox.drain() == 6
    assert listener.of(first.pk) == []
    assert listener.of(second.pk) == ["account.create", "account.change", "account.change"]


@pytest.fixture
def two(actor: Actor) -> tuple[Account, Account]:
    """Two accounts, each created and changed twice."""
    made = create_account(actor, name="Lac Bleu SA"), create_account(actor, name="Rio Verde SpA")
    for phone in ("+33 1 00 00 00 01", "+33 1 00 00 00 02"):
        for one in made:
            edit_account(actor, one.pk, {"description": phone})
    return made


def test_events_are_handled_once_and_in_order(two: tuple[Account, Account], heard: Listener) -> None:
    assert outbox.drain() == 6
    for one in two:
        assert heard.of(one.pk) == ["account.create", "account.change", "account.change"]
    assert outbox.waiting() == 0
    assert outbox.drain() == 0


def test_a_failing_event_holds_back_its_own_record_alone(two: tuple[Account, Account], heard: Listener) -> None:
    first, second = two
    heard.fails = lambda event: event.record_id == first.pk and event.topic == "account.create"
    assert outbox.drain() == 3
    assert heard.of(first.pk) == []
    assert len(heard.of(second.pk)) == 3
    event = OutboxEvent.objects.get(record_id=first.pk, topic="account.create")
    assert event.attempts == 1
    assert "nobody answers for account.create" in event.error
    assert event.not_before is not None
    assert event.not_before > timezone.now()
    # It is not tried again before its time, and then everything comes in order.
    heard.fails = lambda event: False
    assert outbox.drain() == 0
    with later(1):
        assert outbox.drain() == 3
    assert heard.of(first.pk) == ["account.create", "account.change", "account.change"]


def test_the_wait_grows_and_in_the_end_an_event_is_given_up(two: tuple[Account, Account], heard: Listener) -> None:
    first, _ = two
    heard.fails = lambda event: event.record_id == first.pk and event.topic == "account.create"
    waits = []
    for attempt in range(ATTEMPTS):
        with later(2 * attempt):
            outbox.drain()
            event = OutboxEvent.objects.get(record_id=first.pk, topic="account.create")
            assert event.attempts == attempt + 1
            if event.not_before:
                waits.append((event.not_before - timezone.now()).total_seconds())
    assert waits[0] < 10
    assert waits[0] < waits[1] < waits[2] < waits[3]
    assert max(waits) <= 5_400
    # What was given up holds nothing back any more, and is shown.
    assert [one.pk for one in outbox.failed()] == [event.pk]
    assert "ConnectionError" in outbox.failed()[0].error
    assert heard.of(first.pk) == ["account.change", "account.change"]
    heard.fails = lambda event: False
    assert outbox.retry() == 1
    assert outbox.drain() == 1
    assert not outbox.failed()
    assert heard.of(first.pk)[-1] == "account.create"


def test_only_the_named_ones_are_retried(two: tuple[Account, Account]) -> None:
    ids = list(OutboxEvent.objects.order_by("pk").values_list("pk", flat=True)[:2])
    OutboxEvent.objects.filter(pk__in=ids).update(failed_at=timezone.now(), attempts=ATTEMPTS)
    assert outbox.retry(ids[1:]) == 1
    assert [one.pk for one in outbox.failed()] == ids[:1]


def test_a_worker_that_dies_between_effect_and_marking_does_nothing_twice(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    create_rule(
        system(),
        {
            "names": {"en": "Call new accounts"},
            "trigger": "record_created",
            "record_type": "account",
            "actions": [{"do": "create_task", "title": {"en": "Call them"}}],
        },
    )
    account = create_account(actor, name="Lac Bleu SA")
    event = OutboxEvent.objects.get(record_type="account", record_id=account.pk)
    with monkeypatch.context() as dying:
        dying.setattr(subscribers, "SUBSCRIBERS", (*subscribers.SUBSCRIBERS, Subscriber(die, everything)))
        with pytest.raises(Killed):
            outbox.drain()
    assert Task.objects.count() == 0, "what the dying worker did was taken back with it"
    outbox.drain()
    assert Task.objects.count() == 1
    # And where an effect was committed without the mark, it is not repeated either.
    OutboxEvent.objects.filter(pk=event.pk).update(handled_at=None)
    assert outbox.drain() == 1
    assert Task.objects.count() == RuleRun.objects.count() == 1


def test_handled_events_go_after_a_week(two: tuple[Account, Account], heard: Listener) -> None:
    outbox.drain()
    assert outbox.prune() == 0
    with later(24 * 8):
        assert outbox.prune() == 6
    assert OutboxEvent.objects.count() == 0
