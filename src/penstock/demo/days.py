"""The company's days: when it works, when its quarters end, how busy each month is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

# How many deals begin in a month beside an average one: August is quiet, September and January are not.
SEASON: Final = {1: 1.15, 2: 1.0, 3: 1.05, 4: 1.0, 5: 1.05, 6: 1.0, 7: 0.85, 8: 0.5, 9: 1.2, 10: 1.1, 11: 1.1, 12: 0.6}


def quarter_end(day: date) -> date:
    """The last day of the calendar quarter that the day is in."""
    month = (day.month - 1) // 3 * 3 + 3
    return _next_month(date(day.year, month, 1)) - timedelta(days=1)


def month_end(day: date) -> date:
    return _next_month(day) - timedelta(days=1)


def quarter_start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def is_working(day: date) -> bool:
    """Monday to Friday, but not between Christmas Eve and New Year's Day."""
    shut = (day.month == 12 and day.day >= 24) or (day.month == 1 and day.day == 1)
    return day.weekday() < 5 and not shut


def working_day(day: date, *, back: bool = False) -> date:
    """The day itself if the company works on it, else the next working day (or the one before)."""
    while not is_working(day):
        day += timedelta(days=-1 if back else 1)
    return day


def after_summer(rng: Random, day: date) -> date:
    """What would have happened in August mostly happens in September."""
    if day.month == 8 and rng.random() < 0.6:
        return working_day(day + timedelta(days=rng.randint(15, 35)))
    return day


def first_monday(month: date) -> date:
    first = month.replace(day=1)
    return first + timedelta(days=-first.weekday() % 7)


def at_desk(rng: Random, day: date) -> datetime:
    """A minute of that day's office hours, UTC."""
    return datetime.combine(day, time(rng.randint(7, 16), rng.randint(0, 59)), tzinfo=UTC)


def midday(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def stamp(instant: datetime) -> str:
    """As the file has it: 2026-02-14T09:00:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
