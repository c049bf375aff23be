"""The rows that a predicate marks, as a Fault."""

from __future__ import annotations

from typing import Any

from penstock.readers.faults import Fault, ReadError
from penstock.readers.quoting import identifier
from penstock.readers.sheet import Sheet
from penstock.readers.tables import ROW
from penstock.readers.wording import worded

SHOWN = 10


def ask(sheet: Sheet, selected: str, where: str = "true") -> list[tuple[Any, ...]]:
    """The answer to a SELECT over the sheet's table."""
    return sheet.con.execute(f"SELECT {selected} FROM {sheet.table} WHERE {where}").fetchall()


def known(sheet: Sheet, column: str) -> str:
    """The column as SQL; ReadError where the sheet has no such column."""
    if column not in sheet.columns:
        what = f"{sheet.path} has no column {column!r}. It has: {', '.join(sheet.columns)}."
        raise ReadError([Fault(what, "Give the right one with --map.", sheet.path, column)])
    return identifier(column)


def fault_of(
    sheet: Sheet, column: str, where: str, what: str, remedy: str, *, removable: bool = True, **values: str
) -> Fault | None:
    """The Fault for the rows where the predicate holds, or None where there are none. `what` is as in `worded`,
    with their number as {count}, the column as {column} and further `values`.

    removable: setting the rows aside mends the fault, so it carries the predicate.
    """
    count = int(ask(sheet, "count(*)", where)[0][0])
    if not count:
        return None
    shown = ask(sheet, f"{ROW}, {identifier(column)}", f"{where} ORDER BY {ROW} LIMIT {SHOWN}")
    return Fault(
        worded(what, count, column=column, **values),
        remedy,
        sheet.path,
        column,
        [int(row) for row, _ in shown],
        ["" if value is None else str(value) for _, value in shown],
        count,
        where if removable else "",
    )
