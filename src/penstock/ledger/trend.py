"""The pipeline at many instants in one scan: a difference array over the versions, not a snapshot per instant.

A version stands at every instant in (begins, ends] at which the horizon holds its close date. Both conditions are runs of
neighbouring instants, so it adds its value where their overlap starts, takes it away where that ends, and a running sum
does the rest. The cost is that of the versions, not of versions × instants.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.holdings import group_of
from penstock.ledger.question import Horizon, Question
from penstock.ledger.valuation import valued


def trend(movements: ir.Table, instants: Sequence[int], horizons: Sequence[Horizon | None], question: Question) -> ir.Table:
    """Open pipeline by group just before each of `instants` (ascending microseconds).

    horizons: one per instant, their first and last days not going back; None (for all of them) takes every close date.
    Of the question, only grouping and valuation are used.
    Out: position (place in `instants`), group_<dimension>, amount, weighted, count; groups of none are left out.
    Equal to `snapshot` at each instant. ValueError for instants or horizons out of order.
    """
    _require_order(instants, horizons)
    v = movements.filter(movements.after_state == schema.OPEN, movements.begins < instants[-1], movements.ends >= instants[0])
    v = valued(v, question.valuation)
    first, last = _count_upto(instants, v.begins), _count_upto(instants, v.ends)
    if any(horizon is not None for horizon in horizons):
        starts = [horizon.first for horizon in horizons if horizon is not None]
        ends = [horizon.last for horizon in horizons if horizon is not None]
        first = ibis.greatest(first, _count_upto(ends, v.after_close))
        last = ibis.least(last, _count_upto(starts, v.after_close))
        v = v.filter(v.after_close.notnull())
        # A version outside the horizon at each instant enters and leaves at the same one, which adds nothing.
        last = ibis.greatest(first, last)
    keys = {f"group_{name}": group_of(v, name, "after", question.as_is) for name in question.by}
    v = v.select(
        **keys,
        first=first.cast("int16"),
        last=last.cast("int16"),
        amount=v.after_money,
        weighted=v.after_expected,
    )
    return _running(v, list(keys), len(instants))


def _require_order(instants: Sequence[int], horizons: Sequence[Horizon | None]) -> None:
    if not instants:
        raise ValueError("A trend needs at least one instant.")
    if len(horizons) != len(instants):
        raise ValueError("A trend needs a horizon (or None) for each of its instants.")
    if any(a >= b for a, b in pairwise(instants)):
        raise ValueError("The instants of a trend must ascend.")
    known = [horizon for horizon in horizons if horizon is not None]
    if known and len(known) != len(horizons):
        raise ValueError("Either every instant of a trend has a horizon or none has.")
    if any(a.first > b.first or a.last > b.last for a, b in pairwise(known)):
        raise ValueError("The horizons of a trend must not go back.")


def _count_upto(points: Sequence[int], value: ir.Value) -> ir.Value:
    """How many of the ascending `points` are ≤ value: a balanced tree of comparisons, for every backend has CASE."""
    steps = sorted(set(points))
    counts = [sum(point <= step for point in points) for step in steps]

    def tree(low: int, high: int) -> ir.Value:
        # Between `low` and `high` steps are at or below the value.
        if low == high:
            return ibis.literal(counts[low - 1] if low else 0, "int16")
        middle = (low + high) // 2
        return ibis.ifelse(value >= steps[middle], tree(middle + 1, high), tree(low, middle))

    return tree(0, len(steps))


def _running(v: ir.Table, keys: list[str], instants: int) -> ir.Table:
    measures = ("amount", "weighted", "count")
    # Entries and exits in one pass: sums by (first, last) are few, at most instants² per group.
    runs = v.group_by([*keys, "first", "last"]).agg(
        amount=v.amount.sum().cast("int64"), weighted=v.weighted.sum().cast("int64"), count=v.count().cast("int64")
    )
    enter = runs.select(*keys, "amount", "weighted", "count", position=runs["first"])
    leave = runs.select(*keys, position=runs["last"], **{name: -runs[name] for name in measures})
    moved = enter.union(leave.select(*enter.columns))
    positions = ibis.memtable({"position": list(range(instants))}, schema={"position": "int16"})
    # Zeros at every position, added rather than joined: a blank group equals no other in a join.
    grid = moved.select(*keys).distinct().cross_join(positions) if keys else positions
    zeros = grid.mutate(**{name: ibis.literal(0, "int64") for name in measures}).select(*enter.columns)
    steps = moved.union(zeros)
    filled = steps.group_by([*keys, "position"]).agg(**{name: steps[name].sum().cast("int64") for name in measures})
    line = ibis.window(group_by=keys or None, order_by="position", preceding=None, following=0)
    table = filled.select(*keys, "position", **{name: filled[name].sum().over(line).cast("int64") for name in measures})
    return table.filter(table["count"] != 0)
