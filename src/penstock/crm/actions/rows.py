"""Many rows written in few statements: the SQL under the writer, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from json import JSONEncoder
from typing import Any

from django.db import connection
from django.db.models import DateField, DateTimeField, Field, JSONField, Model

_AT_ONCE = 5_000
_json = JSONEncoder().encode


def concrete(model: type[Model], name: str) -> Field[Any, Any]:
    """The field of a name, or of its column's name (`stage` and `stage_id` are the same field)."""
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise LookupError(f"{model.__name__} has no field {name}")


def new_ids(model: type[Model], count: int) -> list[int]:
    """Ids that rows of a table will have which are about to be inserted with them, in this transaction.

    On SQLite the transaction must have written something before, so that no other one can take the same ids.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    last = row[0] if row else 0
    return list(range(last + 1, last + 1 + count))


def insert_new(model: type[Model], records: Sequence[Model]) -> None:
    """Insert new records of one kind; they have their ids afterwards."""
    names = [field.attname for field in model._meta.concrete_fields]
    for record, pk in zip(records, new_ids(model, len(records)), strict=True):
        record.pk = pk
        record._state.adding, record._state.db = False, connection.alias
    insert_values(model, names, [[getattr(record, name) for name in names] for record in records])


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that need no key back. Keys are attribute names (`stage_id`); every row has the same ones, in one order."""
    if rows:
        insert_values(model, list(rows[0]), [tuple(row.values()) for row in rows])


def insert_values(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows given as values of these attribute names."""
    fields = [concrete(model, name) for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            cursor.executemany(sql, _prepared(fields, rows[start : start + _AT_ONCE]))


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
            prepared = _prepared(fields, [values for _, _, values in some])
            cursor.executemany(sql, [(*row, pk, revision) for row, (pk, revision, _) in zip(prepared, some, strict=True)])
            found += cursor.rowcount
    return found


def _prepared(fields: Sequence[Field[Any, Any]], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Rows in the forms that the database takes, converted column by column."""
    columns = [_column(field, [row[place] for row in rows]) for place, field in enumerate(fields)]
    return list(zip(*columns, strict=True))


def _column(field: Field[Any, Any], values: list[Any]) -> list[Any]:
    if isinstance(field, DateTimeField):
        vendor = connection.vendor
        return [None if value is None else _moment(vendor, value) for value in values]
    if isinstance(field, JSONField) and field.encoder is None and connection.vendor == "sqlite":
        return [None if value is None else _json(value) for value in values]
    if isinstance(field, (DateField, JSONField)):
        return [field.get_db_prep_save(value, connection) for value in values]
    # Choices are texts of a class of their own, which a driver would store by their names.
    return [str(value) if isinstance(value, str) and type(value) is not str else value for value in values]


@lru_cache(maxsize=20_000)
def _moment(_vendor: str, value: datetime) -> Any:
    """A moment as the database takes it, made once: it stands in several columns and in many rows."""
    return connection.ops.adapt_datetimefield_value(value)
