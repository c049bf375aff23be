"""The net view: each deal compared at the two ends of the window only, and given one label, as most tools do.

The money of a label is what the deal's postings add up to (what it holds at the end less what it held at the start), so
the labels tie out to the same starting and ending pipeline. A missing amount counts as zero.
"""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.holdings import PIPELINE, place
from penstock.ledger.question import Horizon, Question
from penstock.ledger.snapshot import standing
from penstock.ledger.valuation import valued

LABELS: Final = (
    "removed",
    "won",
    "lost",
    "reopened",
    "new",
    "pushed",
    "pulled_in",
    "advanced",
    "increase",
    "decrease",
    "slipped",
    "none",
)


def net(movements: ir.Table, question: Question, window: Horizon) -> ir.Table:
    """One row per deal that was in the pipeline at either end or whose label says that something happened.

    window: the window's days, [first, last); close dates are compared with it, whatever the horizon.
    Out: opportunity_id, label (the first of `LABELS` that holds), amount (in the question's measure), starting, ending.
    """
    start, end = _end(movements, question, question.start, "s"), _end(movements, question, question.end, "e")
    pairs = end.left_join(start, end.e_opportunity_id == start.s_opportunity_id)
    pairs = pairs.mutate(s_state=pairs.s_state.fill_null(schema.NONE), s_held=pairs.s_held.fill_null(0))
    table = pairs.select(
        opportunity_id=pairs.e_opportunity_id,
        label=_label(pairs, window),
        amount=pairs.e_held - pairs.s_held,
        starting=pairs.s_held,
        ending=pairs.e_held,
        held=(pairs.s_place == PIPELINE).fill_null(False) | (pairs.e_place == PIPELINE),
    )
    return table.filter(table.held | (table.label != "none")).drop("held")


def _end(movements: ir.Table, question: Question, at: int, prefix: str) -> ir.Table:
    v = valued(standing(movements, at), question.valuation)
    stands = place(v.after_state, v.after_close, question.horizon)
    value = {
        "amount": lambda: v.after_money,
        "weighted": lambda: v.after_expected,
        "count": lambda: ibis.literal(1, "int64"),
    }[question.measure]()
    columns = {
        "opportunity_id": v.opportunity_id,
        "state": v.after_state,
        "place": stands,
        "held": ibis.ifelse(stands == PIPELINE, value, 0),
        "money": v.after_money,
        "close": v.after_close,
        "order": v.after_stage_order,
        "counted": v.counted | (v.after_state == schema.OPEN),
    }
    return v.select(**{f"{prefix}_{name}": column for name, column in columns.items()})


def _label(p: ir.Table, window: Horizon) -> ir.Value:
    was_open, is_open = p.s_state == schema.OPEN, p.e_state == schema.OPEN
    was_closed = p.s_state.isin([schema.WON, schema.LOST, schema.REMOVED])
    gone = (p.e_state == schema.REMOVED) & (p.s_state != schema.REMOVED)
    unqualified = was_open & (p.e_state == schema.UNQUALIFIED)
    both = was_open & is_open
    # No close date is after every window.
    s_close, e_close = p.s_close.fill_null(_NEVER), p.e_close.fill_null(_NEVER)
    s_in = (s_close >= window.first) & (s_close < window.last)
    e_in = (e_close >= window.first) & (e_close < window.last)
    return ibis.cases(
        (gone | unqualified, "removed"),
        ((p.e_state == schema.WON) & (p.s_state != schema.WON), "won"),
        ((p.e_state == schema.LOST) & (p.s_state != schema.LOST), "lost"),
        (was_closed & is_open, "reopened"),
        (~was_open & is_open, "new"),
        (both & s_in & (e_close >= window.last), "pushed"),
        (both & (s_close >= window.last) & e_in, "pulled_in"),
        ((both & (p.e_order > p.s_order)).fill_null(False), "advanced"),
        (both & (p.e_money > p.s_money), "increase"),
        (both & (p.e_money < p.s_money), "decrease"),
        (both & s_in & e_in, "slipped"),
        else_="none",
    )


_NEVER: Final = 2**31 - 1
