"""A file of any supported kind as a Sheet of text."""

from __future__ import annotations

from pathlib import Path

import duckdb

from penstock.readers.delimited import load_delimited
from penstock.readers.faults import Fault, ReadError
from penstock.readers.parquet import load_parquet
from penstock.readers.sheet import Sheet
from penstock.readers.workbooks import load_workbook

PARQUET, ZIP, OLE = b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
FOREIGN = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"SQLi": "an SQLite database",
    b"BZh": "a bzip2 archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xfd7zX": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstandard archive",
}
SUPPORTED = "Give a CSV, TSV, Parquet, XLSX, XLS or ODS file; CSV and TSV may be gzipped."


def _refuse(what: str, remedy: str, path: Path) -> ReadError:
    return ReadError([Fault(what, remedy, str(path))])


def _head(path: Path) -> bytes:
    if not path.exists():
        raise _refuse(f"There is no file {path}.", "Check the path.", path)
    if path.is_dir():
        raise _refuse(f"{path} is a directory.", "Give one of the files in it.", path)
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as problem:
        raise _refuse(f"{path} could not be opened: {problem.strerror}.", "Check that you may read it.", path) from problem
    if not head:
        raise _refuse(f"{path.name} is empty: it has no bytes.", "Export it again.", path)
    kind = next((kind for mark, kind in FOREIGN.items() if head.startswith(mark)), None)
    if kind is not None:
        raise _refuse(f"{path.name} is {kind}, not a table.", SUPPORTED, path)
    return head


def load(
    con: duckdb.DuckDBPyConnection,
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Sheet:
    """Load a file into DuckDB as text; its kind is told by its first bytes, not by its name.

    path: CSV or TSV (also gzipped), Parquet, XLSX, XLS or ODS, with a header. encoding: a Python codec name; else a byte-order
    mark, else UTF-8, else windows-1252. delimiter: one character, or comma, semicolon, tab, pipe; else decided from the header
    and a sample of rows. sheet: which sheet of a workbook, needed if several have cells.

    The Sheet's `_row` numbers all rows under the header from 1, blank ones too, in file order; blank rows themselves are left
    out and counted. Raises ReadError, naming what, where and how to mend it: a file that is missing, empty, a directory, not
    text or damaged; an encoding that does not fit; a delimiter that is not clear; two columns of one name; rows with fewer
    fields than the header names, or with more that hold something (with line numbers); broken quoting.
    """
    path = Path(path)
    head = _head(path)
    if sheet is not None and not head.startswith((ZIP, OLE)):
        raise _refuse(f"{path.name} is not a workbook, and has no sheets.", "Leave out --sheet.", path)
    if head.startswith(PARQUET):
        return load_parquet(con, path)
    if head.startswith((ZIP, OLE)):
        return load_workbook(con, path, sheet)
    return load_delimited(con, path, encoding, delimiter)
