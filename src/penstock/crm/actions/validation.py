"""Values that come in for a record: known fields, of the right type, allowed to this actor; all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, ForeignKey, JSONField, Model
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_values import validated_custom
from penstock.crm.actions.lookups import lookup
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import InvalidInput

# What an attribute given as a model instance, or by name, is stored as.
Values = Mapping[str, Any]


def validated(
    actor: Actor, model: type[Record], values: Values, editable: Collection[str], *, existing: Record | None = None
) -> dict[str, Any]:
    """`values` by attribute name and in their stored types, ready for the writer.

    Keys are field names (`owner`) or attribute names (`owner_id`); a related record is given as itself or by id. `custom` is a
    mapping whose keys are set one by one, the others staying as they are in `existing`. editable: the fields that may be set.
    Raises InvalidInput with every fault of every field.
    """
    faults: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    hidden = access.hidden_fields(actor.user, model)
    for name, value in values.items():
        field = _field(model, name)
        if field is None or field.name not in editable:
            faults[name] = [_("There is no such field to set.")]
        elif field.name in hidden:
            faults[name] = [_("You may not change this field.")]
        elif field.name == "custom":
            try:
                found["custom"] = validated_custom(record_type(model), value, existing.custom if existing else {})
            except InvalidInput as fault:
                faults |= {f"custom.{key}": messages for key, messages in fault.faults.items()}
        else:
            try:
                found[field.attname] = _cleaned(actor, field, value)
            except ValidationError as fault:
                faults[name] = list(fault.messages)
    if faults:
        raise InvalidInput(faults)
    return found


def _field(model: type[Model], name: str) -> Field[Any, Any] | None:
    try:
        field = model._meta.get_field(name.removesuffix("_id") if name.endswith("_id") else name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) and field.concrete else None


def _cleaned(actor: Actor, field: Field[Any, Any], value: Any) -> Any:
    if isinstance(field, ForeignKey):
        return _related(actor, field, value)
    if isinstance(field, JSONField):
        return value if value is not None else field.get_default()
    if isinstance(value, str):
        value = value.strip()
        if field.name == "email":
            value = value.lower()
    if value in (None, "") and not field.null:
        value = field.get_default() if field.has_default() else ""
    if value == "" and field.null:
        value = None
    if value == "" and field.blank:
        return value
    return field.clean(value, None)


def _related(actor: Actor, field: ForeignKey[Any, Any], value: Any) -> int | None:
    if value in (None, ""):
        if not field.null:
            raise ValidationError(_("This is needed."))
        return None
    try:
        pk = int(value.pk if isinstance(value, Model) else value)
    except (TypeError, ValueError):
        raise ValidationError(_("Give the number of a record.")) from None
    if lookup(actor.user, field.related_model, pk) is None:
        kind = field.related_model._meta.verbose_name
        raise ValidationError(_("There is no %(kind)s %(id)s, or you may not see it.") % {"kind": kind, "id": pk})
    return pk
