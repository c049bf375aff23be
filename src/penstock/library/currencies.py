"""Which currency a report is in, and at which rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

import ibis.expr.types as ir

from penstock.ledger.calendar import FiscalCalendar
from penstock.ledger.conversion import missing_rates
from penstock.ledger.instants import from_micros, time_zone, to_micros
from penstock.ledger.money import NO_CURRENCY, minor_unit
from penstock.ledger.rates import MissingRates, RateTable
from penstock.ledger.valuation import Valuation, local_day

RateKind = Literal["plan", "dated", "current"]


@dataclass(frozen=True)
class Currencies:
    """The currencies of a history, and what is needed to bring them into one.

    found: codes in the history, sorted. corporate: the one asked for, if any. rates: the table given, if any. kind: which rates.
    """

    found: tuple[str, ...]
    corporate: str | None = None
    rates: RateTable | None = None
    kind: RateKind = "plan"

    def __post_init__(self) -> None:
        if self.kind not in get_args(RateKind):
            raise ValueError(f"There is no rate {self.kind!r}. There are: {', '.join(get_args(RateKind))}.")

    @property
    def report(self) -> str:
        """The report's currency: the one asked for, else the history's only one, else XXX (none is known).

        Raises ValueError if the history has several and none was asked for.
        """
        if self.corporate:
            return self.corporate
        if len(self.found) > 1:
            raise ValueError(
                f"The history holds money in {', '.join(self.found)}. Name the currency of the report with --currency, "
                f"and give the rates to it with --rates FILE."
            )
        return self.found[0] if self.found else NO_CURRENCY

    @property
    def minor_unit(self) -> int:
        """Digits after the point in the report's currency."""
        return minor_unit(self.report)

    def valuation(self, day: date, calendar: FiscalCalendar, movements: ir.Table, today: date) -> Valuation:
        """How amounts become money of a report about `day`.

        Plan rates are those of the fiscal year of `day`, for all money of the report. Raises ValueError without a table of
        rates, MissingRates (naming currency and date) where it lacks one.
        """
        foreign = [code for code in self.found if code != self.report]
        if not foreign:
            return Valuation()
        if self.rates is None:
            raise ValueError(
                f"The history holds money in {', '.join(foreign)} and the report is in {self.report}: "
                f"give the rates with --rates FILE (columns currency, rate, and date or fiscal_year)."
            )
        if self.kind == "plan":
            year = calendar.quarter_of(day).year
            return Valuation(self.report, rates=self.rates.plan_rates(foreign, year))
        if self.kind == "current":
            return Valuation(self.report, rates=self.rates.current_rates(foreign, today))
        return self._dated(self.rates, calendar, movements)

    def _dated(self, rates: RateTable, calendar: FiscalCalendar, movements: ir.Table) -> Valuation:
        first, last = _span(movements)
        offsets = _offsets(calendar.timezone, first, last)
        days = movements.mutate(rate_day=local_day(movements.begins, offsets))
        missing = missing_rates(days, "after_currency", "rate_day", rates, amount="after_amount")
        if missing:
            raise MissingRates(missing)
        return Valuation(self.report, dated=rates, offsets=offsets)


def _span(movements: ir.Table) -> tuple[datetime, datetime]:
    row = movements.aggregate(first=movements.begins.min(), last=movements.begins.max()).to_pyarrow().to_pylist()[0]
    return from_micros(row["first"] or 0), from_micros(row["last"] or 0)


def _offsets(timezone: str, first: datetime, last: datetime) -> tuple[tuple[int, int], ...]:
    """The zone's offsets from UTC over a span of time, each with the microsecond it begins at, found to the minute."""
    zone = time_zone(timezone)

    def offset(at: datetime) -> int:
        return int((at.astimezone(zone).utcoffset() or timedelta()) / timedelta(microseconds=1))

    at = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    steps = [(to_micros(at), offset(at))]
    while at < last:
        following = at + timedelta(days=1)
        if offset(following) != steps[-1][1]:
            minute = at
            while offset(minute) == steps[-1][1]:
                minute += timedelta(minutes=15)
            steps.append((to_micros(minute), offset(minute)))
        at = following
    return tuple(steps) if any(shift for _, shift in steps) else ()
