"""The variables of a record: its fields by name, in the forms that conditions compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Field, ForeignKey, Model, prefetch_related_objects

from penstock.crm.conditions.surroundings import Surroundings, surroundings
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.org.models import User

# Not for conditions: kept for comparing names, and where values came from.
UNSAID = frozenset({"name_key", "provenance"})
# What a user is to a condition; the rest is theirs and the log-in's.
_OF_USER = ("id", "name", "email", "role", "team_id", "is_active")


def facts(record: Record) -> dict[str, Any]:
    """Field -> value of a record, with `now` and `today`.

    Choices as text, money as minor units, moments as UTC, days as ISO text, what is missing as None. A relation is a mapping
    (`owner`), or None, with its id beside it (`owner_id`); `custom` is a mapping too. Both are read when they are looked into.
    """
    return _facts(record, [record], surroundings())


def facts_of(records: Sequence[Record]) -> list[dict[str, Any]]:
    """`facts` of records of one kind, in their order; their relations are read together, whichever is asked for first."""
    around = surroundings()
    return [_facts(record, records, around) for record in records]


class Today:
    """The company's day, read when it is asked for. around: the moment it belongs to."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around

    def plain(self) -> str:
        """The day as ISO text."""
        return self.around.today.isoformat()

    __str__ = plain


class Related(Mapping[str, Any]):
    """A record that another refers to: its own fields, read for all of `together` when one is asked for."""

    def __init__(self, record: Record, name: str, together: Sequence[Record]) -> None:
        self._record, self._name, self._together = record, name, together
        self._values: dict[str, Any] | None = None

    def plain(self) -> dict[str, Any]:
        """Field -> value."""
        if self._values is None:
            if not self._record._meta.get_field(self._name).is_cached(self._record):  # type: ignore[union-attr]
                prefetch_related_objects(list(self._together), self._name)
            self._values = _simple(getattr(self._record, self._name))
        return self._values

    def brief(self) -> dict[str, Any]:
        """That there is one, and its id, without reading it."""
        return {"id": getattr(self._record, f"{self._name}_id")}

    def __getitem__(self, key: str) -> Any:
        return self.plain()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())


class CustomValues(Mapping[str, Any]):
    """A record's custom values: numbers as numbers, days as ISO text, money as a map of amount and currency."""

    def __init__(self, kind: str, values: Mapping[str, Any], around: Surroundings) -> None:
        self._kind, self._given, self._around = kind, values, around

    def plain(self) -> dict[str, Any]:
        """Key -> value."""
        if not self._given:
            return {}
        kinds = self._around.custom_kinds(self._kind)
        return {key: _number(value) if kinds.get(key) == "number" else value for key, value in self._given.items()}

    def __getitem__(self, key: str) -> Any:
        return self.plain()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def _facts(record: Record, together: Sequence[Record], around: Surroundings) -> dict[str, Any]:
    found: dict[str, Any] = {"now": around.now, "today": Today(around)}
    model = type(record)
    for name, attname, related in _columns(model):
        value = getattr(record, attname)
        if related:
            found[attname] = value
            given = value is not None or record._state.fields_cache.get(name) is not None
            found[name] = Related(record, name, together) if given else None
        elif name == "custom":
            found[name] = CustomValues(record_type(model), value or {}, around)
        else:
            found[name] = plain(value)
    return found


def plain(value: Any) -> Any:
    """A value in the form that conditions compare."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime) or value is None:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return _number(value) if isinstance(value, Decimal) else value


@lru_cache(maxsize=100)
def _columns(model: type[Model]) -> tuple[tuple[str, str, bool], ...]:
    """(name, attribute name, whether it is a relation) of the fields that conditions may name."""
    return tuple((field.name, field.attname, isinstance(field, ForeignKey)) for field in told(model))


def told(model: type[Model]) -> list[Field[Any, Any]]:
    """The fields of a model that conditions may name."""
    if issubclass(model, User):
        return [field for field in model._meta.concrete_fields if field.attname in _OF_USER]
    return [field for field in model._meta.concrete_fields if field.name not in UNSAID]


def _simple(related: Model | None) -> dict[str, Any]:
    """A related record's own fields; what it refers to as ids, custom values left out."""
    if related is None:
        return {}
    names = [attname for name, attname, _ in _columns(type(related)) if name != "custom"]
    return {name: plain(getattr(related, name)) for name in names}


def _number(value: Any) -> int | float:
    number = Decimal(str(value))
    return int(number) if number == number.to_integral_value() else float(number)
