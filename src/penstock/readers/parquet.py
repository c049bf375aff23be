"""Parquet into DuckDB as text; the types it had are kept beside it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from penstock.readers.faults import Fault, ReadError
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet
from penstock.readers.tables import fill


def _as_text(name: str, form: str) -> str:
    column = identifier(name)
    if form == "TIMESTAMP WITH TIME ZONE":
        # The cast alone would show it in the time zone of the session.
        return f"({column} AT TIME ZONE 'UTC')::VARCHAR || '+00'"
    return f"{column}::VARCHAR"


def load_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Sheet:
    """A Parquet file as a Sheet. Errors and rules as in `files.load`."""
    file = f"read_parquet({literal(str(path))})"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {file}").fetchall()
        columns = [(str(row[0]), str(row[1])) for row in described]
        values = ", ".join(f"{_as_text(name, form)} AS c{index}" for index, (name, form) in enumerate(columns))
        typed = {name: form for name, form in columns if form != "VARCHAR"}
        return fill(con, f"(SELECT {values} FROM {file})", [name for name, _ in columns], path, typed=typed)
    except duckdb.Error as problem:
        what = f"{path.name} could not be read as Parquet: {str(problem).splitlines()[0]}"
        raise ReadError([Fault(what, "Write the file again; it is damaged or cut off.", str(path))]) from problem
