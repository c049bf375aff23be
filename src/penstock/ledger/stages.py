"""The stage figures of a window in one report: what `penstock stages` prints, and its machine-readable form.

Each figure is computed in the module of its idea: `stage_conversion`, `durations`, `win_rates`, `velocity`, `slippage`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis.expr.types as ir

from penstock.ledger import schema, survival
from penstock.ledger.durations import DAY, Age, Group, SalesCycle, Spread, StageTime, age, sales_cycle, time_in_stage
from penstock.ledger.instants import from_micros, iso
from penstock.ledger.moments import check_window
from penstock.ledger.slippage import slippage
from penstock.ledger.stage_conversion import conversion
from penstock.ledger.valuation import Valuation
from penstock.ledger.velocity import Velocity, velocity
from penstock.ledger.win_rates import CohortRate, PeriodRate, SurvivalRate, WinRates, win_rates

__all__ = ["StageReport", "age", "conversion", "sales_cycle", "slippage", "summary", "time_in_stage", "velocity", "win_rates"]

_DAYS_PER_POINT: Final = 7


@dataclass(frozen=True)
class StageReport:
    """All stage figures of one window. `conversion` and `slippage` hold rows as their Ibis tables give them."""

    start: int
    end: int
    by: tuple[str, ...]
    conversion: tuple[Mapping[str, Any], ...]
    time_in_stage: tuple[StageTime, ...]
    win_rates: WinRates
    sales_cycle: tuple[SalesCycle, ...]
    age: tuple[Age, ...]
    velocity: tuple[Velocity, ...]
    slippage: tuple[Mapping[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON.

        Keys: window {start, end} (null for an open end), by, then lists of rows, each row with group {dimension: value}:
        conversion (stage, stage_order, outcome, entered, advanced, pending, lost, back, skipped, rate) ·
        time_in_stage (stage, stage_order, n, completed, open, median, p90) ·
        win_rate: {period (won, lost, rate, won_money, lost_money, money_rate), cohort (created, won, lost, removed, open, rate,
        created_money, won_money, money_rate), survival (n, age, rate, money_rate, curve)} ·
        sales_cycle (n, median, p90, mean, uncounted, survival {n, won, median, p90}) · age (stage, stage_order, n, median, p90,
        mean; stage null for all stages) · velocity (opportunities, open_at_start, new, win_rate, won, lost, average_won,
        won_money, cycle, cycles, per_day) · slippage (due, slipped, rate, due_money, slipped_money, money_rate).
        Money in integer minor units; rates from 0 to 1 and durations in days, rounded to 6 decimals; null is "cannot be told".
        A curve has a point a week: {age, won, lost, removed} shares by that age.
        """
        rates = self.win_rates
        return {
            "window": {"start": _instant(self.start), "end": _instant(self.end)},
            "by": list(self.by),
            "conversion": [self._row(row) for row in self.conversion],
            "time_in_stage": [self._of(time.group, _fields(time)) for time in self.time_in_stage],
            "win_rate": {
                "period": [self._of(row.group, _period(row)) for row in rates.period],
                "cohort": [self._of(row.group, _cohort(row)) for row in rates.cohort],
                "survival": [self._of(row.group, _survival(row)) for row in rates.survival],
            },
            "sales_cycle": [self._of(cycle.group, _cycle(cycle)) for cycle in self.sales_cycle],
            "age": [
                self._of(row.group, {"stage": row.stage, "stage_order": row.stage_order, **_spread(row.age)}) for row in self.age
            ],
            "velocity": [self._of(row.group, _velocity(row)) for row in self.velocity],
            "slippage": [self._row(row) for row in self.slippage],
        }

    def _of(self, group: Group, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group": dict(zip(self.by, group, strict=True)),
            **{name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()},
        }

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        group = tuple(row[f"group_{name}"] for name in self.by)
        return self._of(group, {name: value for name, value in row.items() if not name.startswith("group_")})


def summary(
    movements: ir.Table,
    start: int,
    end: int,
    by: Sequence[str] = (),
    *,
    first_day: int | None = None,
    end_day: int | None = None,
    known_until: int = schema.FOREVER,
    as_is: bool = False,
    valuation: Valuation | None = None,
) -> StageReport:
    """All stage figures of [start, end) (microseconds UTC), by the dimensions `by`.

    first_day, end_day: the window's days (since 1970-01-01, half-open) in the company's time zone, for slippage: deals that
    were due in the window at its start; UTC days where they are not given. Slippage and the age of open deals are seen at the
    window's end, or at `known_until` if that is earlier; everything else that goes on after the window is followed up to
    `known_until`. Raises ValueError for a window that ends before it starts, or an unknown dimension.
    """
    check_window(start, end)
    seen = min(end, known_until)
    asked: dict[str, Any] = {"known_until": known_until, "as_is": as_is}
    rates = win_rates(movements, start, end, by, valuation=valuation, **asked)
    cycles = sales_cycle(movements, start, end, by, **asked)
    first_day = start // DAY if first_day is None else first_day
    end_day = end // DAY if end_day is None else end_day
    slipped = slippage(movements, start, max(start, seen), first_day, end_day, by, as_is=as_is, valuation=valuation)
    return StageReport(
        start=start,
        end=end,
        by=tuple(by),
        conversion=_collected(conversion(movements, start, end, by, **asked)),
        time_in_stage=time_in_stage(movements, start, end, by, **asked),
        win_rates=rates,
        sales_cycle=cycles,
        age=age(movements, seen, by, as_is=as_is),
        velocity=velocity(movements, start, seen, by, rates.period, cycles, as_is=as_is) if seen >= start else (),
        slippage=_collected(slipped),
    )


def _collected(table: ir.Table) -> tuple[Mapping[str, Any], ...]:
    return tuple(table.to_pyarrow().to_pylist())


def _instant(us: int) -> str | None:
    return None if us == schema.FOREVER else iso(from_micros(us))


def _fields(time: StageTime) -> dict[str, Any]:
    return {name: getattr(time, name) for name in ("stage", "stage_order", "n", "completed", "open", "median", "p90")}


def _spread(spread: Spread) -> dict[str, Any]:
    return {"n": spread.n, "median": spread.median, "p90": spread.p90, "mean": spread.mean}


def _period(row: PeriodRate) -> dict[str, Any]:
    counts = {"won": row.won, "lost": row.lost, "rate": row.rate}
    return {**counts, "won_money": row.won_money, "lost_money": row.lost_money, "money_rate": row.money_rate}


def _cohort(row: CohortRate) -> dict[str, Any]:
    counts = {name: getattr(row, name) for name in ("created", "won", "lost", "removed", "open", "rate")}
    return {**counts, "created_money": row.created_money, "won_money": row.won_money, "money_rate": row.money_rate}


def _survival(row: SurvivalRate) -> dict[str, Any]:
    return {"n": row.n, "age": row.age, "rate": row.rate, "money_rate": row.money_rate, "curve": _weekly(row.curve)}


def _weekly(curve: survival.Incidence) -> list[dict[str, float]]:
    last = curve.times[-1] if curve.times else 0.0
    outcomes = {"won": schema.WON, "lost": schema.LOST, "removed": schema.REMOVED}
    ages = [float(day) for day in range(0, int(last) + _DAYS_PER_POINT, _DAYS_PER_POINT)]
    return [{"age": day, **{name: round(curve.at(outcome, day), 6) for name, outcome in outcomes.items()}} for day in ages]


def _cycle(cycle: SalesCycle) -> dict[str, Any]:
    expected = {"n": cycle.counted, "won": cycle.wins, "median": cycle.median_expected, "p90": cycle.p90_expected}
    return {**_spread(cycle.won), "uncounted": cycle.uncounted, "survival": expected}


def _velocity(row: Velocity) -> dict[str, Any]:
    names = ("opportunities", "open_at_start", "new", "win_rate", "won", "lost", "average_won", "won_money", "cycle", "cycles")
    return {**{name: getattr(row, name) for name in names}, "per_day": row.per_day}
