"""From a record that is watched to the record that a rule is about: the deal's account, the activity's account, …"""

from __future__ import annotations

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey

from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model

# Where the direct reference is empty, the record's own references are asked, in this order.
_THROUGH = ("opportunity", "contact", "lead")


def path(watched: str, record_type: str) -> str:
    """The lookup from a watched kind to the rule's kind: `account`, or empty where they are the same.

    Raises LookupError where a watched record names no such record.
    """
    if watched == record_type:
        return ""
    if not _refers(record_model(watched), record_type):
        raise LookupError(f"{watched} {record_type}")
    return record_type


def linked(record: Record, record_type: str) -> int | None:
    """The id of the record of a kind that a record is, or belongs to; None where it belongs to none."""
    if isinstance(record, record_model(record_type)):
        return int(record.pk)
    if not _refers(type(record), record_type):
        return None
    found: int | None = getattr(record, f"{record_type}_id")
    for name in _THROUGH:
        if found is None and name != record_type and _refers(type(record), name):
            other = getattr(record, name)
            found = getattr(other, f"{record_type}_id", None) if other else None
    return found


def _refers(model: type[Record], record_type: str) -> bool:
    try:
        field = model._meta.get_field(record_type)
    except FieldDoesNotExist:
        return False
    return isinstance(field, ForeignKey) and field.related_model is record_model(record_type)
