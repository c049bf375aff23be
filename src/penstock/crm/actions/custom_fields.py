"""Custom fields: declared, edited and archived by those who may configure. Their values are in the records' `custom`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.writing import change
from penstock.crm.models import CustomField
from penstock.crm.record_types import record_model
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound

EDITABLE = frozenset("labels kind choices required position".split())
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KINDS = tuple(kind for kind, _label in CustomField.KINDS)


def declare_custom_field(
    actor: Actor,
    record_type: str,
    key: str,
    kind: str,
    labels: Mapping[str, str],
    *,
    choices: Sequence[Mapping[str, Any]] = (),
    required: bool = False,
    position: int | None = None,
) -> CustomField:
    """Give all records of a kind a field of the company's own.

    key: lower case, never changed. kind: text, number, money, date, choice, boolean or link. labels: by language.
    choices: of a choice, [{"value": …, "labels": {…}}]. position: its place, the last if left out.
    Raises InvalidInput, NotAllowed.
    """
    field = CustomField(
        record_type=record_type, key=key, kind=kind, labels=dict(labels), choices=list(choices), required=bool(required)
    )
    faults = _faults(field)
    try:
        record_model(record_type)
    except ValueError as unknown:
        faults["record_type"] = [str(unknown)]
    if not _KEY.fullmatch(key):
        faults["key"] = [_("Use lower-case letters, digits and underscores, beginning with a letter, at most 40.")]
    elif CustomField.objects.filter(record_type=record_type, key=key).exists():
        faults["key"] = [_("There is a field %(key)s already; perhaps it is archived.") % {"key": key}]
    if faults:
        raise InvalidInput(faults)
    last = CustomField.objects.filter(record_type=record_type).order_by("position").last()
    field.position = position if position is not None else (last.position + 1 if last else 1)
    with change(actor, "declare_custom_field", result={"record_type": record_type, "key": key, "kind": kind}):
        _require_configure(actor, field)
        field.save(force_insert=True)
    return field


def edit_custom_field(actor: Actor, field: int, **changes: Any) -> CustomField:
    """Set fields of EDITABLE. The kind cannot be changed while records have values, nor a choice be dropped that some have.

    Raises InvalidInput, NotAllowed, NotFound.
    """
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        named = {
            name: [_("This cannot be changed.") if name == "key" else _("There is no such field to set.")] for name in unknown
        }
        raise InvalidInput(named)
    with change(actor, "edit_custom_field", result={"id": field, "fields": sorted(changes)}):
        row = _locked(actor, field)
        kind, offered = row.kind, {str(choice["value"]) for choice in row.choices}
        for name, value in changes.items():
            setattr(row, name, value)
        faults = _faults(row)
        if row.kind != kind and (count := values_of(row)):
            faults["kind"] = [_("%(count)s records have values of the kind %(kind)s.") % {"count": count, "kind": kind}]
        dropped = offered - {str(choice.get("value")) for choice in row.choices if isinstance(choice, Mapping)}
        used = sorted(value for value in dropped if values_of(row, value))
        if row.kind == kind == "choice" and used:
            faults["choices"] = [_("Records still have: %(values)s.") % {"values": ", ".join(used)}]
        if faults:
            raise InvalidInput(faults)
        row.save(force_update=True)
    return row


def archive_custom_field(actor: Actor, field: int, *, archived: bool = True) -> CustomField:
    """Put a field away, or take it out again (archived=False); the values that records have are kept."""
    with change(actor, "archive_custom_field", result={"id": field, "archived": archived}):
        row = _locked(actor, field)
        row.archived = archived
        row.save(force_update=True)
    return row


def values_of(field: CustomField, value: str | None = None) -> int:
    """How many records, removed ones too, have a value in the field, or this value."""
    records = record_model(field.record_type)._default_manager.all()
    if value is not None:
        return records.filter(**{f"custom__{field.key}": value}).count()
    return records.filter(custom__has_key=field.key).count()


def _locked(actor: Actor, pk: int) -> CustomField:
    row = CustomField.objects.filter(pk=pk).select_for_update().first()
    if row is None:
        raise NotFound("custom_field", [pk])
    _require_configure(actor, row)
    return row


def _require_configure(actor: Actor, field: CustomField) -> None:
    if not access.may(actor.user, "configure", field):
        raise NotAllowed(_("You may not change the fields of records. Ask revenue operations or an administrator."))


def _faults(field: CustomField) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if field.kind not in _KINDS:
        faults["kind"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(_KINDS)}]
    if not isinstance(field.labels, Mapping) or not any(str(label).strip() for label in field.labels.values()):
        faults["labels"] = [_("Give it a name in at least one language.")]
    if field.kind == "choice":
        values = [str(choice["value"]) for choice in field.choices if isinstance(choice, Mapping) and choice.get("value")]
        if not values or len(values) != len(field.choices) or len(set(values)) != len(values):
            faults["choices"] = [_("Give each choice a value of its own, and at least one choice.")]
    elif field.choices:
        faults["choices"] = [_("Only a choice has choices.")]
    return faults
