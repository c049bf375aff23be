"""Many rows written in few statements: the SQL under the writer, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model

_AT_ONCE = 5_000


def concrete(model: type[Model], name: str) -> Field[Any, Any]:
    """The field of a name, or of its column's name (`stage` and `stage_id` are the same field)."""
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise LookupError(f"{model.__name__} has no field {name}")


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that need no key back. Keys are attribute names (`stage_id`); every row has the same ones."""
    if not rows:
        return
    fields = [concrete(model, name) for name in rows[0]]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            values = [_prepared(fields, row.values()) for row in rows[start : start + _AT_ONCE]]
            cursor.executemany(sql, values)


def update(model: type[Model], names: Sequence[str], rows: Sequence[tuple[int, int, Sequence[Any]]]) -> int:
    """Set the fields `names` of rows given as (id, revision before, values); their revision grows by one.

    Returns how many rows were found at the revision that was given.
    """
    fields = [concrete(model, name) for name in names]
    quote = connection.ops.quote_name
    sets = "".join(f"{quote(field.column or '')} = %s, " for field in fields)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {sets}revision = revision + 1 WHERE id = %s AND revision = %s"
    found = 0
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            cursor.executemany(sql, [(*_prepared(fields, values), pk, revision) for pk, revision, values in some])
            found += cursor.rowcount
    return found


def _prepared(fields: Sequence[Field[Any, Any]], values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True))
