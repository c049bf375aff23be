"""What recurs: each slot is taken up once, however many workers there are; of those missed while none ran, the last one.

The clock does its work here and now, and catches up by itself; everything else puts a job into the queue, in the transaction that
marks the slot, under the slot's key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django_tasks.base import Task

from penstock.loop import clock
from penstock.org.models import Company
from penstock.worker import jobs, queue
from penstock.worker.models import PeriodicSlot

log = logging.getLogger("penstock.worker.schedule")


@dataclass(frozen=True)
class Periodic:
    """Something that recurs. every: the distance of its slots; at: instead, the hour of the company's day.

    job: what is enqueued; without one, `act` is called. from_the_start: not only from the first slot after it was first seen.
    """

    name: str
    every: timedelta = timedelta(days=1)
    at: time | None = None
    job: Task[Any, Any] | None = None
    act: Callable[[datetime], object] | None = None
    from_the_start: bool = False


PERIODIC = (
    Periodic("clock", every=timedelta(minutes=1), act=clock.tick, from_the_start=True),
    Periodic("digests", every=timedelta(hours=1), job=jobs.mail_digests),
    Periodic("mirror", every=timedelta(hours=1), job=jobs.refresh_mirror),
    Periodic("learning", at=time(2, 30), job=jobs.learn_probabilities),
    Periodic("prune", at=time(4, 0), job=jobs.prune),
)


def step(now: datetime | None = None) -> int:
    """Take up every slot that has come and was not taken up; returns how many."""
    moment = now or timezone.now()
    if not Company.objects.exists():
        return 0  # Nothing is set up yet.
    known = dict(PeriodicSlot.objects.values_list("name", "slot"))
    taken = 0
    for one in PERIODIC:
        slot = slot_of(one, moment)
        last = known.get(one.name)
        if (last is None or last < slot) and _take(one, slot):
            taken += 1
            if one.act is not None:
                log.info("periodic begun", extra={"periodic": one.name, "slot": slot.isoformat()})
                one.act(moment)
    return taken


def slot_of(one: Periodic, now: datetime) -> datetime:
    """The last slot that has come at `now`."""
    if one.at is None:
        since = now - datetime(2000, 1, 1, tzinfo=now.tzinfo)
        return now - since % one.every
    zone = ZoneInfo(Company.objects.values_list("time_zone", flat=True).get(pk=1))
    today = now.astimezone(zone).date()
    slots = [datetime.combine(day, one.at, tzinfo=zone).astimezone(now.tzinfo) for day in (today - timedelta(days=1), today)]
    return max(slot for slot in slots if slot <= now)


def _take(one: Periodic, slot: datetime) -> bool:
    """Mark a slot as taken up, and enqueue its job; returns whether it is for the caller to call `act`, or was enqueued.

    What is called and not enqueued is marked first: of a worker that dies then, the next slot does the work.
    """
    with transaction.atomic():
        row, new = PeriodicSlot.objects.get_or_create(name=one.name)
        row = PeriodicSlot.objects.select_for_update().get(pk=row.pk)
        if row.slot is not None and row.slot >= slot:
            return False
        row.slot = slot
        row.save(update_fields=["slot"])
        if new and not one.from_the_start:
            return False
        if one.job is not None:
            queue.enqueue(one.job, f"{one.name}:{slot.isoformat()}")
    return True
