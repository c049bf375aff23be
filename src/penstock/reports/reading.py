"""Versions read from the application's database in columns, and what has been read so far.

On SQLite there is one writer, so ids become visible in their order and the highest one is the mark. On PostgreSQL a transaction
may commit after a later one: the mark is the oldest transaction that was still open at the last look, every row from it on is
read again, and rows that are there already are left out by the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import connection, transaction

from penstock.reports.versions_sql import INTEGERS, select

_AT_ONCE = 50_000


@dataclass(frozen=True)
class Mark:
    """How far has been read. seq: the highest id seen; xid: on PostgreSQL, the oldest transaction not over at that time."""

    seq: int = 0
    xid: int = 0


def rows_since(mark: Mark, custom: Sequence[str] = ()) -> tuple[list[pa.RecordBatch], Mark]:
    """Versions that may not have been read yet, as Arrow batches of `versions_sql.select`'s columns, and the next mark.

    custom: keys of custom fields that are dimensions. Inside a transaction its own rows are read too.
    """
    # On SQLite never by a second library: when it closes the file, the operating system drops all locks that this process holds
    # on it, Django's too; other processes then take the database for unused, and it is damaged.
    if connection.vendor == "sqlite" or connection.in_atomic_block:
        return _through_django(mark, custom)
    return _through_adbc(mark, custom)


def _where(mark: Mark) -> str:
    return f"v.xid >= {mark.xid}" if connection.vendor == "postgresql" else f"v.id > {mark.seq}"


def _next(mark: Mark, batches: Sequence[pa.RecordBatch], xmin: int) -> Mark:
    last = max((batch.column("seq")[-1].as_py() for batch in batches if batch.num_rows), default=0)
    return Mark(max(mark.seq, last), xmin)


_XMIN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def _through_django(mark: Mark, custom: Sequence[str]) -> tuple[list[pa.RecordBatch], Mark]:
    xmin = 0
    # On SQLite a transaction would keep writers out, and one statement is of one moment by itself.
    together = transaction.atomic() if connection.vendor == "postgresql" else nullcontext()
    with together, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_XMIN)
            xmin = cursor.fetchone()[0]
        cursor.execute(select(connection.vendor, custom, _where(mark)))
        names = [column[0] for column in cursor.description]
        batches = [pa.RecordBatch.from_arrays(_columns(rows, names), names) for rows in _fetched(cursor)]
    return batches, _next(mark, batches, xmin)


def _fetched(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    while rows := cursor.fetchmany(_AT_ONCE):
        yield rows


def _columns(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> list[pa.Array]:
    columns = zip(*rows, strict=True)
    return [
        pa.array(values, pa.string() if name not in INTEGERS else pa.int64()) for name, values in zip(names, columns, strict=True)
    ]


def _through_adbc(mark: Mark, custom: Sequence[str]) -> tuple[list[pa.RecordBatch], Mark]:
    with closing(_adbc()) as con, con.cursor() as cursor:
        # One snapshot for the mark and for the rows.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_XMIN)
        xmin = cursor.fetchone()[0]
        cursor.execute(select(connection.vendor, custom, _where(mark)))
        batches = [batch for batch in cursor.fetch_record_batch() if batch.num_rows]
    return batches, _next(mark, batches, xmin)


def _adbc() -> Any:
    import adbc_driver_postgresql.dbapi as postgresql
    from psycopg.conninfo import make_conninfo

    settings = connection.settings_dict
    given = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"], "password": settings["PASSWORD"]}
    return postgresql.connect(make_conninfo(dbname=settings["NAME"], **{name: value for name, value in given.items() if value}))


def in_memory() -> bool:
    """Whether the database is an SQLite in memory, which no other connection sees."""
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and (name == ":memory:" or "mode=memory" in name)
