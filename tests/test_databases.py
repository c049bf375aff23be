"""What is put into a test database comes out as it went in, on each of the four."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.databases import rows_of

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr import types as ir

ROWS: list[dict[str, Any]] = [
    {
        "id": "a",
        "at": datetime(2026, 1, 1, 12, 0, 0, 5),
        "amount": 2**53 + 1,
        "close": date(2026, 3, 31),
        "probability": 5000,
        "ok": True,
    },
    {"id": "a", "at": datetime(2026, 3, 29, 2, 30), "amount": None, "close": None, "probability": None, "ok": None},
    {
        "id": "b",
        "at": datetime(1999, 12, 31, 23, 59, 59, 999999),
        "amount": -1,
        "close": date(2025, 2, 28),
        "probability": 0,
        "ok": False,
    },
]
SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "at": pa.timestamp("us"),
        "amount": pa.int64(),
        "close": pa.date32(),
        "probability": pa.int32(),
        "ok": pa.bool_(),
    }
)


each_database = pytest.mark.parametrize(
    "connection",
    [
        "duckdb_con",
        "sqlite_con",
        pytest.param("postgres_con", marks=pytest.mark.postgres),
        pytest.param("spark_con", marks=pytest.mark.spark),
    ],
)


@each_database
def test_rows_survive_the_round_trip(
    connection: str, request: pytest.FixtureRequest, load: Callable[[BaseBackend, str, pa.Table], ir.Table]
) -> None:
    """Nulls, microseconds, integers beyond a double and negative money are the same afterwards."""
    table = load(request.getfixturevalue(connection), "house_round_trip", pa.Table.from_pylist(ROWS, schema=SCHEMA))
    assert rows_of(table.order_by("at")) == sorted(ROWS, key=lambda row: row["at"])


@each_database
def test_a_table_may_be_loaded_twice(
    connection: str, request: pytest.FixtureRequest, load: Callable[[BaseBackend, str, pa.Table], ir.Table]
) -> None:
    """The second load replaces the first: tests share a database and a name."""
    con = request.getfixturevalue(connection)
    load(con, "house_twice", pa.Table.from_pylist(ROWS, schema=SCHEMA)).count().execute()
    assert load(con, "house_twice", pa.Table.from_pylist(ROWS[:1], schema=SCHEMA)).count().execute() == 1
