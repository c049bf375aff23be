"""Sales velocity: how much money a day the pipeline turns into bookings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.durations import DAY, Group, SalesCycle, in_order
from penstock.ledger.holdings import group_of
from penstock.ledger.moments import check_window
from penstock.ledger.snapshot import standing
from penstock.ledger.win_rates import PeriodRate


@dataclass(frozen=True)
class Velocity:
    """opportunities × win rate × average won amount ÷ cycle, and its factors.

    opportunities: open and qualified at the window's start, plus new in it. won, lost, won_money (minor units): the period win
    rate's. cycle_us, cycles: the sales cycles of the deals won in the window, their sum in microseconds and their number; the
    cycle is their mean.
    """

    group: Group
    open_at_start: int
    new: int
    won: int
    lost: int
    won_money: int
    cycle_us: int
    cycles: int

    @property
    def opportunities(self) -> int:
        return self.open_at_start + self.new

    @property
    def win_rate(self) -> float | None:
        return self.won / (self.won + self.lost) if self.won + self.lost else None

    @property
    def average_won(self) -> int | None:
        """Minor units per won deal, rounded half to even."""
        return round(Fraction(self.won_money, self.won)) if self.won else None

    @property
    def cycle(self) -> float | None:
        """Mean days from first counted to won."""
        return float(Fraction(self.cycle_us, self.cycles * DAY)) if self.cycles else None

    @property
    def per_day(self) -> int | None:
        """Minor units a day, rounded half to even from the exact product; None where a factor is missing or the cycle is 0."""
        if not self.won or not self.cycles or not self.cycle_us:
            return None
        rate = Fraction(self.won, self.won + self.lost)
        cycle_days = Fraction(self.cycle_us, self.cycles * DAY)
        return round(self.opportunities * rate * Fraction(self.won_money, self.won) / cycle_days)


def opportunities(movements: ir.Table, start: int, end: int, by: Sequence[str] = (), *, as_is: bool = False) -> ir.Table:
    """How many opportunities could have been won in [start, end), by group, lazily: open_at_start, new.

    open_at_start: open and qualified just before `start`. new: what the ledger posts as *new* in the window, whatever the close
    date (first open and qualified, or won without ever having been). A deal reopened in the window is neither.
    """
    check_window(start, end)
    then = standing(movements, start)
    then = then.filter(then.after_state == schema.OPEN)
    m = movements.filter(movements.begins >= start, movements.begins < end, ~movements.counted)
    m = m.filter(m.before_state.isin([schema.NONE, schema.UNQUALIFIED]), m.after_state.isin([schema.OPEN, schema.WON]))

    def rows(table: ir.Table, new: int) -> ir.Table:
        groups = {f"group_{name}": group_of(table, name, "after", as_is) for name in by}
        return table.select("opportunity_id", **groups, new=table.begins * 0 + new)

    both = rows(then, 0).union(rows(m, 1))
    sums = {"open_at_start": (1 - both.new).sum().fill_null(0).cast("int64"), "new": both.new.sum().fill_null(0).cast("int64")}
    return both.group_by([f"group_{name}" for name in by]).agg(**sums) if by else both.agg(**sums)


def velocity(
    movements: ir.Table,
    start: int,
    end: int,
    by: Sequence[str],
    period: Iterable[PeriodRate],
    cycles: Iterable[SalesCycle],
    *,
    as_is: bool = False,
) -> tuple[Velocity, ...]:
    """Velocity by group, from the period win rates and sales cycles of the same window and groups (not computed twice)."""
    rows = opportunities(movements, start, end, by, as_is=as_is).to_pyarrow().to_pylist()
    counts: Mapping[Group, list[int]] = {
        tuple(list(row.values())[: len(by)]): [int(row["open_at_start"]), int(row["new"])] for row in rows
    }
    rates = {rate.group: rate for rate in period}
    spreads = {cycle.group: cycle.won for cycle in cycles}
    made = []
    for group in sorted({*counts, *rates, *spreads}, key=in_order):
        rate, lasted = rates.get(group), spreads.get(group)
        at_start, new = counts.get(group, [0, 0])
        won, lost, won_money = (rate.won, rate.lost, rate.won_money) if rate else (0, 0, 0)
        cycle_us, cycles_n = (lasted.total_us, lasted.n) if lasted else (0, 0)
        made.append(Velocity(group, at_start, new, won, lost, won_money, cycle_us, cycles_n))
    return tuple(made)
