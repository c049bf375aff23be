"""A file as a table of text: nothing is interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from penstock.readers.faults import Note


@dataclass(frozen=True)
class Sheet:
    """A file loaded into DuckDB as text.

    con: the connection that holds it. table: its table there. Every column in `columns` is VARCHAR, trimmed of surrounding
    white space, and NULL where the file has nothing; beside them stands `_row` (BIGINT, 1 is the first row under the header).
    typed: columns that the file itself gave a type to (Parquet, XLSX dates), by name, with their DuckDB type; their text is
    DuckDB's cast of the value. rows: how many. blank_rows: wholly empty rows that were passed over
    (`_row` counts them, so that it agrees with a spreadsheet). notes: what was assumed in reading the file.
    """

    con: duckdb.DuckDBPyConnection
    table: str
    path: str
    columns: tuple[str, ...]
    rows: int
    blank_rows: int = 0
    typed: dict[str, str] | None = None
    notes: tuple[Note, ...] = ()
