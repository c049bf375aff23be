"""CSV and TSV into DuckDB: every value as text, in file order, with bounded memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from penstock.readers.dialect import Dialect, read_dialect
from penstock.readers.encodings import Prepared, prepare
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.quoting import literal
from penstock.readers.ragged import rewritten
from penstock.readers.sheet import Sheet
from penstock.readers.tables import fill


def _source(path: Path, delimiter: str, width: int, zipped: bool) -> str:
    """DuckDB's reader with everything said, so that it guesses nothing."""
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, columns={{{columns}}}, header=true, delim={literal(delimiter)}, "
        f"quote='\"', escape='\"', strict_mode=true, compression='{'gzip' if zipped else 'none'}', parallel=true)"
    )


def _notes(prepared: Prepared, path: Path) -> list[Note]:
    if prepared.encoding == "windows-1252" and prepared.assumed:
        return [Note("windows_1252", values={"file": path.name})]
    return []


def _filled(con: duckdb.DuckDBPyConnection, prepared: Prepared, dialect: Dialect, path: Path, scratch: Path) -> Sheet:
    width = len(dialect.header)
    notes = _notes(prepared, path)

    def whole(file: Path, zipped: bool, blank_rows: int) -> Sheet:
        source = _source(file, dialect.delimiter, width, zipped)
        return fill(con, source, dialect.header, path, odd_spaces=prepared.odd_spaces, notes=notes, blank_rows=blank_rows)

    if not (dialect.lead or (prepared.inner_blank and width > 1)):
        try:
            # DuckDB skips the empty lines at the end, but for a lone column each is a row.
            return whole(prepared.path, prepared.zipped, prepared.trailing_blank if width > 1 else 0)
        except duckdb.Error:
            # Python's csv module finds the lines at fault, or shows that nothing is lost by evening the rows out.
            pass
    even = rewritten(prepared, dialect, path, scratch)
    try:
        return whole(even, False, 0)
    except duckdb.Error as problem:
        fault = Fault(
            f"{path.name} could not be read: {str(problem).splitlines()[0]}", "Export it again as CSV (UTF-8).", str(path)
        )
        raise ReadError([fault]) from problem


def load_delimited(con: duckdb.DuckDBPyConnection, path: Path, encoding: str | None, delimiter: str | None) -> Sheet:
    """A CSV or TSV file, gzipped or not, as a Sheet. Errors and rules as in `files.load`."""
    with tempfile.TemporaryDirectory(prefix="penstock-") as scratch_name:
        scratch = Path(scratch_name)
        prepared = prepare(path, encoding, scratch)
        dialect = read_dialect(prepared, path, delimiter)
        return _filled(con, prepared, dialect, path, scratch)
