"""The forms in which people write dates and times: a grammar in SQL.

Each family of dates is one pattern; any may be followed by a time, AM or PM, and a zone. A text is read as {w, z}: w is the
time as written (TIMESTAMP), z the minutes east of UTC that it names (NULL: none; NO_ZONE: one that cannot be told).
Patterns are RE2 and match the text in lower case without accents.
"""

from __future__ import annotations

from dataclasses import dataclass

from penstock.readers.months import month_sql
from penstock.readers.zones import ABBREVIATIONS

NO_ZONE = -99999
_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?"
_ZONE = r"([a-z]{1,5})? ?(?:\(?utc\)?)?([+-](?:0?\d|1[0-8])(?::?[0-5]\d)?)?"
_TAIL = rf"(?:(?:t|,? +|, ?){_CLOCK} ?([ap]\.?m\.?)? ?{_ZONE})?"
_TAIL_NAMES = ["h", "mi", "s", "f", "ap", "zn", "zo"]
_PLAIN_TAIL = r"(?:[t ]?([01]\d|2[0-3])([0-5]\d)([0-5]\d)?(?:[.,](\d+))?()([a-z]{1,5})?([+-]\d{2}(?::?[0-5]\d)?)?)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_SAME = r"(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.)"

ISO = r"\d{4}-\d{2}-\d{2}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)?"
ISO_UTC = r"\d{4}-\d{2}-\d{2}[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?Z"
NUMERIC_DAY = r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
EPOCH = r"\d{10}(?:\.\d+)?|\d{13}|\d{16}"


@dataclass(frozen=True)
class Family:
    """pattern: what the whole text must match; names: of its groups, before those of the time."""

    pattern: str
    names: tuple[str, ...]


FAMILIES = {
    "ymd": Family(rf"{_WEEKDAY}(\d{{4}}){_SAME}(\d{{1,2}}){_TAIL}", ("y", "m1", "m2", "m3", "d")),
    "compact": Family(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_PLAIN_TAIL}", ("y", "m", "d")),
    "numeric": Family(rf"{_WEEKDAY}(\d{{1,2}}){_SAME}(\d{{4}}|\d{{2}}){_TAIL}", ("a", "b1", "b2", "b3", "c")),
    "day_first": Family(
        rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|er|\.)?[ \-/]*(?:de )?([a-z]{{3,}})\.?,?[ \-/.]*(?:de )?(\d{{4}}|\d{{2}}){_TAIL}",
        ("d", "m", "y"),
    ),
    "month_first": Family(
        rf"{_WEEKDAY}([a-z]{{3,}})\.?[ \-/]*(\d{{1,2}})(?:st|nd|rd|th)?,?[ \-/]+(\d{{4}}){_TAIL}", ("m", "d", "y")
    ),
}
ORDERS = ("dmy", "mdy", "ymd")


def plain(text: str) -> str:
    """SQL: lower case, no accents, no odd spaces."""
    return f"regexp_replace(lower(strip_accents({text})), '[\\s\\x{{00a0}}\\x{{202f}}\\x{{2009}}]+', ' ', 'g')"


def family_sql(text: str) -> str:
    """SQL: the name of the family that a text belongs to: iso, iso_utc, epoch or one of FAMILIES; NULL where none."""
    rest = " ".join(f"WHEN regexp_full_match(_p_, '{family.pattern}') THEN '{name}'" for name, family in FAMILIES.items())
    return (
        f"CASE WHEN regexp_full_match({text}, '{ISO}') THEN 'iso' WHEN regexp_full_match({text}, '{ISO_UTC}') THEN 'iso_utc' "
        f"WHEN regexp_full_match({text}, '{EPOCH}') THEN 'epoch' "
        f"ELSE {bind(plain(text), '_p_', f'CASE {rest} END')} END"
    )


def bind(value: str, name: str, body: str) -> str:
    """SQL: the body with a name for a value, which is computed once (DuckDB has no LET, and none of it is shared inside CASE)."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _year(year: str) -> str:
    return f"(CASE WHEN length({year}) = 4 THEN {year} WHEN {year} >= '69' THEN '19' || {year} ELSE '20' || {year} END)"


def _date(family: str, order: str) -> str:
    """SQL: the date's year, month and day, joined by hyphens, from the groups g."""
    if family == "ymd":
        return "_g_.y || '-' || _g_.m1 || _g_.m2 || _g_.m3 || '-' || _g_.d"
    if family == "compact":
        return "_g_.y || '-' || _g_.m || '-' || _g_.d"
    if family in ("day_first", "month_first"):
        return f"{_year('_g_.y')} || '-' || {month_sql('_g_.m')} || '-' || _g_.d"
    middle = "_g_.b1 || _g_.b2 || _g_.b3"
    if order == "ymd":
        return f"CASE WHEN length(_g_.a) = 2 AND length(_g_.c) = 2 THEN {_year('_g_.a')} || '-' || {middle} || '-' || _g_.c END"
    first, second = ("_g_.a", f"({middle})") if order == "dmy" else (f"({middle})", "_g_.a")
    return f"{_year('_g_.c')} || '-' || {second} || '-' || {first}"


_HOUR = (
    "(CASE WHEN _g_.ap = '' THEN _g_.h WHEN _g_.h::INTEGER BETWEEN 1 AND 12 "
    "THEN (_g_.h::INTEGER % 12 + CASE WHEN _g_.ap[1] = 'p' THEN 12 ELSE 0 END)::VARCHAR END)"
)
_TIME = (
    f"(CASE WHEN _g_.h = '' THEN '00:00:00' ELSE {_HOUR} || ':' || _g_.mi || ':' "
    "|| CASE WHEN _g_.s = '' THEN '00' ELSE _g_.s END || CASE WHEN _g_.f = '' THEN '' ELSE '.' || left(_g_.f, 6) END END)"
)
# The seventh decimal of a second rounds the sixth: 10:59:00.000000018 is 10:59:00.
_NOISE = "to_microseconds(CASE WHEN length(_g_.f) > 6 AND _g_.f[7] >= '5' THEN 1 ELSE 0 END)"


def _zone() -> str:
    names = ", ".join(f"'{name}': {minutes}" for name, minutes in ABBREVIATIONS.items())
    digits = "replace(substr(_g_.zo, 2), ':', '')"
    hours = f"(CASE WHEN length({digits}) > 2 THEN left({digits}, length({digits}) - 2) ELSE {digits} END)::INTEGER"
    minutes = f"(CASE WHEN length({digits}) > 2 THEN right({digits}, 2) ELSE '0' END)::INTEGER"
    offset = f"(CASE WHEN _g_.zo[1] = '-' THEN -1 ELSE 1 END) * ({hours} * 60 + {minutes})"
    return (
        f"CASE WHEN _g_.zo = '' AND _g_.zn = '' THEN NULL WHEN _g_.zo = '' THEN coalesce((MAP {{{names}}})[_g_.zn], {NO_ZONE}) "
        f"WHEN _g_.zn IN ('', 'utc', 'gmt', 'ut') THEN {offset} ELSE {NO_ZONE} END"
    )


def _read_family(text: str, family: str, order: str) -> str:
    form = FAMILIES[family]
    names = ", ".join(f"'{name}'" for name in (*form.names, *_TAIL_NAMES))
    wall = f"try_cast(({_date(family, order)}) || ' ' || {_TIME} AS TIMESTAMP) + {_NOISE}"
    return bind(
        f"regexp_extract({plain(text)}, '^(?:{form.pattern})$', [{names}])", "_g_", f"{{'w': {wall}, 'z': ({_zone()})::INTEGER}}"
    )


def _read_epoch(text: str) -> str:
    scale = f"CASE length(split_part({text}, '.', 1)) WHEN 10 THEN 1000000 WHEN 13 THEN 1000 ELSE 1 END"
    return f"make_timestamp(round(try_cast({text} AS DECIMAL(30, 9)) * ({scale}))::BIGINT)"


def read_sql(text: str, families: list[str], order: str) -> str:
    """SQL: {w TIMESTAMP, z INTEGER} of a text of one of these families, NULL where it is of none.

    order: dmy, mdy or ymd, how dates in numbers alone are written. w is NULL where there is no such date.
    """
    branches = [f"WHEN {text} IS NULL THEN NULL"]
    if "iso" in families:
        branches.append(
            f"WHEN regexp_full_match({text}, '{ISO}') THEN {{'w': try_cast({text} AS TIMESTAMP), 'z': NULL::INTEGER}}"
        )
    if "iso_utc" in families:
        wall = f"try_cast(left({text}, length({text}) - 1) AS TIMESTAMP)"
        branches.append(f"WHEN regexp_full_match({text}, '{ISO_UTC}') THEN {{'w': {wall}, 'z': 0}}")
    if "epoch" in families:
        branches.append(f"WHEN regexp_full_match({text}, '{EPOCH}') THEN {{'w': {_read_epoch(text)}, 'z': 0}}")
    branches.extend(
        f"WHEN regexp_full_match({plain(text)}, '{FAMILIES[name].pattern}') THEN {_read_family(text, name, order)}"
        for name in FAMILIES
        if name in families
    )
    if len(branches) == 1:
        branches.append("WHEN false THEN {'w': NULL::TIMESTAMP, 'z': NULL::INTEGER}")
    return f"CASE {' '.join(branches)} END"
