"""Values of many rows that come in for one kind of record: as `validated`, with what repeats from row to row done once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions import validation
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_values import validated_custom
from penstock.crm.actions.lookups import look_up
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import InvalidInput

# Sources that bring a past with them: rows may say when they came to be.
OF_THE_PAST = frozenset({"import", "demo"})
_CODES = {"country": 2, "currency": 3, "revenue_currency": 3}
# More distinct values of a column than this are not remembered: texts do not repeat.
_REMEMBERED = 5_000
_AT_ONCE = 500


class Intake:
    """Takes the rows of one call: `of(row)` is what `validated` returns for it, or raises InvalidInput with all its faults."""

    def __init__(self, actor: Actor, model: type[Record], editable: Collection[str]) -> None:
        self._actor = actor
        self._model = model
        self._editable = frozenset(editable)
        self._hidden = access.hidden_fields(actor.user, model)
        self._there: dict[type[Model], set[int]] = {}
        self._takers: dict[str, tuple[str, Callable[[Any], Any]] | str] = {}

    def expect(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Read the records that these rows refer to, in a query for each kind."""
        wanted: dict[type[Model], set[int]] = {}
        fields: dict[str, type[Model] | None] = {}
        for row in rows:
            for name, value in row.items():
                if name not in fields:
                    field = validation._field(self._model, name)
                    fields[name] = field.related_model if isinstance(field, ForeignKey) else None
                related = fields[name]
                if related is not None and type(value) is int:
                    wanted.setdefault(related, set()).add(value)
        for related, ids in wanted.items():
            self._there.setdefault(related, set()).update(self._seen(related, sorted(ids)))

    def _seen(self, model: type[Model], ids: Sequence[int]) -> Iterable[int]:
        """Those of the ids that are there and may be seen. Of records the ids alone are read: rows refer to many."""
        if not issubclass(model, Record):
            return look_up(self._actor.user, model, ids)
        visible = access.visible_to(self._actor.user, model).order_by()
        parts = (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
        return [pk for part in parts for pk in visible.filter(pk__in=part).values_list("pk", flat=True)]

    def of(self, values: Mapping[str, Any], *, existing: Record | None = None) -> dict[str, Any]:
        """Values by attribute name, in their stored types. Raises InvalidInput with every fault of every field."""
        faults: dict[str, list[str]] = {}
        found: dict[str, Any] = {}
        for name, value in values.items():
            taker = self._takers.get(name) or self._taker(name)
            if isinstance(taker, str):
                faults[name] = [taker]
                continue
            attname, take = taker
            try:
                found[attname] = self._custom(value, existing) if attname == "custom" else take(value)
            except ValidationError as fault:
                faults[name] = list(fault.messages)
            except InvalidInput as fault:
                faults |= {f"custom.{key}": messages for key, messages in fault.faults.items()}
        if faults:
            raise InvalidInput(faults)
        return found

    def _custom(self, values: Any, existing: Record | None) -> dict[str, Any]:
        if values in (None, {}) and existing is None:
            return {}
        return validated_custom(record_type(self._model), values or {}, existing.custom if existing else {})

    def _taker(self, name: str) -> tuple[str, Callable[[Any], Any]] | str:
        field = validation._field(self._model, name)
        taker: tuple[str, Callable[[Any], Any]] | str
        if field is None or field.name not in self._editable:
            taker = _("There is no such field to set.")
        elif field.name in self._hidden:
            taker = _("You may not change this field.")
        else:
            taker = (field.attname, self._remembering(field))
        self._takers[name] = taker
        return taker

    def _remembering(self, field: Field[Any, Any]) -> Callable[[Any], Any]:
        known: dict[Hashable, Any] = {}
        there = self._there.setdefault(field.related_model, set()) if isinstance(field, ForeignKey) else frozenset()

        def take(value: Any) -> Any:
            if type(value) is int and value in there:
                return value
            if isinstance(value, datetime):
                return instant(value)
            if not isinstance(value, (str, int)):
                return _cleaned(self._actor, field, value)
            key = (type(value), value)
            if key not in known:
                if len(known) > _REMEMBERED:
                    known.clear()
                known[key] = _cleaned(self._actor, field, value)
            return known[key]

        return take


def _cleaned(actor: Actor, field: Field[Any, Any], value: Any) -> Any:
    found = validation._cleaned(actor, field, value)
    if isinstance(found, datetime):
        return instant(found)
    length = _CODES.get(field.name)
    if length and found:
        found = found.upper()
        if len(found) != length or not found.isascii() or not found.isalpha():
            raise ValidationError(_("Use the code of %(count)s letters.") % {"count": length})
    return found


def instant(value: datetime) -> datetime:
    """A moment as it is kept. Raises ValidationError for one without a time zone."""
    if timezone.is_naive(value):
        raise ValidationError(_("Give the moment with its time zone."))
    return value
