"""Columns of probabilities, in percent or as fractions."""

from __future__ import annotations

from penstock.readers.faults import Fault, ReadError
from penstock.readers.findings import ask, fault_of
from penstock.readers.numbers import PERCENT, Numbers, read_numbers, scaled_sql
from penstock.readers.sheet import Sheet

SCALES = {"percent": 2, "fraction": 4}


def _settle(sheet: Sheet, column: str, numbers: Numbers) -> str:
    value, marked = f"try_cast(({numbers.read}).v AS DOUBLE)", f"({numbers.read}).u = '%'"
    table = f"(SELECT {value} AS value, {marked} AS marked FROM {sheet.table})"
    tally = (
        "count(*) FILTER (marked), count(*) FILTER (NOT marked AND value > 1), "
        "count(*) FILTER (NOT marked AND value > 0 AND value < 1), count(*) FILTER (NOT marked AND value = 1)"
    )
    signed, above, between, one = sheet.con.execute(f"SELECT {tally} FROM {table}").fetchall()[0]
    if signed and (between or one):
        what = "Column {column}: some values have a % sign, and {count} without one may be [a fraction|fractions]."
        where = f"NOT ({marked}) AND {value} > 0 AND {value} <= 1"
        fault = fault_of(sheet, column, where, what, "Write all with a % sign, or as fractions.")
        raise ReadError([fault] if fault else [])
    if signed or above:
        return "percent"
    if between or not one:
        return "fraction"
    what = "Column {column}: {count} [value is|values are] 1, the others 0: 1 can be 1 % or 100 %."
    remedy = "Write percent with a % sign, or say in the mapping that the column is in percent or fractions."
    fault = fault_of(sheet, column, f"{value} = 1", what, remedy, removable=False)
    raise ReadError([fault] if fault else [])


def probability_sql(sheet: Sheet, column: str, *, scale: str | None = None, decimal: str | None = None) -> str:
    """SQL that reads a column as probabilities: INTEGER basis points (65 % is 6500), rounded half to even.

    scale: percent or fraction; None to decide for the whole column: a % sign or a value above 1 says percent, else a value
    between 0 and 1 says fractions. decimal: as in `money_sql`. A value with a % sign is always in percent.
    Raises ReadError, with rows: no numbers; below 0 or above 100 %; % on some values only, others between 0 and 1; nothing but
    0 and 1 without a scale.
    """
    if scale not in (None, *SCALES):
        raise ReadError([Fault(f"{scale!r} is no scale of a probability.", "Give percent or fraction.", sheet.path, column)])
    numbers = read_numbers(sheet, column, PERCENT, decimal)
    settled = scale or _settle(sheet, column, numbers)
    points = scaled_sql(numbers.read, SCALES[settled])
    if settled == "fraction" and ask(sheet, "1", f"({numbers.read}).u = '%' LIMIT 1"):
        points = f"CASE WHEN ({numbers.read}).u = '%' THEN {scaled_sql(numbers.read, SCALES['percent'])} ELSE {points} END"
    where = f"{numbers.text} IS NOT NULL AND coalesce({points} NOT BETWEEN 0 AND 10000, true)"
    what = f"Column {{column}}: {{count}} [value|values], read as {settled}, [is|are] below 0 or above 100 %."
    fault = fault_of(sheet, column, where, what, "Correct them, or set these rows aside with --rejects.")
    if fault:
        raise ReadError([fault])
    return f"({points})::INTEGER"
