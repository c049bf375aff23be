"""Fiscal years, quarters, periods, weeks and days of a company, as half-open date ranges.

Two kinds of year. *Months*: twelve calendar months from any start month. *Weeks* (4-4-5, 4-5-4, 5-4-4): four quarters of
thirteen weeks, each in three periods; a 53rd week, where there is one, goes to the last period of the year.
Periods are computed, never stored. Where a local day begins is told by `instants`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from penstock.ledger.instants import from_micros, iso, local_date, local_midnight, parse_instant, time_zone, to_micros

__all__ = ["FiscalCalendar", "Quarter", "from_micros", "iso", "parse_instant", "to_micros"]

PATTERNS: Final = ("months", "4-4-5", "4-5-4", "5-4-4")
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ANCHORS: Final = ("nearest", "last")
NAMINGS: Final = ("start", "end")
_WEEK: Final = timedelta(days=7)
# One year away from the ends of what a date holds, so that the neighbouring year can always be computed.
_FIRST_YEAR, _LAST_YEAR = 3, 9997

_QUARTER: Final = re.compile(
    r"(?:FY ?(?P<short>\d{2})|(?:FY ?)?(?P<year>\d{4}))[ -]?Q(?P<number>\d)"
    r"|Q(?P<number2>\d)[ -]?(?:FY ?(?P<short2>\d{2})|(?:FY ?)?(?P<year2>\d{4}))",
    re.IGNORECASE,
)


@dataclass(frozen=True, order=True)
class Quarter:
    """One fiscal quarter: its fiscal year's name, its number from 1 to 4, and its days from `start` to before `end`."""

    year: int
    number: int
    start: date
    end: date

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True)
class FiscalCalendar:
    """A company's fiscal calendar and time zone. ValueError for a field that is not one of those below.

    start_month: the month whose first day begins the year (in a calendar of weeks, nominally), 1 to 12.
    pattern: `months`, or the weeks in the periods of a quarter: `4-4-5`, `4-5-4`, `5-4-4`.
    week_start: the weekday that begins a week, in English.
    anchor: of a calendar of weeks, where the year starts: on the `week_start` `nearest` to the 1st of `start_month`, or
    the day after the `last` such week's end in the month before (the latest `week_start` on or before the 1st).
    timezone: IANA name of the zone in which days begin.
    named_by: whether a fiscal year has the number of the calendar year in which it nominally starts or `end`s.
    """

    start_month: int = 1
    pattern: str = "months"
    week_start: str = "monday"
    anchor: str = "nearest"
    timezone: str = "UTC"
    named_by: str = "start"

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= 12:
            raise ValueError(f"A fiscal year cannot start in month {self.start_month}: give a number from 1 to 12, such as 2.")
        _one_of("calendar pattern", self.pattern, PATTERNS)
        _one_of("weekday", self.week_start, WEEKDAYS)
        _one_of("anchor of a fiscal year", self.anchor, ANCHORS)
        _one_of("way to name a fiscal year", self.named_by, NAMINGS)
        time_zone(self.timezone)

    @classmethod
    def parse(cls, text: str, *, start_month: int = 1, timezone: str = "UTC", named_by: str = "start") -> FiscalCalendar:
        """Read `pattern[:weekday][:anchor][:naming]`: `months`, `4-4-5`, `4-4-5:sunday:last`, `months:end`. ValueError in words.

        Naming is `start` or `end`, in place of `named_by`. What follows the pattern may stand in any order.
        """
        pattern, *rest = (part.strip().lower() for part in text.split(":"))
        fields: dict[str, Any] = {"start_month": start_month, "timezone": timezone, "named_by": named_by}
        _one_of("calendar pattern", pattern, PATTERNS)
        seen: set[str] = set()
        for part in rest:
            kinds = (("week_start", WEEKDAYS), ("anchor", ANCHORS), ("named_by", NAMINGS))
            field = next((name for name, values in kinds if part in values), None)
            if field is None or field in seen:
                fault = (
                    f"{part!r} says {field} a second time" if field else f"{part!r} is neither a weekday, an anchor nor a naming"
                )
                raise ValueError(
                    f"The calendar {text!r} cannot be read: {fault}. Write it like months, 4-4-5 or 4-4-5:sunday:last."
                )
            seen.add(field)
            fields[field] = part
        return cls(pattern=pattern, **fields)

    def quarter(self, year: int, number: int) -> Quarter:
        """Quarter `number` (1 to 4) of the fiscal year named `year`. ValueError for another number or a year no date holds."""
        if number not in (1, 2, 3, 4):
            raise ValueError(f"There is no quarter {number}: a fiscal year has quarters 1 to 4.")
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise ValueError(f"There is no fiscal year {year}: give a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
        if self.pattern == "months":
            first = self._nominal_start(year)
            return Quarter(year, number, _add_months(first, 3 * number - 3), _add_months(first, 3 * number))
        first = self._first_day(year)
        end = self._first_day(year + 1) if number == 4 else first + 13 * number * _WEEK
        return Quarter(year, number, first + 13 * (number - 1) * _WEEK, end)

    def quarter_of(self, day: date) -> Quarter:
        """The quarter that a day lies in."""
        day = _plain(day)
        # The year's name is the day's calendar year or next to it, by start month, anchor and naming.
        for year in (day.year, day.year - 1, day.year + 1):
            if _FIRST_YEAR <= year <= _LAST_YEAR and self._first_day(year) <= day < self._first_day(year + 1):
                return next(q for q in (self.quarter(year, n) for n in (1, 2, 3, 4)) if day in q)
        raise ValueError(f"The fiscal quarter of {day} cannot be told: its year is not from {_FIRST_YEAR} to {_LAST_YEAR}.")

    def shift(self, quarter: Quarter, by: int) -> Quarter:
        """The quarter `by` quarters after `quarter`, before it where `by` is negative."""
        index = 4 * quarter.year + quarter.number - 1 + by
        return self.quarter(index // 4, index % 4 + 1)

    def parse_quarter(self, text: str) -> Quarter:
        """Read `2026Q1`, `2026-Q1`, `FY2026Q1`, `FY26 Q1` or `Q1 2026`; ValueError in words for anything else."""
        match = _QUARTER.fullmatch(text.strip())
        if match is None or (match["number"] or match["number2"]) not in "1234":
            raise ValueError(f"{text!r} is not a fiscal quarter. Write its year and its number from 1 to 4, like 2026Q1.")
        short = match["short"] or match["short2"]
        year = 2000 + int(short) if short else int(match["year"] or match["year2"])
        return self.quarter(year, int(match["number"] or match["number2"]))

    def horizon(self, day: date, quarters: int = 4) -> tuple[date, date]:
        """The half-open range of the quarter that `day` lies in and of those after it, `quarters` in all (at least 1)."""
        if quarters < 1:
            raise ValueError(f"A horizon of {quarters} quarters holds no day: give 1 or more.")
        this = self.quarter_of(day)
        return this.start, self.shift(this, quarters - 1).end

    def periods(self, quarter: Quarter) -> list[tuple[date, date]]:
        """The three periods (months of the fiscal calendar) of a quarter, half-open; a 53rd week is in the year's last one."""
        if self.pattern == "months":
            bounds = [_add_months(quarter.start, n) for n in range(4)]
        else:
            first, second, _ = (int(weeks) for weeks in self.pattern.split("-"))
            bounds = [quarter.start, quarter.start + first * _WEEK, quarter.start + (first + second) * _WEEK, quarter.end]
        return list(pairwise(bounds))

    def weeks(self, start: date, end: date) -> list[date]:
        """First days of the weeks that `[start, end)` is cut into: `start` itself, then every `week_start` before `end`.

        So neighbours, with `end` as the last bound, cover the range without gap; its first and last week may be short.
        """
        start, end = _plain(start), _plain(end)
        if start >= end:
            return []
        to_next = (WEEKDAYS.index(self.week_start) - start.weekday() - 1) % 7 + 1
        return [start, *(start + timedelta(days=n) for n in range(to_next, (end - start).days, 7))]

    def midnight(self, day: date) -> datetime:
        """The instant (aware, UTC) at which `day` begins in the company's zone; the jump, where clocks jump over midnight."""
        return local_midnight(_plain(day), self.timezone)

    def local_date(self, instant: datetime) -> date:
        """The company's calendar day at an instant; one without a zone is UTC."""
        return local_date(instant, self.timezone)

    def day_of_quarter(self, day: date) -> int:
        """Days since the start of the quarter that `day` lies in: 0 on its first day."""
        return (_plain(day) - self.quarter_of(day).start).days

    def same_day_last_year(self, day: date) -> date:
        """The same day (by days since the start) of the same quarter one fiscal year before.

        Where that quarter was shorter (no 29 February, no 53rd week), its last day stands for the days it lacks.
        """
        before = self.shift(self.quarter_of(day), -4)
        return min(before.start + timedelta(days=self.day_of_quarter(day)), before.end - timedelta(days=1))

    def _nominal_start(self, year: int) -> date:
        """The 1st of the start month that begins the fiscal year named `year`, apart from where its weeks fall."""
        begins_before = self.named_by == "end" and self.start_month > 1
        return date(year - begins_before, self.start_month, 1)

    def _first_day(self, year: int) -> date:
        nominal = self._nominal_start(year)
        if self.pattern == "months":
            return nominal
        back = (nominal.weekday() - WEEKDAYS.index(self.week_start)) % 7
        days = 7 - back if self.anchor == "nearest" and back > 3 else -back
        return nominal + timedelta(days=days)


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{value!r} is not a {what}: give one of {', '.join(allowed)}.")


def _plain(day: date) -> date:
    """A datetime is a date to Python, yet does not compare with one; its own calendar day is meant."""
    return day.date() if isinstance(day, datetime) else day


def _add_months(first: date, months: int) -> date:
    index = first.month - 1 + months
    return date(first.year + index // 12, index % 12 + 1, 1)
