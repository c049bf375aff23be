"""Rows of the organisation written with their history. Used inside a transaction, after `permissions.require`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field, ForeignKey, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.org.models import OrgChange, User
from penstock.org.refusals import InvalidInput, NotFound

M = TypeVar("M", bound=Model)
# Never written down anywhere but in its own column.
SECRET = frozenset({"password"})
Faults = dict[str, list[str]]


def found(model: type[M], key: Any) -> M:
    """The row of a key, locked. Raises NotFound."""
    try:
        row = model._default_manager.select_for_update().filter(pk=key).first()
    except (TypeError, ValueError):
        row = None
    if row is None:
        raise NotFound(model._meta.model_name or "", [key])
    return row


def created(
    by: User | None, row: M, values: Mapping[str, Any], editable: Collection[str], reason: str, faults: Faults | None = None
) -> M:
    """Set `values` of a new row, check it, and insert it. faults: those found already. Raises InvalidInput with all of them."""
    _set(row, values, editable, faults := dict(faults or {}))
    _check(row, faults)
    _save(row, insert=True)
    after = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    noted(by, row, "create", {name: (None, value) for name, value in after.items() if value not in (None, "", [], {})}, reason)
    return row


def changed(
    by: User | None, row: M, values: Mapping[str, Any], editable: Collection[str], reason: str, faults: Faults | None = None
) -> M:
    """Set `values` of a row that is there, check it, and write what differs. Raises InvalidInput with every fault."""
    before = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    _set(row, values, editable, faults := dict(faults or {}))
    _check(row, faults)
    differing = {name: (old, getattr(row, name)) for name, old in before.items() if getattr(row, name) != old}
    if differing:
        _save(row)
        noted(by, row, "change", differing, reason)
    return row


def deleted(by: User | None, row: Model, reason: str) -> None:
    """Take a row away; what it said stays in the history."""
    before = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    noted(by, row, "remove", {name: (value, None) for name, value in before.items() if value not in (None, "", [], {})}, reason)
    row.delete()


def noted(by: User | None, row: Model, operation: str, fields: Mapping[str, tuple[Any, Any]], reason: str) -> None:
    """Write a change into the history. Of a secret it says only that it was changed."""
    told = {name: [None, None] if name in SECRET else [_plain(old), _plain(new)] for name, (old, new) in fields.items()}
    OrgChange.objects.create(
        what=row._meta.model_name or "",
        row=str(row.pk),
        operation=operation,
        fields=told,
        by=by,
        at=timezone.now(),
        reason=reason,
    )


def _set(row: Model, values: Mapping[str, Any], editable: Collection[str], faults: Faults) -> None:
    for name, value in values.items():
        field = _field(row, name)
        if field is None or field.name not in editable:
            faults.setdefault(name, []).append(_("There is no such field to set."))
        elif isinstance(field, ForeignKey):
            setattr(row, field.attname, value.pk if isinstance(value, Model) else value)
        elif isinstance(value, str):
            setattr(row, field.attname, value.strip())
        else:
            setattr(row, field.attname, value)


def _check(row: Model, faults: Faults) -> None:
    try:
        row.full_clean(exclude=[*SECRET, *faults])
    except ValidationError as fault:
        for name, messages in fault.message_dict.items():
            if name != NON_FIELD_ERRORS or len(fault.message_dict) == 1:
                faults.setdefault("" if name == NON_FIELD_ERRORS else name, []).extend(messages)
    if faults:
        raise InvalidInput(faults)


def _save(row: Model, *, insert: bool = False) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=insert)
    except IntegrityError:
        # Somebody wrote the same name or address while ours was being checked.
        _check(row, {})
        raise


def _field(row: Model, name: str) -> Field[Any, Any] | None:
    try:
        field = row._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) and field.concrete and not field.many_to_many else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (datetime, date)) else value
