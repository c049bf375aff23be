"""Bulk forms: many records, a thousand a transaction, with what was done and what was refused."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction

from penstock.crm.actions.actor import Actor
from penstock.crm.models import Change, ChangeOutcome
from penstock.crm.refusals import AlreadyDone, Refusal

T = TypeVar("T")
AT_ONCE = 1_000


@dataclass
class Outcome:
    """What a bulk action did. done: ids; refused: id (or row number) -> why."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        """Add what another part did."""
        self.done += other.done
        self.refused |= other.refused


def in_chunks(items: Sequence[T], actor: Actor, act: Callable[[Actor, Sequence[T]], Outcome], *, size: int = AT_ONCE) -> Outcome:
    """Call `act` with a thousand items at a time, each in a transaction of its own, and add up what they did.

    Where the actor has a key, each part has its own, so that a call that was interrupted is repeated safely: a part that was
    done before is not done again, and counts with what it did and refused then.
    """
    total = Outcome()
    for number, part in enumerate(_parts(items, size)):
        with _without_collection():
            if actor.key is None:
                total.add(act(actor, part))
            else:
                total.add(_once(actor.but(key=f"{actor.key}:{number}"), part, act))
    return total


@contextmanager
def _without_collection() -> Iterator[None]:
    """Python looks for no circles among objects while a part is written: its rows form none, and looking doubles the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _once(actor: Actor, part: Sequence[T], act: Callable[[Actor, Sequence[T]], Outcome]) -> Outcome:
    try:
        with transaction.atomic():
            outcome = act(actor, part)
            _keep(actor, outcome)
    except AlreadyDone as earlier:
        return _earlier(earlier)
    return outcome


def _keep(actor: Actor, outcome: Outcome) -> None:
    """Write what a part did beside its change, which was written before that was known and is never changed."""
    refused = [[pk, refusal.code, refusal.message, refusal.details] for pk, refusal in outcome.refused.items()]
    for change in Change.objects.filter(key=actor.key).values_list("pk", flat=True):
        ChangeOutcome(change_id=change, outcome={"done": outcome.done, "refused": refused}).save(force_insert=True)


def _earlier(earlier: AlreadyDone) -> Outcome:
    kept = ChangeOutcome.objects.filter(change=earlier.change_id).first()
    if kept is None:
        return Outcome(done=list(earlier.result.get("done", [])))
    outcome = Outcome(done=kept.outcome["done"])
    for pk, code, message, details in kept.outcome["refused"]:
        refusal = Refusal(message, **details)
        refusal.code = code
        outcome.refused[pk] = refusal
    return outcome


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
