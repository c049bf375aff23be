"""The forms in which people write numbers: a grammar in SQL, and which mark is the column's decimal one.

A text is read as {v, n, u}: v the number without sign and grouping, with a decimal point (VARCHAR, so that nothing is lost);
n whether it is negative; u what stands beside it (a currency or %).
"""

from __future__ import annotations

from dataclasses import dataclass

from penstock.readers.faults import Fault, ReadError
from penstock.readers.findings import ask, fault_of, known
from penstock.readers.moments import bind
from penstock.readers.sheet import Sheet

# Whether it is a currency is told later, from the few different ones.
CURRENCY = r"[^\d\s.,''()+\-%]{1,4}\.?"
PERCENT = "%"
NOTHING = r"\b\B"
MARKS = (".", ",")
_CORE = r"\d[\d., ']*\d|\d|[.,]\d+"
_NAMES = "['u1', 's1', 'p1', 'u2', 's2', 'num', 'e', 's3', 'u3', 'p2', 's4', 'u4', 's5']"
# How a number may be written where the point is the decimal mark, and where the comma is. Grouped ones begin with no zero.
_READABLE = {
    ".": r"\d*\.\d+|\d+|[1-9]\d{0,2}(?:(?:,\d{3})+|(?: \d{3})+|(?:''\d{3})+)(?:\.\d+)?|[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d+)?",
    ",": r"\d*,\d+|\d+|[1-9]\d{0,2}(?:(?:\.\d{3})+|(?: \d{3})+|(?:''\d{3})+)(?:,\d+)?",
}
_UNGROUPED = {".": r"\d*\.?\d+", ",": r"\d*,?\d+"}
FAST = r"-?\d{1,15}(?:\.\d+)?"
# Plain numbers in which the point can only be the decimal mark; the many rows of this kind need no closer look.
POINTED = r"-?(?:\d*\.(?:\d{1,2}|\d{4,})|0\d*\.\d{3}|\d{4,}\.\d{3})"
NUMERIC_TYPES = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "REAL")


@dataclass(frozen=True)
class Numbers:
    """text: the column as SQL. read: SQL of {v, n, u}. decimal: the mark that was settled on."""

    text: str
    read: str
    decimal: str


def _plain(text: str) -> str:
    """SQL: one kind of space, minus and apostrophe."""
    spaces = f"regexp_replace({text}, '[\\s\\x{{00a0}}\\x{{2007}}\\x{{2009}}\\x{{202f}}]+', ' ', 'g')"
    return f"translate({spaces}, '\u2212\u2013\u2019\u2018`', '--''''''')"


def shape(unit: str) -> str:
    """RE2: sign, unit, number, exponent, unit, in any usual place."""
    core = _CORE.replace("'", "''")
    beside, sign = f"((?:{unit})?) ?", "([+-]?) ?"
    number = rf"({core})((?:[eE][+-]?\d{{1,2}})?) ?"
    return rf"^{beside}{sign}(\(?) ?{beside}{sign}{number}{sign}{beside}(\)?) ?{sign}{beside}{sign}$"


def read_sql(text: str, unit: str, decimal: str) -> str:
    """SQL: {v, n, u} of a text; v is NULL where it cannot be read with this decimal mark. unit: RE2 of what may stand beside."""
    grouping = "[. '']" if decimal == "," else "[, '']"
    digits = f"replace(regexp_replace(_g_.num, '{grouping}', '', 'g'), ',', '.')"
    with_exponent = f"try_cast({digits} || _g_.e AS DECIMAL(38, 12))::VARCHAR"
    signs = "length(_g_.s1 || _g_.s2 || _g_.s3 || _g_.s4 || _g_.s5) + length(_g_.p1)"
    # Patterns must be constants: one that depends on the row is compiled for every row.
    plain, grouped = (f"regexp_full_match(_g_.num, '{forms[decimal]}')" for forms in (_UNGROUPED, _READABLE))
    fits = f"CASE WHEN _g_.e = '' THEN {grouped} ELSE {plain} END"
    sound = f"_g_.num <> '' AND length(_g_.p1) = length(_g_.p2) AND {signs} <= 1 AND {fits}"
    value = f"CASE WHEN {sound} THEN CASE WHEN _g_.e = '' THEN {digits} ELSE {with_exponent} END END"
    negative = "_g_.p1 <> '' OR contains(_g_.s1 || _g_.s2 || _g_.s3 || _g_.s4 || _g_.s5, '-')"
    beside = "coalesce(nullif(_g_.u4, ''), nullif(_g_.u3, ''), nullif(_g_.u2, ''), _g_.u1)"
    slow = bind(
        f"regexp_extract({_plain(text)}, '{shape(unit)}', {_NAMES})", "_g_", f"{{'v': {value}, 'n': {negative}, 'u': {beside}}}"
    )
    if decimal == ",":
        return f"CASE WHEN {text} IS NULL THEN NULL ELSE {slow} END"
    fast = f"{{'v': ltrim({text}, '-'), 'n': {text}[1] = '-', 'u': ''}}"
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN regexp_full_match({text}, '{FAST}') THEN {fast} ELSE {slow} END"


def _settle(sheet: Sheet, column: str, text: str, unit: str) -> tuple[str, Fault | None]:
    """The one decimal mark with which all readable rows can be read, and the fault where none or both do, and differ."""
    dot, comma = (f"({read_sql(text, unit, mark)}).v" for mark in ".,")
    pointed = f"regexp_full_match({text}, '{POINTED}')"
    marked = f"(contains({text}, '.') OR contains({text}, ',')) AND NOT {pointed}"
    table = f"(SELECT {dot} AS dot, {comma} AS comma FROM {sheet.table} WHERE {marked})"
    tally = "count(*) FILTER (dot IS NULL), count(*) FILTER (comma IS NULL), count(*) FILTER (dot <> comma)"
    select = f"SELECT {tally} FROM {table} WHERE dot IS NOT NULL OR comma IS NOT NULL"
    no_dot, no_comma, differing = sheet.con.execute(select).fetchall()[0]
    no_comma += int(ask(sheet, "count(*)", pointed)[0][0])
    if no_dot and no_comma:
        likely, other = (".", ",") if no_dot <= no_comma else (",", ".")
        missing, present = (dot, comma) if likely == "." else (comma, dot)
        what = "Column {column}: the rows keep no one decimal mark; "
        what += f"{{count}} [row uses|rows use] {other!r}, the others {likely!r}."
        remedy = f"Mend these rows, or give --decimal {likely} and set them aside with --rejects."
        where = f"{missing} IS NULL AND {present} IS NOT NULL"
        return likely, fault_of(sheet, column, where, what, remedy, removable=False)
    if no_dot or no_comma or not differing:
        return "," if no_dot else ".", None
    what = "Column {column}: {count} [number|numbers] can be read with . or , as the decimal mark, and no row settles it."
    return ".", fault_of(sheet, column, f"{dot} <> {comma}", what, "Give --decimal . or --decimal , .", removable=False)


def _unreadable(sheet: Sheet, column: str, text: str, unit: str, marks: str, given: str | None) -> Fault | None:
    where = " AND ".join([f"{text} IS NOT NULL", *(f"({read_sql(text, unit, mark)}).v IS NULL" for mark in marks)])
    how = f" with {given!r} as the decimal mark" if given else ""
    what = f"Column {{column}}: {{count}} [value is no number|values are no numbers]{how}."
    remedy = "Write them as 1234.50, leave them empty, or set these rows aside with --rejects."
    return fault_of(sheet, column, where, what, remedy)


def read_numbers(sheet: Sheet, column: str, unit: str, decimal: str | None) -> Numbers:
    """Settle how the column's numbers are read. decimal: "." or ",", or None to decide from all rows.

    Raises ReadError for values that are no numbers, with all their rows, and for a column that can be read in two ways.
    """
    text = known(sheet, column)
    if decimal is not None and decimal not in MARKS:
        raise ReadError([Fault(f"{decimal!r} is no decimal mark.", "Give --decimal . or --decimal , .", sheet.path, column)])
    typed = (sheet.typed or {}).get(column, "")
    if typed.startswith(NUMERIC_TYPES) or typed.endswith("INT"):
        decimal = "."
    settled, fault = (decimal, None) if decimal else _settle(sheet, column, text, unit)
    faults = [fault, _unreadable(sheet, column, text, unit, ".," if fault else settled, decimal)]
    if any(faults):
        raise ReadError([fault for fault in faults if fault is not None])
    return Numbers(text, read_sql(text, unit, settled), settled)


def scaled_sql(read: str, exponent: int) -> str:
    """SQL: HUGEINT, the number times ten to the exponent, rounded half to even; exact, by its digits. NULL where too long."""
    fraction = "split_part(_r_.v, '.', 2)"
    kept = f"try_cast('0' || split_part(_r_.v, '.', 1) || left(rpad({fraction}, {exponent}, '0'), {exponent}) AS HUGEINT)"
    rest = f"rtrim(substr({fraction}, {exponent + 1}), '0')"
    up = f"CASE WHEN {rest} > '5' OR ({rest} = '5' AND {kept} % 2 = 1) THEN 1 ELSE 0 END"
    return bind(read, "_r_", f"CASE WHEN _r_.n THEN -1 ELSE 1 END * ({kept} + {up})")


def surplus_sql(read: str, exponent: int) -> str:
    """SQL: true where rounding to the exponent's decimals would lose something: not for zeros, nor for the noise of binary
    floating point, which leaves the first six decimals whole."""
    fraction = "split_part(_r_.v, '.', 2)"
    between = f"substr({fraction}, {exponent + 1}, {max(0, 6 - exponent)})"
    rest = f"rtrim(substr({fraction}, {exponent + 1}), '0')"
    low = f"({between} = '{'0' * max(0, 6 - exponent)}' AND {fraction}[7] < '5')"
    high = f"({between} = '{'9' * max(0, 6 - exponent)}' AND {fraction}[7] >= '5')"
    return bind(read, "_r_", f"{rest} <> '' AND NOT (length({fraction}) > 6 AND ({low} OR {high}))")
