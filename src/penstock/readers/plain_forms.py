"""Columns that already are in the plainest form: ISO dates and times, bare numbers. One scan finds them, a cast reads them.

Only a short way past the general readers of columns, for files of millions of rows; what is not plain goes to these.
"""

from __future__ import annotations

from collections.abc import Mapping

from penstock.ledger.money import minor_unit
from penstock.readers.fields import AMOUNTS, DATES, INSTANTS, INTEGERS
from penstock.readers.options import Options
from penstock.readers.quoting import identifier
from penstock.readers.sheet import Sheet

_DAY = r"(19|20|21)\d\d-\d\d-\d\d"
_TIME = r"[ T]\d\d:\d\d:\d\d(\.\d{1,6})?"


def plain_forms(sheet: Sheet, roles: Mapping[str, str], options: Options) -> dict[str, str]:
    """role -> SQL of the typed value, for those roles whose column is plain in every row; the other roles are not in it."""
    tried = {role: made for role, column in roles.items() if (made := _form(role, identifier(column), options))}
    if options.decimal == "," or not _hundredths(sheet, roles, options):
        tried = {role: made for role, made in tried.items() if role not in AMOUNTS}
    if not tried or not sheet.rows:
        return {}
    checks = ", ".join(f"coalesce(bool_and({test}), TRUE)" for _, test in tried.values())
    row = sheet.con.execute(f"SELECT {checks} FROM {sheet.table}").fetchone()
    plain = {role: sql for (role, (sql, _)), holds in zip(tried.items(), row or (), strict=True) if holds}
    return {role: sql for role, sql in plain.items() if role != "probability" or _percents(sheet, sql)}


def _form(role: str, column: str, options: Options) -> tuple[str, str] | None:
    """The cast, and the test that a value can take it."""
    if role in INSTANTS or role == "close_moment":
        zone = "Z?" if options.timezone == "UTC" else "Z"
        form = rf"{_DAY}{_TIME}{zone}" if zone == "Z" else rf"{_DAY}({_TIME}{zone})?"
        return f"{column}::TIMESTAMP", _test(column, form, "TIMESTAMP")
    if role in DATES:
        return f"{column}::DATE", _test(column, _DAY, "DATE")
    if role in INTEGERS:
        return f"{column}::BIGINT", _test(column, r"-?\d{1,15}", "BIGINT")
    if role in AMOUNTS:
        return f"({column}::DECIMAL(17, 2) * 100)::BIGINT", _test(column, r"-?\d{1,12}(\.\d{1,2})?", "DECIMAL(17, 2)")
    if role == "probability":
        return f"({column}::DECIMAL(7, 2) * 100)::INTEGER", _test(column, r"\d{1,3}(\.\d{1,2})?", "DECIMAL(7, 2)")
    return None


def _test(column: str, form: str, kind: str) -> str:
    return f"{column} IS NULL OR (regexp_full_match({column}, '{form}') AND TRY_CAST({column} AS {kind}) IS NOT NULL)"


def _hundredths(sheet: Sheet, roles: Mapping[str, str], options: Options) -> bool:
    """Whether all amounts are of currencies with two decimals."""
    codes = [options.currency or options.constants.get("currency")]
    if "currency" in roles:
        column = identifier(roles["currency"])
        codes += [row[0] for row in sheet.con.execute(f"SELECT DISTINCT {column} FROM {sheet.table}").fetchall()]
    try:
        return all(minor_unit(code.upper()) == 2 for code in codes if code)
    except ValueError:
        return False


def _percents(sheet: Sheet, sql: str) -> bool:
    """Whether the probabilities are certainly in per cent: none above 100, some above 1."""
    row = sheet.con.execute(f"SELECT max({sql}) FROM {sheet.table}").fetchone()
    return bool(row and row[0] is not None and 100 < row[0] <= 10000)
