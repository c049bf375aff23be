"""Bulk forms: many records, a thousand a transaction, with what was done and what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from penstock.crm.actions.actor import Actor
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

    Where the actor has a key, each part has its own, so that a call that was interrupted is repeated safely: parts that were
    done before are counted as done and not done again.
    """
    total = Outcome()
    for number, part in enumerate(_parts(items, size)):
        own = actor if actor.key is None else actor.but(key=f"{actor.key}:{number}")
        try:
            total.add(act(own, part))
        except AlreadyDone as earlier:
            total.done += earlier.result.get("done", [])
    return total


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
