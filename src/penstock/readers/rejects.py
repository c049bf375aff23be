"""Setting faulty rows aside in a file, so that the rest can be read now and these after mending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet
from penstock.readers.tables import REASON, ROW, new_table


def split_rejects(sheet: Sheet, faults: Sequence[Fault], out: Path) -> Sheet:
    """Move the rows of the faults to a CSV file, and return a sheet without them.

    The file has the sheet's columns with their text, then `_row` (their number) and `_reason` (what is wrong, one sentence
    after another); `files.load` passes over these two, so the mended file can be read. Raises ReadError with those faults that
    no row can be blamed for (no `where`): they must be settled first.
    """
    lasting = [fault for fault in faults if not fault.where]
    if lasting:
        raise ReadError(lasting)
    if not faults:
        return sheet
    reasons = ", ".join(f"CASE WHEN {fault.where} THEN {literal(fault.what)} END" for fault in faults)
    concerned = " OR ".join(f"coalesce({fault.where}, false)" for fault in faults)
    columns = ", ".join(identifier(column) for column in sheet.columns)
    out.parent.mkdir(parents=True, exist_ok=True)
    faulty = f"SELECT {columns}, {ROW}, concat_ws(' ', {reasons}) AS {REASON} FROM {sheet.table} WHERE {concerned} ORDER BY {ROW}"
    sheet.con.execute(f"COPY ({faulty}) TO {literal(str(out))} (FORMAT csv, HEADER true)")
    table = new_table(sheet.con)
    sheet.con.execute(f"CREATE TABLE {table} AS SELECT * FROM {sheet.table} WHERE NOT ({concerned})")
    rows = int(sheet.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    note = Note("rejected_rows", sheet.rows - rows, "set_aside", {"file": out.name})
    return replace(sheet, table=table, rows=rows, notes=(*sheet.notes, note))
