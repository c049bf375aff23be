"""How figures are to be seen: what every question of the library and the command line can be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypedDict, get_args

from penstock.ledger.calendar import FiscalCalendar, Quarter
from penstock.ledger.instants import parse_instant, to_micros
from penstock.ledger.question import Horizon, Measure

Moment = str | date | datetime
HorizonChoice = Literal["4q", "all"] | tuple[Moment, Moment]

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def to_day(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def from_day(days: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return date.fromordinal(days + _EPOCH_DAY)


@dataclass(frozen=True)
class Period:
    """A window of time: instants in microseconds [start, end), and its days [first, last) in the company's zone."""

    start: int
    end: int
    first: date
    last: date


def instant(moment: Moment, calendar: FiscalCalendar) -> datetime:
    """A moment as an aware UTC datetime. Text without a zone, a naive datetime and a date are the company's local time."""
    if isinstance(moment, str):
        return parse_instant(moment, calendar.timezone)
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            return parse_instant(moment.isoformat(sep=" "), calendar.timezone)
        return moment
    return calendar.midnight(moment)


def day_of(moment: Moment, calendar: FiscalCalendar) -> date:
    """The company's day of a moment."""
    if isinstance(moment, date) and not isinstance(moment, datetime):
        return moment
    return calendar.local_date(instant(moment, calendar))


def period(start: Moment, end: Moment, calendar: FiscalCalendar) -> Period:
    """The window between two moments. Raises ValueError when it ends before it starts."""
    begin, finish = instant(start, calendar), instant(end, calendar)
    if finish < begin:
        raise ValueError(f"The window ends ({end}) before it starts ({start}). Swap the two.")
    first, last = calendar.local_date(begin), calendar.local_date(finish)
    if finish > calendar.midnight(last):
        last += timedelta(days=1)
    return Period(to_micros(begin), to_micros(finish), first, last)


def quarter_period(quarter: Quarter, calendar: FiscalCalendar) -> Period:
    """A fiscal quarter as a window."""
    return period(quarter.start, quarter.end, calendar)


def horizon_at(day: date, choice: HorizonChoice, calendar: FiscalCalendar) -> Horizon | None:
    """The horizon of close dates seen from `day`: its fiscal quarter and the next three (4q), all, or from one day to another."""
    quarter = calendar.quarter_of(day)
    if choice == "all":
        return None
    if choice == "4q":
        first, last = calendar.horizon(day)
        return Horizon(to_day(first), to_day(last), to_day(quarter.end))
    first, last = (day_of(moment, calendar) for moment in choice)
    if last <= first:
        raise ValueError(f"The horizon ends ({last}) before it starts ({first}). Swap the two.")
    near = min(max(calendar.quarter_of(first).end, first + timedelta(days=1)), last)
    return Horizon(to_day(first), to_day(last), to_day(near))


def next_horizon(horizon: Horizon, calendar: FiscalCalendar) -> Horizon:
    """The horizon moved on by one fiscal quarter."""
    first = calendar.quarter_of(from_day(horizon.first))
    following = calendar.shift(first, 1)
    end = from_day(horizon.last)
    ends_in = calendar.quarter_of(end)
    # An end inside a quarter keeps its distance from the quarter's start.
    last = calendar.shift(ends_in, 1).start + (end - ends_in.start)
    return Horizon(to_day(following.start), to_day(last), min(to_day(following.end), to_day(last)))


@dataclass(frozen=True)
class View:
    """How a figure is seen.

    by: dimensions to split by. as_is: group by today's values for all of the past. measure: amount, weighted or count.
    horizon: close dates that count: "4q" (this fiscal quarter and the next three), "all", or a pair of days [from, to).
    known_at: only what was recorded up to then. None means the default: 4q, or all where the history has no close dates.
    """

    by: tuple[str, ...] = ()
    as_is: bool = False
    measure: Measure = "amount"
    horizon: HorizonChoice | None = None
    known_at: Moment | None = None

    @classmethod
    def of(cls, options: ViewOptions) -> View:
        """The view of keyword options; `by` may be one name or several.

        Raises TypeError for an option that there is not, ValueError for a measure or a horizon by name that there is not.
        """
        strange = options.keys() - ViewOptions.__annotations__.keys()
        if strange:
            raise TypeError(
                f"There is no option {', '.join(sorted(strange))}. There are: {', '.join(ViewOptions.__annotations__)}."
            )
        by, measure, horizon = options.get("by") or (), options.get("measure", "amount"), options.get("horizon")
        if measure not in get_args(Measure):
            raise ValueError(f"There is no measure {measure!r}. There are: {', '.join(get_args(Measure))}.")
        if isinstance(horizon, str) and horizon not in ("4q", "all"):
            raise ValueError(f"There is no horizon {horizon!r}. There are 4q and all, or a pair of days.")
        return cls(
            by=(by,) if isinstance(by, str) else tuple(by),
            as_is=options.get("as_is", False),
            measure=measure,
            horizon=horizon,
            known_at=options.get("known_at"),
        )


class ViewOptions(TypedDict, total=False):
    """The keyword form of `View`."""

    by: str | Sequence[str]
    as_is: bool
    measure: Measure
    horizon: HorizonChoice | None
    known_at: Moment | None
