"""History of a change: field by field, versions, stamps and outbox rows. Only the writer calls this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
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
UNTOLD = frozenset({"id", "revision", "name_key"})
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
    found = {}
    for column in type(one.record)._meta.concrete_fields:
        value = getattr(one.record, column.attname)
        if column.attname not in UNTOLD and value not in (None, "", [], {}):
            found[column.attname] = [None, plain(value)]
    return found


def operation(one: Touched) -> str:
    """What happened to the record: create, remove, restore or change."""
    if one.created:
        return "create"
    if "removed_at" in one.changes():
        return "remove" if one.record.removed_at else "restore"
    return "change"


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
