"""Days and windows as charts write them, and the marks of a time axis from days to years."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from penstock.charts.amounts import parsed

DAY, DASH = "d MMM y", "–"


def instant(text: str, timezone: str = "UTC") -> datetime:
    """An ISO instant ("…Z") as local time of the zone."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo("UTC"))
    return moment.astimezone(ZoneInfo(timezone))


def day_words(day: date, locale: str, pattern: str = DAY) -> str:
    """A day: "1 Jan 2026"."""
    return format_date(day, format=pattern, locale=parsed(locale))


def instant_words(moment: datetime, locale: str) -> str:
    """An instant: the day, and the time where it is not midnight."""
    words = day_words(moment.date(), locale)
    if moment.hour == moment.minute == moment.second == 0:
        return words
    return f"{words} {format_time(moment, format='HH:mm', locale=parsed(locale))}"


def window_words(window: Mapping[str, Any], timezone: str, locale: str) -> str:
    """A window {"start", "end"} of ISO instants: "1 Jan – 1 Apr 2026". The end is the first instant that is no longer in it."""
    start, end = instant(window["start"], timezone), instant(window["end"], timezone)
    first, last = instant_words(start, locale), instant_words(end, locale)
    year = f" {start.year}"
    if start.year == end.year and start != end and first.endswith(year):
        first = first.removesuffix(year)
    return f"{first} {DASH} {last}"


def ticks(first: datetime, last: datetime, locale: str) -> list[tuple[datetime, str]]:
    """Instants for the ticks of a time axis between two local instants, with their words: days, weeks, months, quarters or years,
    whichever gives at most fourteen or so. The year stands where it changes."""
    days = (last - first).days
    if days <= 93:
        return _day_marks(first, last, 1 if days <= 12 else 7 if days <= 62 else 14, locale)
    months = 1 if days <= 400 else 3 if days <= 1150 else 12 if days <= 3700 else 60
    return _month_marks(first, last, months, locale)


def _day_marks(first: datetime, last: datetime, step: int, locale: str) -> list[tuple[datetime, str]]:
    day = first.date()
    found: list[tuple[datetime, str]] = []
    while day <= last.date():
        words = day_words(day, locale, "d MMM" if found and day.year == found[-1][0].year else DAY)
        found.append((datetime(day.year, day.month, day.day, tzinfo=first.tzinfo), words))
        day += timedelta(days=step)
    # A step back in local time (a first point past midnight) must not fall off the axis.
    return [(max(moment, first), words) for moment, words in found]


def _month_marks(first: datetime, last: datetime, step: int, locale: str) -> list[tuple[datetime, str]]:
    found: list[tuple[datetime, str]] = []
    for year in range(first.year, last.year + 1):
        if step >= 12 and year % (step // 12):
            continue
        for month in range(1, 13, min(step, 12)):
            moment = datetime(year, month, 1, tzinfo=first.tzinfo)
            if first <= moment <= last:
                named = not found or found[-1][0].year != year
                words = str(year) if step >= 12 else day_words(moment.date(), locale, "MMM y" if named else "MMM")
                found.append((moment, words))
    return found
