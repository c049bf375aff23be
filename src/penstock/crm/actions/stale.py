"""The refusal of a write by somebody who had not seen the latest state."""

from __future__ import annotations

from typing import Any, NoReturn

from penstock.crm import access
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import StaleWrite
from penstock.org.models import User


def refuse_stale(record: Record, revision: int, user: User | None) -> NoReturn:
    """Raise StaleWrite with what has changed since `revision`, as the user may see it: each field's value then and now."""
    kind = record_type(type(record))
    changed: dict[str, Any] = {}
    by = ""
    for row in access.visible_history(user, kind, record.pk):
        if row.revision <= revision:
            continue
        by = str(row.by) if row.by else by
        for name, (before, after) in row.fields.items():
            changed.setdefault(name, {"then": before})["now"] = after
    current = type(record)._default_manager.values_list("revision", flat=True).get(pk=record.pk)
    raise StaleWrite(kind, record.pk, revision, current, changed, by)
