"""Tiny files for the tests of files and columns."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from penstock.readers.faults import Fault, ReadError
from penstock.readers.files import load
from penstock.readers.sheet import Sheet


def connect() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def write(path: Path, content: str | bytes) -> Path:
    """A file with exactly this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def column(folder: Path, values: Sequence[str], *, con: duckdb.DuckDBPyConnection | None = None) -> Sheet:
    """A sheet of the columns `id` and `value`."""
    path = folder / "column.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "value"])
        writer.writerows((f"D{number}", value) for number, value in enumerate(values, 1))
    return load(con or connect(), path)


def rows(sheet: Sheet) -> list[tuple[Any, ...]]:
    """The sheet's rows with their number first, in file order."""
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in sheet.columns)
    return sheet.con.execute(f"SELECT _row, {names} FROM {sheet.table} ORDER BY _row").fetchall()


def typed(sheet: Sheet, sql: str) -> list[Any]:
    """The values of an expression, in file order."""
    return [row[0] for row in sheet.con.execute(f"SELECT {sql} FROM {sheet.table} ORDER BY _row").fetchall()]


def faults(call: Callable[[], object]) -> tuple[Fault, ...]:
    """The faults with which a call is refused; every one says how to mend it."""
    with pytest.raises(ReadError) as refused:
        call()
    assert refused.value.faults
    assert all(fault.what and fault.remedy for fault in refused.value.faults)
    return refused.value.faults
