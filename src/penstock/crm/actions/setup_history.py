"""History of set-up: who changed which pipeline, stage or gate, when, and from what to what.

Rows of set-up are no records: they have no revision, and verbs write them themselves. Beside that they note here what they did,
as a `RecordChange` whose record_type is the row's kind (`pipeline`, `stage`, `criterion`, `shortcut`, …).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions import rows
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.history import plain
from penstock.crm.actions.writing import Writer
from penstock.crm.models import RecordChange
from penstock.crm.refusals import NotAllowed
from penstock.org.models import User

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def kind_of_row(row: Model) -> str:
    """The name of a kind of set-up in history: `custom_field` of a CustomField."""
    return _WORD.sub("_", type(row).__name__).lower()


def require_configure(actor: Actor, row: Model) -> None:
    """Raise NotAllowed unless the actor may change this set-up."""
    if not access.may(actor.user, "configure", row):
        kind = kind_of_row(row)
        text = _("You may not change the set-up (%(kind)s %(name)s). Ask revenue operations or an administrator.")
        named = {"kind": kind.replace("_", " "), "name": str(row)}
        raise NotAllowed(text % named, verb="configure", record_type=kind, id=row.pk)


def values_of(row: Model) -> dict[str, Any]:
    """A row's values by attribute name, as JSON holds them; taken before it is changed."""
    columns = row._meta.concrete_fields
    return {column.attname: plain(getattr(row, column.attname)) for column in columns if not column.primary_key}


def note_created(writer: Writer, row: Model) -> None:
    """Note that a row was made."""
    _note(writer, row, "create", {name: [None, value] for name, value in values_of(row).items() if value not in _EMPTY})


def note_changed(writer: Writer, row: Model, before: Mapping[str, Any]) -> bool:
    """Note how a row differs from `values_of` it before; returns whether it does. Where it does not, nothing is noted."""
    differing = {name: [before[name], now] for name, now in values_of(row).items() if before[name] != now}
    if differing:
        _note(writer, row, "change", differing)
    return bool(differing)


def note_removed(writer: Writer, row: Model) -> None:
    """Note that a row is about to be deleted."""
    _note(writer, row, "remove", {name: [value, None] for name, value in values_of(row).items() if value not in _EMPTY})


def setup_history(viewer: User | None, row: Model) -> list[RecordChange]:
    """What happened to a row of set-up, oldest first, with each change and who did it; none where the viewer may not see it."""
    if not access.may(viewer, "see", row):
        return []
    found = RecordChange.objects.filter(record_type=kind_of_row(row), record_id=row.pk)
    return list(found.select_related("change", "by").order_by("id"))


def _note(writer: Writer, row: Model, operation: str, fields: Mapping[str, Any]) -> None:
    kind = kind_of_row(row)
    earlier = RecordChange.objects.filter(record_type=kind, record_id=row.pk).count()
    user = writer.actor.user
    noted = {
        "change_id": writer.change.pk,
        "record_type": kind,
        "record_id": row.pk,
        "operation": operation,
        "fields": fields,
        "revision": earlier + 1,
        "effective_at": writer.at,
        "by_id": user.pk if user else None,
    }
    rows.insert(RecordChange, [noted])
