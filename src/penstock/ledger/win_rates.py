"""Win rates, three ways: of what closed in a window, of what was created in it, and by age with competing risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.durations import Count, Group, by_key, in_order, tally
from penstock.ledger.engine import flag
from penstock.ledger.moments import check_window, closings, lifetimes, present
from penstock.ledger.survival import CENSORED, Incidence, aalen_johansen
from penstock.ledger.valuation import Valuation

# Below this many deals still at risk, a share by age rests on too few to be shown as one figure.
SUPPORT: Final = 10


@dataclass(frozen=True)
class PeriodRate:
    """Won ÷ (won + lost) of the deals that closed in the window, each by its last closing in it; by count and by money."""

    group: Group
    won: int
    lost: int
    won_money: int
    lost_money: int

    @property
    def rate(self) -> float | None:
        return _ratio(self.won, self.won + self.lost)

    @property
    def money_rate(self) -> float | None:
        return _ratio(self.won_money, self.won_money + self.lost_money)


@dataclass(frozen=True)
class CohortRate:
    """Won ÷ created, of the deals created in the window, as they stand; open takes in the unqualified, and the four add up."""

    group: Group
    created: int
    won: int
    lost: int
    removed: int
    open: int
    created_money: int
    won_money: int

    @property
    def rate(self) -> float | None:
        return _ratio(self.won, self.created)

    @property
    def money_rate(self) -> float | None:
        return _ratio(self.won_money, self.created_money)


@dataclass(frozen=True)
class SurvivalRate:
    """The share won by age (days since creation) of the deals created in the window: Aalen–Johansen.

    Lost and removed compete, open deals are censored at the present. rate: the share won by `age`, the greatest age at which at
    least `SUPPORT` deals were still at risk (None where there never were). money_*: the same with each deal weighed by its amount
    as it stands (a negative amount weighs nothing). curves hold every step.
    """

    group: Group
    n: int
    age: float | None
    rate: float | None
    money_rate: float | None
    curve: Incidence
    money_curve: Incidence


@dataclass(frozen=True)
class WinRates:
    """The three win rates, one row per group in each."""

    period: tuple[PeriodRate, ...]
    cohort: tuple[CohortRate, ...]
    survival: tuple[SurvivalRate, ...]


def win_rates(
    movements: ir.Table,
    start: int,
    end: int,
    by: Sequence[str] = (),
    *,
    known_until: int = schema.FOREVER,
    as_is: bool = False,
    valuation: Valuation | None = None,
) -> WinRates:
    """The win rates of [start, end) (microseconds UTC).

    Groups are as at the closing (period) or at the deal's first version (cohort, survival), or of today with `as_is`. Money is in
    minor units: of a win its amount, of a loss the amount before it. Raises ValueError for a window that ends before it starts.
    """
    check_window(start, end)
    keys = [f"group_{name}" for name in by]
    closed = closings(movements, start, min(end, known_until), by, as_is=as_is, valuation=valuation)
    lives = lifetimes(movements, known_until, by, as_is=as_is, valuation=valuation)
    lives = lives.filter(lives.created_at >= start, lives.created_at < end)
    over = lives.state >= schema.WON
    lived = ibis.ifelse(over, lives.since, present(movements, known_until)) - lives.created_at
    weight = ibis.ifelse(lives.money > 0, lives.money, 0)
    aged = by_key(tally(lives, keys, lived, ibis.ifelse(over, lives.state, CENSORED).cast("int8"), weight), len(by))
    survival = tuple(_survival(group, aged[group]) for group in sorted(aged, key=in_order))
    return WinRates(_rows(PeriodRate, period(closed, by), by), _rows(CohortRate, cohort(lives, by), by), survival)


def period(closed: ir.Table, by: Sequence[str] = ()) -> ir.Table:
    """`closings` summed by group, lazily: won, lost, won_money, lost_money."""
    won = closed.won == 1
    return _summed(
        closed,
        by,
        won=closed.won.sum(),
        lost=(1 - closed.won).sum(),
        won_money=ibis.ifelse(won, closed.money, 0).sum(),
        lost_money=ibis.ifelse(won, 0, closed.money).sum(),
    )


def cohort(lives: ir.Table, by: Sequence[str] = ()) -> ir.Table:
    """`lifetimes` summed by group, lazily: created, won, lost, removed, open, created_money, won_money."""
    in_state = {"won": schema.WON, "lost": schema.LOST, "removed": schema.REMOVED}
    return _summed(
        lives,
        by,
        created=lives.count(),
        **{name: flag(lives.state == state).sum() for name, state in in_state.items()},
        open=flag(lives.state < schema.WON).sum(),
        created_money=lives.money.sum(),
        won_money=ibis.ifelse(lives.state == schema.WON, lives.money, 0).sum(),
    )


def _summed(table: ir.Table, by: Sequence[str], **sums: ir.Value) -> ir.Table:
    whole = {name: value.fill_null(0).cast("int64") for name, value in sums.items()}
    return table.group_by([f"group_{name}" for name in by]).agg(**whole) if by else table.agg(**whole)


def _rows(kind: Any, table: ir.Table, by: Sequence[str]) -> tuple[Any, ...]:
    rows = [list(row.values()) for row in table.to_pyarrow().to_pylist()]
    made = [kind(tuple(row[: len(by)]), *(int(value) for value in row[len(by) :])) for row in rows]
    return tuple(sorted(made, key=lambda row: in_order(row.group)))


def _survival(group: Group, counts: Sequence[Count]) -> SurvivalRate:
    curve = aalen_johansen((count.days, count.outcome, count.n) for count in counts)
    money = aalen_johansen((count.days, count.outcome, count.money) for count in counts)
    reached = curve.last_supported(SUPPORT)
    if reached is None:
        return SurvivalRate(group, sum(count.n for count in counts), None, None, None, curve, money)
    money_rate = money.at(schema.WON, reached) if money.times else None
    n = sum(count.n for count in counts)
    return SurvivalRate(group, n, reached, curve.at(schema.WON, reached), money_rate, curve, money)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
