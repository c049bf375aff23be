"""Instants: UTC, microseconds. How they are written, read and counted, and where a local day begins.

A datetime without a zone means UTC here, as in the history's timestamp columns; text without a zone is local time of
the zone that is passed along. Zones come from the system's database or the tzdata package.
"""

from __future__ import annotations

import difflib
import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = timedelta(seconds=1)

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[Tt ](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?"
)


@lru_cache(maxsize=64)
def time_zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of an IANA name such as Europe/Berlin; ValueError names an unknown one and offers its nearest name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as America
        pass
    known = {zone.lower(): zone for zone in zoneinfo.available_timezones()}
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.8)
    example = f"Did you mean {known[near[0]]}?" if near else "Give an IANA name, for example Europe/Berlin or America/New_York."
    raise ValueError(f"There is no time zone named {name!r}. {example}")


def local_midnight(day: date, timezone: str) -> datetime:
    """The first instant (aware, UTC) of `day` in the zone named `timezone`.

    Where clocks jump over midnight, that is the instant of the jump; where midnight comes twice, the first of the two.
    A day that the zone skipped altogether begins and ends at the jump. ValueError for a day whose midnight no datetime holds.
    """
    zone = time_zone(timezone)
    wall = datetime.combine(day, time.min, zone)
    try:
        by_offset_before = wall.astimezone(UTC)
        if _exists(wall):
            return by_offset_before
        # In a gap the offset after the jump gives an instant no later than the jump, the offset before it one no earlier.
        low, high = wall.replace(fold=1).astimezone(UTC), by_offset_before
        while high - low > _SECOND:
            middle = low + ((high - low) // 2 // _SECOND or 1) * _SECOND
            low, high = (low, middle) if middle.astimezone(zone).date() >= day else (middle, high)
    except OverflowError:
        raise ValueError(f"The date {day} is too near the end of the calendar: use a year from 2 to 9998") from None
    return low if low.astimezone(zone).date() >= day else high


def local_date(instant: datetime, timezone: str) -> date:
    """The calendar day of an instant in the zone named `timezone`."""
    return _utc(instant).astimezone(time_zone(timezone)).date()


def parse_instant(text: str, timezone: str) -> datetime:
    """Read an instant (aware, UTC): `2026-02-14T09:00Z`, `2026-02-14 09:00` (local time) or `2026-02-14` (its local midnight).

    Local means in the zone named `timezone`. ValueError for anything else, and for a local time that the zone's clocks
    skipped or showed twice: such a time needs its offset, and we do not guess it.
    """
    stripped = text.strip()
    time_zone(timezone)
    try:
        if _DATE.fullmatch(stripped):
            return local_midnight(date.fromisoformat(stripped), timezone)
        match = _INSTANT.fullmatch(stripped)
        if match is None:
            raise ValueError("it is not written like one")
        wall = datetime.fromisoformat(f"{match['date']}T{match['time']}{(match['zone'] or '').upper()}")
    except ValueError as fault:
        raise ValueError(
            f"{text!r} is not an instant: {fault}. Write it like 2026-02-14T09:00Z, 2026-02-14T09:00+01:00, "
            f"2026-02-14 09:00 (local time, {timezone}) or 2026-02-14 (midnight, {timezone})."
        ) from None
    return _from_local(wall, timezone) if wall.tzinfo is None else wall.astimezone(UTC)


def to_micros(instant: datetime) -> int:
    """Microseconds from 1970-01-01T00:00Z to the instant, exactly."""
    return (_utc(instant) - EPOCH) // _MICROSECOND


def from_micros(us: int) -> datetime:
    """The instant (aware, UTC) so many microseconds after 1970-01-01T00:00Z; ValueError beyond the years 1 to 9999."""
    try:
        return EPOCH + us * _MICROSECOND
    except OverflowError:
        raise ValueError(f"{us} µs since 1970 lies outside the years 1 to 9999, so it is not an instant.") from None


def iso(instant: datetime) -> str:
    """The instant as text, `2026-01-01T00:00:00Z`, with six decimals where it is not on a whole second."""
    return _utc(instant).replace(tzinfo=None).isoformat() + "Z"


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _exists(wall: datetime) -> bool:
    """Whether the zone's clocks ever showed this local time: a skipped one does not survive the way to UTC and back."""
    return wall.astimezone(UTC).astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None)


def _from_local(wall: datetime, timezone: str) -> datetime:
    first = wall.replace(tzinfo=time_zone(timezone))
    second = first.replace(fold=1)
    if not _exists(first):
        raise ValueError(
            f"{wall:%Y-%m-%d %H:%M} did not exist in {timezone}: the clocks went forward over it. Give another time."
        )
    if first.utcoffset() != second.utcoffset():
        raise ValueError(
            f"{wall:%Y-%m-%d %H:%M} came twice in {timezone}: the clocks went back. "
            f"Write it with its offset: {first.isoformat()} or {second.isoformat()}."
        )
    return first.astimezone(UTC)
