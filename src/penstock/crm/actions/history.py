"""History of a change: field by field, versions, stamps and outbox rows. Only the writer calls this."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import Field

from penstock.crm.actions import rows
from penstock.crm.models import (
    Account,
    CampaignMember,
    Lead,
    Opportunity,
    OpportunityVersion,
    OutboxEvent,
    RecordChange,
    Stage,
    Stamp,
)
from penstock.crm.models.opportunity import OpportunityFacts
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type

if TYPE_CHECKING:
    from penstock.crm.actions.writing import Writer

# What is stamped: per kind of record, the field entered, what it is called, and the field that says since when.
STAMPED: dict[type[Record], tuple[tuple[str, str, str | None], ...]] = {
    Opportunity: (("stage_id", "stage", "stage_since"), ("status", "status", None)),
    Account: (("status", "status", "status_since"),),
    Lead: (("status", "status", "status_since"),),
    CampaignMember: (("status", "status", "status_since"),),
}
# Derived from other fields or records, or counted: no history is kept of these.
UNTOLD = frozenset({"id", "revision", "name_key", "last_activity_at"})
_TEXTS_AND_LISTS = (str, list, dict)
FACTS = tuple(one.attname for one in OpportunityFacts._meta.get_fields() if isinstance(one, Field))
_MIRRORED = ("created_at", "removed_at", "closed_at", "custom", "revision")


@dataclass
class Touched:
    """A record that a change has created or changed. before: the values that were replaced; at: when it became true."""

    record: Record
    at: datetime
    created: bool = False
    before: dict[str, Any] = field(default_factory=dict)

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Field -> (before, after), of the fields that differ in the end."""
        found = {}
        for name, old in self.before.items():
            new = getattr(self.record, name)
            if new != old:
                found[name] = (old, new)
        return found

    def as_it_was(self) -> Record:
        """The record before this change, or the record itself where nothing was set yet."""
        if not self.before:
            return self.record
        past = copy(self.record)
        for name, value in self.before.items():
            setattr(past, name, value)
        return past

    def differs(self) -> bool:
        """Whether anything differs in the end."""
        return any(getattr(self.record, name) != old for name, old in self.before.items())


def since_fields(model: type[Record]) -> list[tuple[str, str]]:
    """The stamped fields that have a field for since when: (field, since)."""
    return [(name, since) for name, _, since in STAMPED.get(model, ()) if since]


def write(writer: Writer, touched: Sequence[Touched]) -> None:
    """Write the history of these records and, unless the actor is quiet, their outbox rows."""
    described = [(one, _fields(one)) for one in touched]
    rows.insert(RecordChange, [_record_change(writer, one, fields) for one, fields in described])
    rows.insert(OpportunityVersion, [_version(writer, one) for one in touched if isinstance(one.record, Opportunity)])
    rows.insert(Stamp, _stamps(writer, touched))
    if not writer.actor.quiet:
        rows.insert(OutboxEvent, [_event(writer, one, fields) for one, fields in described])


def plain(value: Any) -> Any:
    """A value as JSON holds it: instants and days in ISO form."""
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def _fields(one: Touched) -> dict[str, list[Any]]:
    if not one.created:
        return {name: [plain(old), plain(new)] for name, (old, new) in one.changes().items() if name not in UNTOLD}
    found: dict[str, list[Any]] = {}
    for name in told(type(one.record)):
        value = getattr(one.record, name)
        # Compared by class, since the comparison of instants with texts is slow; 0 and no are values, nothing is none.
        if value or (value is not None and value.__class__ not in _TEXTS_AND_LISTS):
            found[name] = [None, plain(value)]
    return found


@cache
def told(model: type[Record]) -> tuple[str, ...]:
    """The attribute names of a kind of record of which history is kept."""
    return tuple(column.attname for column in model._meta.concrete_fields if column.attname not in UNTOLD)


def operation(one: Touched) -> str:
    """What happened to the record: create, remove, restore or change."""
    if one.created:
        return "create"
    if "removed_at" in one.changes():
        return "remove" if one.record.removed_at else "restore"
    return "change"


def turn(one: Touched) -> int:
    """When it is this record's turn to be written: 0 for one that is removed, 2 for one that comes back, 1 for the others."""
    if "removed_at" not in one.before or one.before["removed_at"] == one.record.removed_at:
        return 1
    return 0 if one.record.removed_at else 2


def _record_change(writer: Writer, one: Touched, fields: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        "change_id": writer.change.pk,
        "record_type": record_type(type(one.record)),
        "record_id": one.record.pk,
        "operation": operation(one),
        "fields": fields,
        "revision": one.record.revision,
        "effective_at": one.at,
        "by_id": _by(writer),
    }


def _by(writer: Writer) -> int | None:
    return writer.actor.user.pk if writer.actor.user else None


def _version(writer: Writer, one: Touched) -> dict[str, Any]:
    facts = {name: getattr(one.record, name) for name in (*FACTS, *_MIRRORED)}
    return facts | {
        "opportunity_id": one.record.pk,
        "change_id": writer.change.pk,
        "effective_at": one.at,
        "recorded_at": writer.now,
        "by_id": _by(writer),
        "reconstructed_fields": "",
        "unknown_fields": "",
    }


def _stamps(writer: Writer, touched: Sequence[Touched]) -> list[dict[str, Any]]:
    entered: list[tuple[Touched, str, Any, Any, int | None]] = []
    for one in touched:
        changes = one.changes()
        for name, what, since in STAMPED.get(type(one.record), ()):
            if one.created:
                entered.append((one, what, None, getattr(one.record, name), None))
            elif name in changes:
                old, new = changes[name]
                began = one.before.get(since) if since else None
                seconds = int((one.at - began).total_seconds()) if began else None
                entered.append((one, what, old, new, seconds))
    keys = _stage_keys(entered)
    return [
        {
            "change_id": writer.change.pk,
            "record_type": record_type(type(one.record)),
            "record_id": one.record.pk,
            "what": what,
            "origin": "" if old is None else str(keys.get(old, old) if what == "stage" else old),
            "target": str(keys.get(new, new) if what == "stage" else new),
            "at": one.at,
            "seconds": seconds,
            "by_id": _by(writer),
            "reason": writer.actor.reason,
        }
        for one, what, old, new, seconds in entered
    ]


def _stage_keys(entered: Sequence[tuple[Touched, str, Any, Any, int | None]]) -> dict[int, str]:
    ids = {pk for _, what, old, new, _ in entered if what == "stage" for pk in (old, new) if pk is not None}
    return dict(Stage.objects.filter(pk__in=ids).values_list("pk", "key")) if ids else {}


def _event(writer: Writer, one: Touched, fields: dict[str, list[Any]]) -> dict[str, Any]:
    kind = record_type(type(one.record))
    return {
        "change_id": writer.change.pk,
        "topic": f"{kind}.{operation(one)}",
        "record_type": kind,
        "record_id": one.record.pk,
        "fields": fields,
        "created_at": writer.now,
        "attempts": 0,
        "not_before": None,
        "handled_at": None,
        "failed_at": None,
        "error": "",
    }
