"""Rows that have not as many fields as the header: found exactly, mended where nothing is lost, else refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from penstock.readers.dialect import Dialect, is_blank, records
from penstock.readers.encodings import Prepared, open_bytes
from penstock.readers.faults import Fault, ReadError
from penstock.readers.wording import worded

SHOWN = 10


class _Ragged:
    """Gathers the rows of one kind of fault."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.lines: list[int] = []
        self.values: list[str] = []
        self.count = 0

    def add(self, row: int, line: int, record: list[str], delimiter: str) -> None:
        self.count += 1
        if self.count <= SHOWN:
            self.rows.append(row)
            self.lines.append(line)
            self.values.append(delimiter.join(record)[:120])

    def fault(self, what: str, remedy: str, path: Path) -> Fault:
        lines = ", ".join(str(line) for line in self.lines) + (" …" if self.count > SHOWN else "")
        word = "line" if self.count == 1 else "lines"
        return Fault(f"{what} ({word} {lines}).", remedy, str(path), "", self.rows, self.values, self.count)


def _fitted(record: list[str], header: tuple[str, ...]) -> list[str] | None:
    """The record with exactly the header's number of fields, or None where that would lose or invent something."""
    width = len(header)
    if is_blank(record):
        return [""] * width
    if len(record) > width:
        return record[:width] if is_blank(record[width:]) else None
    if len(record) < width and any(header[len(record) :]):
        return None
    return record + [""] * (width - len(record))


def rewritten(prepared: Prepared, dialect: Dialect, path: Path, scratch: Path) -> Path:
    """A copy of the file with a header of column numbers and as many fields in every row, blank lines included.

    A row may lack only fields of columns that the header does not name, and have only empty fields too many. Raises ReadError
    with the line numbers of all others, and with the line where the quoting is broken.
    """
    out_path = scratch / "rewritten.csv"
    short, long, width = _Ragged(), _Ragged(), len(dialect.header)
    faults: list[Fault] = []
    line = 1
    with open_bytes(prepared.path) as raw, out_path.open("w", encoding="utf-8", newline="") as out:
        stream = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator="\n")
        writer.writerow(range(width))
        try:
            for number, (line, record) in enumerate(records(stream, dialect.delimiter), -dialect.lead):
                if number < 1:
                    continue
                fitted = _fitted(record, dialect.header)
                if fitted is None:
                    (short if len(record) < width else long).add(number, line, record, dialect.delimiter)
                elif width == 1 and not fitted[0]:
                    out.write('""\n')
                else:
                    writer.writerow(fitted)
        except csv.Error as problem:
            faults.append(_quoting(problem, line, path))
    header = {"file": path.name, "width": str(width)}
    if short.count:
        what = worded("{count} [row|rows] of {file} [has|have] fewer fields than the header's {width}", short.count, **header)
        faults.append(short.fault(what, "Fill them up, or export the file again.", path))
    if long.count:
        what = worded("{count} [row|rows] of {file} [has|have] more fields than the header's {width}", long.count, **header)
        faults.append(long.fault(what, "Quote the values that hold the delimiter, or give --delimiter.", path))
    if faults:
        raise ReadError(faults)
    return out_path


def _quoting(problem: csv.Error, line: int, path: Path) -> Fault:
    if "end of data" in str(problem):
        what = f"A quotation mark in {path.name} is opened in the record after line {line} and never closed."
    else:
        what = f"The quoting of {path.name} is broken in the record after line {line}: {problem}."
    remedy = 'Close the quotation mark; a quotation mark inside a quoted value is written twice ("").'
    return Fault(what, remedy, str(path))
