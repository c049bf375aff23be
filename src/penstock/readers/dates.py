"""Columns of dates and instants: which form every row has, which order the column keeps, and the SQL that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from penstock.readers.faults import Fault, ReadError
from penstock.readers.findings import ask, fault_of, known
from penstock.readers.moments import EPOCH, NO_ZONE, NUMERIC_DAY, ORDERS, bind, family_sql, read_sql
from penstock.readers.sheet import Sheet
from penstock.readers.zones import to_local_sql, to_utc_sql, zone

FIRST_YEAR, LAST_YEAR = 1900, 2200
ORDER_WORDS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
FORMS = "Write dates as 2026-04-15 and times as 2026-04-15T09:00:00Z, or set these rows aside with --rejects."


@dataclass(frozen=True)
class _Reading:
    """read: SQL of {w, z}. families: the forms met. span: first and last time as written."""

    read: str
    families: list[str]
    span: tuple[datetime, datetime]


def _families(sheet: Sheet, text: str) -> list[str]:
    rows = ask(sheet, f"DISTINCT {family_sql(text)}", f"{text} IS NOT NULL")
    return sorted(str(row[0]) for row in rows if row[0] is not None)


def _order(sheet: Sheet, column: str, families: list[str], never: bool) -> str:
    """The one order that fits all numeric dates of the column; ReadError, with all else that is wrong, if none or several do."""
    text = known(sheet, column)
    shaped = f"({family_sql(text)}) = 'numeric'"
    dates = {order: f"({read_sql(text, ['numeric'], order)}).w::DATE" for order in ORDERS}
    some = " OR ".join(f"{sql} IS NOT NULL" for sql in dates.values())
    counts = _unfitting(sheet, text, shaped)
    fits = [order for order, count in counts.items() if count == 0]
    if len(fits) == 1:
        return fits[0]
    if fits:
        where = " OR ".join(f"{dates[fits[0]]} IS DISTINCT FROM {dates[order]}" for order in fits[1:])
        words = " or ".join(ORDER_WORDS[order] for order in fits)
        what = f"Column {{column}}: the dates can be read {words}, and no row settles it ({{count}} [row|rows] would differ)."
        remedy = f"Give --date-order {'|'.join(fits)}."
    else:
        likely = min(counts, key=lambda order: int(counts[order]))
        where = f"({some}) AND {dates[likely]} IS NULL"
        what = (
            "Column {column}: the rows keep no one order of day and month; "
            f"{{count}} [row does|rows do] not fit {ORDER_WORDS[likely]}."
        )
        remedy = f"Mend these rows, or give --date-order {likely} and set them aside with --rejects."
    fault = fault_of(sheet, column, f"{shaped} AND ({where})", what, remedy, removable=False)
    if fault is None:
        return fits[0]
    raise ReadError([fault, *_faults(sheet, column, text, _in_any_order(text, families), never)])


def _unfitting(sheet: Sheet, text: str, shaped: str) -> dict[str, int]:
    """For each order, how many rows have a date in another order but none in this one.

    The date without its time is looked at, once for all rows that share it: a column has far fewer days than instants.
    """
    # Names that no column has: inside a SELECT a column goes before an alias.
    days = f"SELECT regexp_extract({text}, '{NUMERIC_DAY}') AS _day_ FROM {sheet.table} WHERE {shaped}"
    days = f"SELECT _day_, count(*) AS _rows_ FROM ({days}) GROUP BY _day_"
    read = ", ".join(f"({read_sql('_day_', ['numeric'], order)}).w AS {order}" for order in ORDERS)
    tally = ", ".join(f"coalesce(sum(_rows_) FILTER ({order} IS NULL), 0)" for order in ORDERS)
    some = " OR ".join(f"{order} IS NOT NULL" for order in ORDERS)
    counts = sheet.con.execute(f"SELECT {tally} FROM (SELECT _rows_, {read} FROM ({days})) WHERE {some}").fetchall()[0]
    return {order: int(count) for order, count in zip(ORDERS, counts, strict=True)}


def _in_any_order(text: str, families: list[str]) -> str:
    """SQL of {w, z} in the first order that gives a date, to find the rows that have none in any."""
    reads = [read_sql(text, families, order) for order in ORDERS]
    return f"CASE {' '.join(f'WHEN ({read}).w IS NOT NULL THEN {read}' for read in reads)} ELSE {reads[0]} END"


def _faults(sheet: Sheet, column: str, text: str, read: str, never: bool) -> list[Fault]:
    """What is wrong with single rows, given how the column is read."""
    year = f"year(({read}).w)"
    far = f"({year} < {FIRST_YEAR} OR {year} > {LAST_YEAR})" + (f" AND {year} <> 9999" if never else "")
    unread = f"{text} IS NOT NULL AND ({read}) IS NULL"
    absent = f"{text} IS NOT NULL AND ({read}) IS NOT NULL AND ({read}).w IS NULL"
    zoned = f"{text} IS NOT NULL AND ({read}).z = {NO_ZONE} AND ({read}).w IS NOT NULL"
    outside = f"{text} IS NOT NULL AND ({read}).w IS NOT NULL AND coalesce(({read}).z, 0) <> {NO_ZONE} AND {far}"
    name = "Column {column}: {count}"
    wrong = [
        (unread, f"{name} [value is|values are] in no form of a date.", FORMS),
        (absent, f"{name} [value names|values name] a date that does not exist.", FORMS),
        (
            zoned,
            f"{name} [value names|values name] a time zone that cannot be told, or two.",
            "Write the offset, such as +02:00.",
        ),
        (
            outside,
            f"{name} [value lies|values lie] outside the years {FIRST_YEAR} to {LAST_YEAR}.",
            "Correct the year, or leave the value empty.",
        ),
    ]
    found = [fault_of(sheet, column, where, what, remedy) for where, what, remedy in wrong]
    return [fault for fault in found if fault is not None]


def _reading(sheet: Sheet, column: str, date_order: str | None, never: bool) -> _Reading:
    text = known(sheet, column)
    if date_order is not None and date_order not in ORDERS:
        raise ReadError(
            [Fault(f"{date_order!r} is no order of a date.", "Give --date-order dmy, mdy or ymd.", sheet.path, column)]
        )
    families = _families(sheet, text)
    order = date_order or (_order(sheet, column, families, never) if "numeric" in families else "ymd")
    read = read_sql(text, families, order)
    sound = f"coalesce(moment.z, 0) <> {NO_ZONE} AND year(moment.w) BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    if never:
        sound += " OR year(moment.w) = 9999"
    unsound, first, last = sheet.con.execute(
        f"SELECT count(*) FILTER (NOT coalesce({sound}, false)), "
        f"min(moment.w) FILTER (year(moment.w) <= {LAST_YEAR}), max(moment.w) FILTER (year(moment.w) <= {LAST_YEAR}) "
        f"FROM (SELECT {read} AS moment FROM {sheet.table} WHERE {text} IS NOT NULL)"
    ).fetchall()[0]
    if unsound:
        raise ReadError(_faults(sheet, column, text, read, never))
    span = (first or datetime(2000, 1, 1), last or datetime(2000, 1, 1))
    if never:
        read = f"CASE WHEN year(({read}).w) = 9999 THEN NULL ELSE {read} END"
    return _Reading(read, families, span)


def instant_sql(
    sheet: Sheet, column: str, *, timezone: str = "UTC", date_order: str | None = None, never_is_null: bool = False
) -> str:
    """SQL that reads a column as instants: TIMESTAMP, naive, in UTC.

    Read are ISO 8601 and its usual relatives, dates in numbers (2/26/2018, 15.04.21), dates with the month's name in five
    languages, with or without a time, AM or PM, a zone; and seconds, milliseconds or microseconds since 1970 (10, 13 or 16
    digits). Rows may have different forms; the order of day and month is the column's. A year of two digits is 1969 to 2068;
    in 01-Jan-15 the day stands first. timezone: of times without a zone; a bare date is its midnight there; a time that a clock
    change skips or doubles has the offset in force before the change. date_order: dmy, mdy or ymd, where the rows do not settle
    it. never_is_null: the year 9999 is NULL, not a fault. More than six decimals of a second are rounded to six.
    Raises ReadError: values in no such form, dates that do not exist or lie before 1900 or after 2200, zones that cannot be
    told (all with their rows), rows of different orders, and a column that can be read in two ways.
    """
    where = zone(timezone)
    reading = _reading(sheet, column, date_order, never_is_null)
    local = to_utc_sql("_r_.w", where, reading.span)
    return bind(reading.read, "_r_", f"CASE WHEN _r_.z IS NULL THEN {local} ELSE _r_.w - to_minutes(_r_.z) END")


def date_sql(
    sheet: Sheet, column: str, *, timezone: str = "UTC", date_order: str | None = None, never_is_null: bool = False
) -> str:
    """SQL that reads a column as dates: DATE, the day as written, whatever time and zone stand behind it.

    Forms, options and errors are those of `instant_sql`. Only a number of seconds since 1970 has no written day: it is the day
    in `timezone`.
    """
    where = zone(timezone)
    reading = _reading(sheet, column, date_order, never_is_null)
    if "epoch" not in reading.families or where.key == "UTC":
        return f"({reading.read}).w::DATE"
    local = to_local_sql("_r_.w", where, reading.span)
    text = known(sheet, column)
    return bind(reading.read, "_r_", f"CASE WHEN regexp_full_match({text}, '{EPOCH}') THEN {local} ELSE _r_.w END::DATE")
