"""Filling a sheet's table: row numbers, trimming, blank rows, unnamed columns; the same for every kind of file."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import duckdb

from penstock.readers.dialect import WHITE, column_names
from penstock.readers.faults import Note
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet

ROW, REASON = "_row", "_reason"
_numbers = itertools.count(1)


def new_table(con: duckdb.DuckDBPyConnection) -> str:
    """A name for a sheet's table that this connection does not have yet."""
    taken = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    return next(name for name in (f"sheet_{number}" for number in _numbers) if name not in taken)


def keep_offline(con: duckdb.DuckDBPyConnection) -> None:
    """DuckDB must neither fetch nor load extensions by itself, and must keep the order of a file."""
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET autoload_known_extensions = false")
    con.execute("SET preserve_insertion_order = true")


def fill(
    con: duckdb.DuckDBPyConnection,
    source: str,
    header: Sequence[str],
    path: Path,
    *,
    odd_spaces: bool = True,
    typed: dict[str, str] | None = None,
    notes: Sequence[Note] = (),
    blank_rows: int = 0,
) -> Sheet:
    """Make the Sheet of a source: a SQL relation with VARCHAR columns c0, c1 … in the file's order, one for each of `header`.

    row_number() over nothing numbers the rows as DuckDB hands them on, which is the file's order. Blank rows are removed,
    after they have been numbered; unnamed columns at the right end are removed if they are empty. A rejects file's own `_row`
    and `_reason` are passed over, with a note, so that a mended one can be read. Raises ReadError for names given twice.
    """
    keep_offline(con)
    names = column_names(tuple(header), path)
    own = {ROW, REASON} if ROW in (name.lower() for name in names) else set()
    kept = [(index, name) for index, name in enumerate(names) if name.lower() not in own]
    found = list(notes)
    if len(kept) < len(names):
        passed = " and ".join(name for name in names if name.lower() in own)
        found.append(Note("rejects_columns", 0, "set_aside", {"columns": passed}))
    white = literal(WHITE if odd_spaces else " \t\r\n\v\f")
    values = ", ".join(f"nullif(trim(c{index}, {white}), '') AS {identifier(name)}" for index, name in kept)
    table = new_table(con)
    con.execute(f"CREATE TABLE {table} AS SELECT row_number() OVER () AS {ROW}, {values} FROM {source}")
    blank_rows += _remove_blank(con, table, [name for _, name in kept])
    columns = _remove_unnamed(con, table, [(name, header[index]) for index, name in kept])
    rows = con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    typed = {name: form for name, form in (typed or {}).items() if name in columns}
    return Sheet(con, table, str(path), columns, int(rows), blank_rows, typed or None, tuple(found))


def _remove_blank(con: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> int:
    blank = " AND ".join(f"{identifier(name)} IS NULL" for name in names)
    count = int(con.execute(f"SELECT count(*) FROM {table} WHERE {blank}").fetchall()[0][0])
    if count:
        con.execute(f"DELETE FROM {table} WHERE {blank}")
    return count


def _remove_unnamed(con: duckdb.DuckDBPyConnection, table: str, named: list[tuple[str, str]]) -> tuple[str, ...]:
    """Drop the columns at the right end that have neither a name nor a value; returns those that stay."""
    columns = list(named)
    while len(columns) > 1 and not columns[-1][1]:
        name = identifier(columns[-1][0])
        if con.execute(f"SELECT 1 FROM {table} WHERE {name} IS NOT NULL LIMIT 1").fetchone():
            break
        con.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
        columns.pop()
    return tuple(name for name, _ in columns)
