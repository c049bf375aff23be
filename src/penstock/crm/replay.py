"""Does the history replay to the state? The checks of records against their own past, each naming every offender.

Used by `penstock verify` and at the end of every test of an action.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from penstock.crm.actions.history import FACTS, plain
from penstock.crm.models import Opportunity, OpportunityVersion, RecordChange
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_models, record_type

_MIRRORED = ("created_at", "removed_at", "closed_at", "custom")
_AT_ONCE = 2_000


@dataclass(frozen=True)
class Offender:
    """A record whose history and state disagree: which check, which record, and how."""

    check: str
    record_type: str
    record_id: int
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.record_type} {self.record_id}: {self.text}"


def offenders() -> Iterator[Offender]:
    """Every disagreement between the records and their history."""
    for model in record_models():
        yield from changes_replay(model)
    yield from versions_replay()


def versions_replay() -> Iterator[Offender]:
    """The last version, by (effective_at, id), of each opportunity is its state."""
    last: dict[int, OpportunityVersion] = {}
    for version in OpportunityVersion.objects.order_by("opportunity_id", "effective_at", "id").iterator(_AT_ONCE):
        last[version.opportunity_id] = version
    for deal in Opportunity.objects.order_by("pk").iterator(_AT_ONCE):
        if deal.pk not in last:
            yield Offender("versions", "opportunity", deal.pk, "it has no version")
            continue
        version = last.pop(deal.pk)
        for name in (*FACTS, *_MIRRORED):
            state, past = getattr(deal, name), getattr(version, name)
            if state != past:
                yield Offender("versions", "opportunity", deal.pk, f"{name} is {state!r}, its last version says {past!r}")
    for pk in last:
        yield Offender("versions", "opportunity", pk, "it has versions and no record")


def changes_replay(model: type[Record]) -> Iterator[Offender]:
    """The field changes of each record, in their order, lead from nothing to its state, and each begins where the last ended."""
    kind = record_type(model)
    replayed: dict[int, dict[str, Any]] = {}
    for row in RecordChange.objects.filter(record_type=kind).order_by("record_id", "id").iterator(_AT_ONCE):
        state = replayed.setdefault(row.record_id, {})
        for name, (before, after) in row.fields.items():
            if row.operation != "create" and not _same(state.get(name), before):
                text = f"a change of {name} began from {before!r}, not from {state.get(name)!r}"
                yield Offender("changes", kind, row.record_id, text)
            state[name] = after
    names = [one.attname for one in model._meta.concrete_fields if one.attname not in ("id", "revision", "name_key")]
    for record in model._default_manager.order_by("pk").iterator(_AT_ONCE):
        past = replayed.pop(record.pk, None)
        if past is None:
            yield Offender("changes", kind, record.pk, "it has no history")
            continue
        for name in names:
            if not _same(past.get(name), plain(getattr(record, name))):
                text = f"{name} is {getattr(record, name)!r}, its history says {past.get(name)!r}"
                yield Offender("changes", kind, record.pk, text)
    for pk in replayed:
        yield Offender("changes", kind, pk, "it has a history and no record")


def _same(one: Any, other: Any) -> bool:
    empty: tuple[Any, ...] = (None, "", [], {})
    return one == other or (one in empty and other in empty)
