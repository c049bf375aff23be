"""Durations: time in a stage, the sales cycle from first counted to won, the age of open deals.

The backend measures each duration to the microsecond and counts equal ones in whole hours; the curves are made from that small
table. So a median or a percentile is a multiple of an hour (rounded down), exact for dates; a mean is exact to the microsecond.
Percentiles are the shortest duration by which at least that share have ended, with and without censoring alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import flag
from penstock.ledger.holdings import group_of
from penstock.ledger.moments import check_window, closings, first_counted, lifetimes, present
from penstock.ledger.stage_entries import ENTERS
from penstock.ledger.survival import CENSORED, Curve, kaplan_meier

DAY: Final = 86_400_000_000
HOUR: Final = 3_600_000_000
Group = tuple[str | None, ...]


@dataclass(frozen=True)
class Spread:
    """Durations that have all ended, in days: how many, median, 90th percentile, mean. None where there are none."""

    n: int
    median: float | None
    p90: float | None
    mean: float | None
    total_us: int = 0


@dataclass(frozen=True)
class StageTime:
    """Time in one stage: spells begun in the window, how many of them ended or still run, median and p90 in days.

    Both by Kaplan–Meier with the running spells censored; None where the curve does not get there.
    """

    group: Group
    stage: str
    stage_order: int | None
    n: int
    completed: int
    open: int
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class SalesCycle:
    """From first counted to won, in days.

    won: the deals won in the window (by their last closing in it), those never counted before aside (`uncounted`: created won).
    expected: of all deals first counted in the window, how long to a win: Kaplan–Meier with the rest censored, open deals at the
    present and lost or removed ones when they left. It tells how long a win takes as long as nothing else ends the deal.
    """

    group: Group
    won: Spread
    uncounted: int
    counted: int
    wins: int
    median_expected: float | None
    p90_expected: float | None


@dataclass(frozen=True)
class Age:
    """Age, in days since creation, of the deals that are open at an instant; stage is None for all stages together."""

    group: Group
    stage: str | None
    stage_order: int | None
    age: Spread


def spells(
    movements: ir.Table, start: int, end: int, by: Sequence[str] = (), *, known_until: int = schema.FOREVER, as_is: bool = False
) -> ir.Table:
    """Every stay in a stage that began in [start, end): a row per spell, lazily.

    A spell runs while the opportunity is open and qualified with that stage; leaving is any other stage, closing, removal or loss
    of qualification. Out: opportunity_id, entered_at, left_at (microseconds; null if still running just before `known_until`),
    duration (microseconds, up to left_at or the present), completed (1 or 0), stage, stage_order, group_<dimension> as at entry.
    """
    check_window(start, end)
    m = movements.filter(movements.step == ENTERS, movements.begins >= start, movements.begins < min(end, known_until))
    m = m.select(
        "opportunity_id",
        entered_at=m.begins,
        left_at=ibis.ifelse(m.left_at < known_until, m.left_at, ibis.null("int64")),
        stage=m.after_stage,
        stage_order=m.after_stage_order,
        **{f"group_{name}": group_of(m, name, "after", as_is) for name in by},
    )
    until = m.left_at.fill_null(present(movements, known_until))
    return m.mutate(duration=until - m.entered_at, completed=flag(m.left_at.notnull()))


def time_in_stage(
    movements: ir.Table, start: int, end: int, by: Sequence[str] = (), *, known_until: int = schema.FOREVER, as_is: bool = False
) -> tuple[StageTime, ...]:
    """Median and p90 of the stays in each stage that began in [start, end), as `spells` tells them, running ones censored."""
    rows = spells(movements, start, end, by, known_until=known_until, as_is=as_is)
    tallied = tally(rows, (*(f"group_{name}" for name in by), "stage", "stage_order"), rows.duration, rows.completed)
    times = []
    for key, counts in by_key(tallied, len(by) + 2).items():
        curve = kaplan_meier((count.days, bool(count.outcome), count.n) for count in counts)
        ended = sum(count.n for count in counts if count.outcome)
        n = sum(count.n for count in counts)
        spell = (n, ended, n - ended, curve.quantile(0.5), curve.quantile(0.9))
        times.append(StageTime(key[:-2], key[-2], key[-1], *spell))
    return tuple(sorted(times, key=lambda time: in_order((*time.group, time.stage_order, time.stage))))


def sales_cycle(
    movements: ir.Table, start: int, end: int, by: Sequence[str] = (), *, known_until: int = schema.FOREVER, as_is: bool = False
) -> tuple[SalesCycle, ...]:
    """The sales cycle of the deals won in [start, end), and what to expect of those first counted in it; see `SalesCycle`."""
    check_window(start, end)
    groups = [f"group_{name}" for name in by]
    counted = first_counted(movements, known_until)
    won = closings(movements, start, min(end, known_until), by, as_is=as_is)
    won = won.filter(won.won == 1).left_join(counted, "opportunity_id")
    ended = tally(won, groups, won.closed_at - won.counted_at.fill_null(won.closed_at), flag(won.counted_at.notnull()))
    begun = counted.filter(counted.counted_at >= start, counted.counted_at < end)
    lives = lifetimes(movements, known_until, by, as_is=as_is).inner_join(begun, "opportunity_id")
    over = lives.state >= schema.WON
    lasted = ibis.ifelse(over, lives.since, present(movements, known_until)) - lives.counted_at
    to_win = tally(lives, groups, lasted, flag(lives.state == schema.WON))
    wins, begun_rows = by_key(ended, len(by)), by_key(to_win, len(by))
    cycles = [_cycle(group, wins.get(group, []), begun_rows.get(group, [])) for group in {**wins, **begun_rows}]
    return tuple(sorted(cycles, key=lambda cycle: in_order(cycle.group)))


def age(movements: ir.Table, at: int, by: Sequence[str] = (), *, as_is: bool = False) -> tuple[Age, ...]:
    """The age of the deals that are open and qualified just before `at` (microseconds): by stage, then all stages together.

    Groups are as at the deal's first version, or of today with `as_is`.
    """
    lives = lifetimes(movements, at, by, as_is=as_is)
    lives = lives.filter(lives.state == schema.OPEN)
    keys = (*(f"group_{name}" for name in by), "stage", "stage_order")
    until = present(movements, at)
    staged = by_key(tally(lives, keys, until - lives.created_at, ibis.literal(1, "int8")), len(keys))
    ages = [Age(key[:-2], key[-2], key[-1], spread(counts)) for key, counts in staged.items() if key[-2] is not None]
    whole: dict[Group, list[Count]] = {}
    for key, counts in staged.items():
        whole.setdefault(key[:-2], []).extend(counts)
    ages += [Age(group, None, None, spread(counts)) for group, counts in whole.items()]
    return tuple(sorted(ages, key=lambda row: in_order((*row.group, row.stage is None, row.stage_order, row.stage))))


@dataclass(frozen=True)
class Count:
    """How many durations lie in one hour: from `hours` on, with this outcome; spare is their sum beyond it, in microseconds."""

    hours: int
    outcome: int
    n: int
    spare: int
    money: int = 0

    @property
    def days(self) -> float:
        return self.hours / 24


def tally(
    table: ir.Table, keys: Sequence[str], duration: ir.Value, outcome: ir.Value, money: ir.Value | None = None
) -> list[dict[str, Any]]:
    """Durations (microseconds) counted by keys, whole hour and outcome: hour_us, outcome, n, spare, money.

    A negative duration, from a history whose dates contradict one another, counts as none.
    """
    length = ibis.ifelse(duration < 0, 0, duration).cast("int64")
    rows = table.mutate(length_us=length, outcome=outcome, paid=ibis.literal(0, "int64") if money is None else money)
    rows = rows.mutate(spare_us=rows.length_us % HOUR)
    grouped = rows.mutate(hour_us=rows.length_us - rows.spare_us).group_by([*keys, "hour_us", "outcome"])
    counted = grouped.agg(
        n=lambda t: t.count(), spare=lambda t: t.spare_us.sum().cast("int64"), money=lambda t: t.paid.sum().cast("int64")
    )
    rows_out: list[dict[str, Any]] = counted.select(*keys, "hour_us", "outcome", "n", "spare", "money").to_pyarrow().to_pylist()
    return rows_out


def by_key(rows: Iterable[Mapping[str, Any]], width: int) -> dict[tuple[Any, ...], list[Count]]:
    """What `tally` gave, by its first `width` columns."""
    table: dict[tuple[Any, ...], list[Count]] = {}
    for row in rows:
        *key, hour_us, outcome, n, spare, money = row.values()
        table.setdefault(tuple(key[:width]), []).append(Count(int(hour_us) // HOUR, int(outcome), int(n), int(spare), int(money)))
    return table


def spread(counts: Iterable[Count]) -> Spread:
    """The spread of durations that have all ended, whatever their outcome."""
    ended = list(counts)
    n = sum(count.n for count in ended)
    total = sum(count.hours * HOUR * count.n + count.spare for count in ended)
    curve = kaplan_meier((count.days, True, count.n) for count in ended)
    mean = float(Fraction(total, n * DAY)) if n else None
    return Spread(n, curve.quantile(0.5), curve.quantile(0.9), mean, total)


def in_order(key: Iterable[Any]) -> list[tuple[bool, Any]]:
    """A sorting key in which missing values come last."""
    return [(value is None, "" if value is None else value) for value in key]


def _cycle(group: Group, won: Sequence[Count], begun: Sequence[Count]) -> SalesCycle:
    curve: Curve = kaplan_meier((count.days, count.outcome != CENSORED, count.n) for count in begun)
    uncounted = sum(count.n for count in won if not count.outcome)
    wins = sum(count.n for count in begun if count.outcome)
    return SalesCycle(
        group,
        spread(count for count in won if count.outcome),
        uncounted,
        sum(count.n for count in begun),
        wins,
        curve.quantile(0.5),
        curve.quantile(0.9),
    )
