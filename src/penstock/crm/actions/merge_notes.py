"""What a merge does, noted as it is done so that it can be undone, and the records that it does it to, each read once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.db.models import ForeignKey, QuerySet

from penstock.crm.actions.history import plain, since_fields
from penstock.crm.actions.writing import Writer
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_models, record_type

R = TypeVar("R", bound=Record)
# Follows from the name, so that no note is taken of it.
_DERIVED = frozenset({"name_key"})


class Pool:
    """The records that a change works on: one object for each, however it is come by, since the writer knows it by that."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._known: dict[tuple[type[Record], int], Any] = {(type(one), one.pk): one for one in records}

    def read(self, rows: QuerySet[R]) -> list[R]:
        """The records of a query, locked, in the order of their ids; those that are known already as they are now."""
        found = rows.order_by("pk").select_for_update(of=("self",))
        return [self._known.setdefault((type(one), one.pk), one) for one in found]

    def these(self, model: type[R], ids: Iterable[int]) -> dict[int, R]:
        """The records of these ids, by id."""
        wanted = sorted(set(ids))
        found: dict[int, R] = {}
        for start in range(0, len(wanted), 500):
            rows = model._default_manager.filter(pk__in=wanted[start : start + 500])
            found |= {one.pk: one for one in self.read(rows)}
        return found

    def known(self, model: type[R], pk: int) -> R | None:
        """The record as it is now, if it was read."""
        found: R | None = self._known.get((model, pk))
        return found

    def all_of(self, model: type[R]) -> list[R]:
        """Every record of a kind that was read."""
        return [one for (kind, _), one in self._known.items() if kind is model]


class Notes:
    """The notes of one merge; they become its `Merge` row. moved and before: as of `models.merge.Merge`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.moved: dict[str, list[int]] = {}
        self.before: dict[str, dict[str, dict[str, list[Any]]]] = {}

    def point(self, record: Record, attname: str, target: int) -> None:
        """Let a record refer to the survivor."""
        self.moved.setdefault(f"{record_type(type(record))}.{attname}", []).append(record.pk)
        self._writer.update(record, verb=None, **{attname: target})

    def set(self, record: Record, **values: Any) -> None:
        """Set fields of a record. Of what is set twice, the first value before and the last one after are noted."""
        names = list(values)
        names += [since for name, since in since_fields(type(record)) if name in values and since not in values]
        earlier = {name: getattr(record, name) for name in names}
        self._writer.update(record, verb=None, **values)
        own = self.before.setdefault(record_type(type(record)), {}).setdefault(str(record.pk), {})
        for name, old in earlier.items():
            new = getattr(record, name)
            if new != old and name not in _DERIVED:
                own[name] = [own[name][0] if name in own else plain(old), plain(new)]
        if not own:
            del self.before[record_type(type(record))][str(record.pk)]


@cache
def references(model: type[Record]) -> tuple[tuple[type[Record], str], ...]:
    """Every way in which records refer to one of this kind: (kind of record, attribute). History refers to what was, for ever."""
    return tuple(
        (other, field.attname)
        for other in record_models()
        for field in other._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is model
    )


def tree_field(model: type[Record]) -> str | None:
    """The attribute by which records of a kind stand below each other, if they do: `parent_id`, `reports_to_id`."""
    return next((attname for other, attname in references(model) if other is model), None)


def line_above(pool: Pool, model: type[Record], attname: str, pk: int | None) -> list[int]:
    """`pk` and those above it, as they are by now."""
    found: list[int] = []
    while pk is not None and pk not in found:
        found.append(pk)
        known = pool.known(model, pk)
        rows = model._default_manager.filter(pk=pk).values_list(attname, flat=True)
        pk = getattr(known, attname) if known is not None else rows.first()
    return found
