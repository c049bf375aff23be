"""Keys of records in other systems: found and set. The same key in the same system is the same record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.writing import change
from penstock.crm.models import ExternalKey
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model
from penstock.crm.refusals import InvalidInput, Refusal

_AT_ONCE = 500


class KeyTaken(Refusal):
    """A key that is another record's in that system. details: system, key, record_type, id (of that record)."""

    code = "key_taken"

    def __init__(self, record_type: str, system: str, key: str, record_id: int) -> None:
        text = _("%(key)s of %(system)s is the %(kind)s %(id)s already.")
        named = {"key": key, "system": system, "kind": record_type.replace("_", " "), "id": record_id}
        super().__init__(text % named, system=system, key=key, record_type=record_type, id=record_id)


def find_by_key(actor: Actor, record_type: str, system: str, key: str) -> Record | None:
    """The record of this kind that has the key in that system, if there is one and the actor may see it."""
    pk = find_ids(record_type, system, [key]).get(key)
    found: Record | None = access.visible_to(actor.user, record_model(record_type)).filter(pk=pk).first() if pk else None
    return found


def find_ids(record_type: str, system: str, keys: Iterable[str]) -> dict[str, int]:
    """The ids of the records that have these keys in that system, whoever may see them."""
    wanted = sorted(set(keys))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = ExternalKey.objects.filter(record_type=record_type, system=system, key__in=wanted[start : start + _AT_ONCE])
        found |= dict(rows.values_list("key", "record_id"))
    return found


def set_key(actor: Actor, record_type: str, record_id: int, system: str, key: str) -> ExternalKey:
    """Note that a record is called `key` in a system; one key for each system, an earlier one is replaced.

    Raises KeyTaken for a key of another record, InvalidInput, NotAllowed, NotFound.
    """
    system, key = system.strip(), key.strip()
    for name, value, longest in (("system", system, 40), ("key", key, 200)):
        if not value or len(value) > longest:
            raise InvalidInput({name: [_("Use 1 to %(count)s characters.") % {"count": longest}]})
    model = record_model(record_type)
    with change(actor, "set_key", result={"record_type": record_type, "id": record_id, "system": system, "key": key}) as writer:
        record: Any = writer.locked(model, [record_id])[record_id]
        writer.require("edit", record)
        holder = find_ids(record_type, system, [key]).get(key)
        if holder not in (None, record_id):
            raise KeyTaken(record_type, system, key, int(holder or 0))
        own = ExternalKey.objects.filter(record_type=record_type, record_id=record_id, system=system).order_by("pk")
        # A record that others were merged into has their keys too; those stay.
        row = (
            own.filter(key=key).first() or own.first() or ExternalKey(record_type=record_type, record_id=record_id, system=system)
        )
        row.key = key
        row.save()
        return row
