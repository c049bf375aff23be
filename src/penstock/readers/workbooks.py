"""XLSX, XLS and ODS into DuckDB by python-calamine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from penstock.readers.dialect import WHITE
from penstock.readers.faults import Fault, ReadError
from penstock.readers.sheet import Sheet
from penstock.readers.tables import fill

BATCH = 50_000
FORMS = {
    bool: "BOOLEAN",
    int: "DOUBLE",
    float: "DOUBLE",
    datetime: "TIMESTAMP",
    date: "DATE",
    time: "TIME",
    timedelta: "INTERVAL",
}


def _form(value: Any) -> str:
    return FORMS.get(type(value), "VARCHAR")


def _text(value: Any, mixed: bool) -> str:
    """A cell as text. In a column that also holds text, a number never looks like one with a thousands separator."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        text = repr(value)
        _, point, decimals = text.partition(".")
        return text + "0" if mixed and point and len(decimals) == 3 else text
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _open(path: Path, name: str | None) -> list[list[Any]]:
    """The rows of the one sheet with cells, or of the one named; ReadError if that is not one."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except Exception as problem:  # calamine has many errors, and all mean the same to the user
        fault = Fault(
            f"{path.name} could not be opened as a workbook: {problem}.", "Save it again without a password.", str(path)
        )
        raise ReadError([fault]) from problem
    if name is not None:
        if name not in book.sheet_names:
            names = ", ".join(book.sheet_names)
            raise ReadError(
                [Fault(f"{path.name} has no sheet named {name!r}. It has: {names}.", "Give one with --sheet.", str(path))]
            )
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    full = {each: book.get_sheet_by_name(each) for each in book.sheet_names}
    full = {each: sheet for each, sheet in full.items() if sheet.height and sheet.width}
    if not full:
        raise ReadError([Fault(f"{path.name} is empty: it has no header and no rows.", "Export it again.", str(path))])
    if len(full) > 1:
        names = ", ".join(full)
        raise ReadError([Fault(f"{path.name} has several sheets: {names}.", "Give the one to read with --sheet.", str(path))])
    return next(iter(full.values())).to_python(skip_empty_area=False)


def _is_blank(row: list[Any]) -> bool:
    return all(isinstance(cell, str) and not cell.strip(WHITE) for cell in row)


def _batches(rows: Iterable[list[Any]], width: int, mixed: list[bool]) -> Iterator[list[list[str | None]]]:
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        yield [[_text(row[i], mixed[i]) if i < len(row) and row[i] != "" else None for row in batch] for i in range(width)]


def load_workbook(con: duckdb.DuckDBPyConnection, path: Path, sheet: str | None) -> Sheet:
    """A workbook's sheet as a Sheet; the first row with a cell is the header. Errors and rules as in `files.load`.

    A column whose cells are all numbers, dates or booleans is noted in `typed`.
    """
    import pyarrow as pa

    rows = _open(path, sheet)
    start = next((index for index, row in enumerate(rows) if not _is_blank(row)), None)
    if start is None:
        raise ReadError([Fault(f"{path.name} is empty: it has no header and no rows.", "Export it again.", str(path))])
    header = [" ".join(_text(cell, False).strip(WHITE).splitlines()) for cell in rows[start]]
    body, width = rows[start + 1 :], len(header)
    forms: list[set[str]] = [{_form(row[i]) for row in body if i < len(row) and row[i] != ""} for i in range(width)]
    schema = pa.schema([(f"c{index}", pa.string()) for index in range(width)])
    batches = [pa.record_batch(columns, schema=schema) for columns in _batches(body, width, [len(form) > 1 for form in forms])]
    arrow = pa.Table.from_batches(batches, schema=schema)
    typed = {
        name or f"column_{i + 1}": next(iter(form))
        for i, (name, form) in enumerate(zip(header, forms, strict=True))
        if len(form) == 1
    }
    typed = {name: form for name, form in typed.items() if form != "VARCHAR"}
    con.register("penstock_workbook", arrow)
    try:
        return fill(con, "penstock_workbook", header, path, typed=typed)
    finally:
        con.unregister("penstock_workbook")
