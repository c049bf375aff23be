"""The outbox: every event is handed to every subscriber, once in effect, and in order for each record.

An event that concerns a subscriber is handled in one transaction: its row is locked, the subscribers do what they do, the row
is marked, commit. A worker that dies takes all of it back. A subscriber therefore only writes to the database; what is to leave
the house it writes down as a row of its own (a webhook's call, an e-mail), which is sent later under that row's key.

An event waits while an earlier one of the same record does: one that fails holds back what came after it on that record, until it
is handled or given up. Other records go on.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from penstock.crm.models import OutboxEvent
from penstock.worker import subscribers
from penstock.worker.backoff import ATTEMPTS, next_attempt
from penstock.worker.subscribers import Subscriber
from penstock.worker.turns import Turns

log = logging.getLogger("penstock.worker.outbox")
KEPT = timedelta(days=7)
_AT_ONCE = 200


def drain(stop: Callable[[], bool] = lambda: False) -> int:
    """Handle every event that is due, and those that come of them; returns how many were handled or given up.

    stop: asked before each event.
    """
    settled = 0
    turns = Turns()
    while not stop():
        batch = list(_due()[:_AT_ONCE])
        asked = [(one, one.concerned()) for one in subscribers.SUBSCRIBERS]
        concerning = {event.pk: [one for one, concerned in asked if concerned(event)] for event in batch}
        progress = _pass_over([pk for pk, concerned in concerning.items() if not concerned])
        for pk, concerned in concerning.items():
            if stop():
                break
            if concerned:
                progress += _handle(pk, concerned)
            turns.give_way()
        settled += progress
        # What is left is held by another worker, or has failed and waits for its next attempt.
        if not progress:
            break
    return settled


def waiting() -> int:
    """How many events are still to be handled, whether or not they are due."""
    return _waiting().count()


def failed() -> QuerySet[OutboxEvent]:
    """The events that were given up, the oldest first; `error` says why."""
    return OutboxEvent.objects.filter(failed_at__isnull=False).order_by("id")


def retry(ids: Sequence[int] | None = None) -> int:
    """Let events that were given up (all, or those of these ids) be tried again from now on; returns how many those are."""
    given_up = failed() if ids is None else failed().filter(pk__in=ids)
    return given_up.update(failed_at=None, attempts=0, not_before=None)


def prune(now: datetime | None = None) -> int:
    """Delete the events that were handled more than seven days ago; returns how many."""
    deleted, _ = OutboxEvent.objects.filter(handled_at__lt=(now or timezone.now()) - KEPT).delete()
    return deleted


def _waiting() -> QuerySet[OutboxEvent]:
    return OutboxEvent.objects.filter(handled_at__isnull=True, failed_at__isnull=True)


def _in_time() -> QuerySet[OutboxEvent]:
    return _waiting().filter(Q(not_before__isnull=True) | Q(not_before__lte=timezone.now()))


def _due() -> QuerySet[OutboxEvent]:
    earlier = _waiting().filter(record_type=OuterRef("record_type"), record_id=OuterRef("record_id"), pk__lt=OuterRef("pk"))
    return _in_time().filter(~Exists(earlier.order_by())).order_by("id")


def _pass_over(ids: Sequence[int]) -> int:
    """Mark events that concern nobody; returns how many."""
    with transaction.atomic():
        free = _in_time().filter(pk__in=ids).select_for_update(skip_locked=True).values_list("pk", flat=True)
        return OutboxEvent.objects.filter(pk__in=list(free)).update(handled_at=timezone.now()) if ids else 0


def _handle(pk: int, concerned: Sequence[Subscriber]) -> bool:
    """Handle one event, unless another worker holds it or has handled it; returns whether it is done with now."""
    with transaction.atomic():
        query = _in_time().filter(pk=pk).select_related("change")
        event = query.select_for_update(of=("self",), skip_locked=True).first()
        if event is None:
            return False
        try:
            with transaction.atomic():
                for one in concerned:
                    one.handle(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept with the event, and the others go on
            return _put_off(event, error)
        OutboxEvent.objects.filter(pk=pk).update(handled_at=timezone.now(), error="")
    log.info("event handled", extra={"event": pk, "topic": event.topic, "record": f"{event.record_type} {event.record_id}"})
    return True


def _put_off(event: OutboxEvent, error: Exception) -> bool:
    """Keep the error; returns whether the event is given up."""
    attempts = event.attempts + 1
    given_up = attempts >= ATTEMPTS
    OutboxEvent.objects.filter(pk=event.pk).update(
        attempts=attempts,
        not_before=None if given_up else next_attempt(attempts),
        failed_at=timezone.now() if given_up else None,
        error="".join(traceback.format_exception(error)),
    )
    level = logging.ERROR if given_up else logging.WARNING
    told = {"event": event.pk, "topic": event.topic, "attempts": attempts, "given_up": given_up}
    log.log(level, "event failed", extra=told, exc_info=error)
    return given_up
