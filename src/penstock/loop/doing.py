"""A rule at work: the records for which it acts, and as whom each action is called.

An action is called once for all the records together where there is a bulk verb, or once a record; either way under a key that
is the same however often the work is begun again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from penstock.crm.actions.actor import Actor, system
from penstock.crm.models import OutboxEvent
from penstock.crm.models.record import Record
from penstock.loop.due import Due
from penstock.loop.models import Rule


@dataclass(frozen=True)
class Item:
    """A record for which a rule's condition holds. event or due: what set the rule off; watched: the record that was watched;
    reason: in words, of the company's language."""

    record: Record
    reason: str
    event: OutboxEvent | None = None
    due: Due | None = None
    watched: Record | None = None
    rule_key: str = ""

    @property
    def key(self) -> str:
        """The key of the run."""
        if self.event is not None:
            return f"event:{self.rule_key}:{self.event.pk}"
        return self.due.key if self.due else f"dry:{self.rule_key}:{self.record.pk}"


@dataclass
class Doing:
    """One action of a rule for some records. number: its place in the rule from 0; keys: of the changes that were made, with the
    record that each was for (None: each its own)."""

    rule: Rule
    number: int
    settings: dict[str, Any]
    keys: dict[str, int | None] = field(default_factory=dict)

    def actor(self, item: Item) -> Actor:
        """As whom the action is called for one record."""
        key = f"rule:{item.key}:{self.number}"
        # A bulk verb numbers its parts; a verb that is called directly uses the key as it is.
        self.keys |= {key: item.record.pk, f"{key}:0": item.record.pk}
        return self._because(item).but(key=key, reason=item.reason)

    def actor_of_all(self, items: Sequence[Item]) -> Actor:
        """As whom a bulk verb is called; it makes one change, as there are never more than a thousand records."""
        first = items[0]
        key = f"rule:{first.key}:{self.number}:all"
        self.keys |= {key: None, f"{key}:0": None}
        return self._because(first).but(key=key, reason=first.reason)

    def _because(self, item: Item) -> Actor:
        if item.event is None:
            return system("clock").but(rule=self.rule.key)
        return system("rule").because_of(item.event.change_id, item.event.change.depth, rule=self.rule.key)
