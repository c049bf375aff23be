"""Fields that a role neither sees nor changes, and records and history without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from penstock.crm.access.standing import standing_of
from penstock.crm.models import CustomField
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model, record_type
from penstock.org.models import User

# Without these a record can be neither shown nor kept apart from others.
_NEVER_HIDDEN = frozenset("id revision created_at removed_at name_key name title status stage pipeline opportunity".split())


def hidden_fields(user: User | None, model: type[Model]) -> frozenset[str]:
    """The names of the fields (`amount`, `owner`, `custom.margin`) of a kind of record that a user neither sees nor changes."""
    if user is None or not issubclass(model, Record):
        return frozenset()
    return standing_of(user).hidden.get(record_type(model), frozenset())


def hideable_fields(kind: str) -> frozenset[str]:
    """The names that may be hidden of a kind of record, `custom.key` among them. ValueError in words for a kind that is none."""
    own = {field.name for field in record_model(kind)._meta.concrete_fields} - _NEVER_HIDDEN
    keys = CustomField.objects.filter(record_type=kind).values_list("key", flat=True)
    return frozenset(own | {f"custom.{key}" for key in keys})


def blanked(user: User | None, record: Record) -> dict[str, Any]:
    """The values of a record by attribute name (`amount`, `owner_id`), without those that are hidden from the viewer.

    The record must have come from `visible_to`. Of custom fields, only the hidden keys are left out.
    """
    values = {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}
    return without(values, type(record), hidden_fields(user, type(record)))


def without(values: Mapping[str, Any], model: type[Model], hidden: frozenset[str]) -> dict[str, Any]:
    """Values, by attribute or field name, without the hidden ones."""
    if not hidden:
        return dict(values)
    gone = hidden | {field.attname for field in model._meta.concrete_fields if field.name in hidden}
    shown = {name: value for name, value in values.items() if name not in gone}
    keys = {name.removeprefix("custom.") for name in hidden if name.startswith("custom.")}
    if keys and "custom" in shown:
        shown["custom"] = _without_keys(shown["custom"], keys)
    return shown


def _without_keys(custom: Any, keys: set[str]) -> Any:
    """Custom values without some keys; of a change, [before, after], both sides."""
    if isinstance(custom, list):
        return [_without_keys(side, keys) for side in custom]
    if isinstance(custom, Mapping):
        return {key: value for key, value in custom.items() if key not in keys}
    return custom
