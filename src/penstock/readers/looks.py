"""What a column looks like, for telling the shape of a file; the typing itself is stricter."""

from __future__ import annotations

from dataclasses import replace

from penstock.readers.booleans import NO, YES, within
from penstock.readers.currencies import is_currency
from penstock.readers.findings import ask, known
from penstock.readers.moments import family_sql
from penstock.readers.numbers import CURRENCY, read_sql
from penstock.readers.sheet import Sheet
from penstock.readers.tables import ROW

# A few bad rows do not hide what a column is: the typing functions name them.
SHARE = 0.9
# Of a longer column about so many values are looked at, drawn by their row number: the same ones every time.
SAMPLED = 20_000
TYPED = {"DATE": "date", "BOOLEAN": "boolean", "DOUBLE": "number", "FLOAT": "number", "HUGEINT": "number"}


def _typed(sheet: Sheet, column: str) -> str | None:
    form = (sheet.typed or {}).get(column, "")
    if form.startswith("TIMESTAMP"):
        return "instant"
    if form.startswith("DECIMAL") or form.endswith(("INT", "INTEGER")):
        return "number"
    return TYPED.get(form)


def looks_like(sheet: Sheet, column: str) -> str:
    """instant, date, number, money, boolean, text or empty: the form of nine tenths of the column's values, or more.

    Dates with a time in one row or more are instants; so are numbers of 13 digits (milliseconds since 1970). Numbers with a
    currency are money. Words of yes and no are boolean; 1 and 0 alone are numbers. A file's own types are taken as they are.
    """
    text = known(sheet, column)
    filled = int(ask(sheet, f"count({text})")[0][0])
    if not filled:
        return "empty"
    typed = _typed(sheet, column)
    if typed is not None:
        return typed
    if filled > SAMPLED:
        drawn = replace(sheet, table=f"(SELECT {text} FROM {sheet.table} WHERE hash({ROW}) % {filled // SAMPLED} = 0)")
        found = int(ask(drawn, f"count({text})")[0][0])
        sheet, filled = (drawn, found) if found else (sheet, filled)
    return _form(sheet, text, filled)


def _form(sheet: Sheet, text: str, filled: int) -> str:
    words, bits = ask(
        sheet,
        f"count(*) FILTER (lower({text}) IN {within(YES | NO)}), count(*) FILTER (regexp_full_match({text}, '[01](\\.0)?'))",
    )[0]
    if words == filled and bits < filled:
        return "boolean"
    enough = SHARE * filled
    dates, timed = _moments(sheet, text)
    if dates >= enough:
        return "instant" if timed else "date"
    plain, money = _numbers(sheet, text)
    if plain + money >= enough:
        return "money" if money else "number"
    return "text"


def _moments(sheet: Sheet, text: str) -> tuple[int, int]:
    """How many values are dates or instants, and how many of these have a time."""
    rows = sheet.con.execute(
        f"SELECT family, length(t), contains(t, ':'), count(*) FROM (SELECT {text} AS t, {family_sql(text)} AS family "
        f"FROM {sheet.table}) WHERE family IS NOT NULL GROUP BY ALL"
    ).fetchall()
    dates = timed = 0
    for family, length, colon, count in rows:
        # Eight and ten digits alone are as often a number.
        if (family == "epoch" and length != 13) or (family == "compact" and length == 8):
            continue
        dates += int(count)
        timed += int(count) if colon or family in ("epoch", "compact") else 0
    return dates, timed


def _numbers(sheet: Sheet, text: str) -> tuple[int, int]:
    """How many values are numbers with nothing beside them, and with a currency."""
    dot, comma = (read_sql(text, CURRENCY, mark) for mark in ".,")
    rows = sheet.con.execute(
        f"SELECT CASE WHEN dot.v IS NULL THEN comma.u ELSE dot.u END AS unit, count(*) "
        f"FROM (SELECT {dot} AS dot, {comma} AS comma FROM {sheet.table}) "
        "WHERE dot.v IS NOT NULL OR comma.v IS NOT NULL GROUP BY unit"
    ).fetchall()
    plain = sum(int(count) for unit, count in rows if unit == "")
    return plain, sum(int(count) for unit, count in rows if unit and is_currency(unit))
