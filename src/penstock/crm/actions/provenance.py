"""Where each value of an account or a contact came from: a person's word stands, what was found elsewhere gives way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.writing import change
from penstock.crm.models.record import Record

USER = "user"
_BY_PEOPLE = frozenset({"web", "api", "cli"})
_UNMARKED = frozenset({"custom", "owner_id", "created_at", "provenance", "status", "status_until", "name_key"})


T = TypeVar("T", bound=Record)


def origin(actor: Actor) -> str:
    """What is written as the source of what this actor sets: `user` for a person, or else the actor's source."""
    return USER if actor.user is not None and actor.source in _BY_PEOPLE else actor.source


def marked(provenance: Mapping[str, Any], values: Mapping[str, Any], source: str, at: datetime) -> dict[str, Any]:
    """The provenance with the fields of `values` (by attribute name) marked as from `source`; emptied ones lose their mark."""
    found = dict(provenance)
    for attname, value in values.items():
        if attname in _UNMARKED:
            continue
        name = attname.removesuffix("_id")
        if value in (None, "", [], {}):
            found.pop(name, None)
        else:
            found[name] = {"source": source, "at": at.isoformat()}
    return found


def yielding(record: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that may be set by enrichment: fields that are empty, or whose value is not a person's."""
    provenance: Mapping[str, Mapping[str, str]] = record.provenance
    return {
        name: value
        for name, value in values.items()
        if value not in (None, "", [], {})
        and (getattr(record, name) in (None, "", [], {}) or provenance.get(name.removesuffix("_id"), {}).get("source") != USER)
    }


def enrich(
    actor: Actor, verb: str, model: type[T], pk: int, values: Mapping[str, Any], source: str, editable: Collection[str]
) -> T:
    """Set what may be set of `values` in a record with a `provenance`; the rest is left."""
    with change(actor, verb) as writer:
        record: Any = writer.locked(model, [pk])[pk]
        found = yielding(record, Intake(actor, model, editable).of(values, existing=record))
        found = {name: value for name, value in found.items() if value != getattr(record, name)}
        if found:
            writer.update(record, **found, provenance=marked(record.provenance, found, source, writer.at))
        enriched: T = record
        return enriched
