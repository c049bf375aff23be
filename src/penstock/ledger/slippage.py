"""Slippage: what was to close in a quarter and did not."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import flag
from penstock.ledger.holdings import group_of
from penstock.ledger.moments import check_window
from penstock.ledger.snapshot import standing
from penstock.ledger.valuation import Valuation, valued


def slippage(
    movements: ir.Table,
    quarter_start_us: int,
    quarter_end_us: int,
    quarter_first_day: int,
    quarter_end_day: int,
    by: Sequence[str] = (),
    *,
    as_is: bool = False,
    valuation: Valuation | None = None,
) -> ir.Table:
    """Of the deals due in the quarter at its start, those still open at its end, lazily.

    Due: open and qualified just before `quarter_start_us`, with a close date in [quarter_first_day, quarter_end_day), days since
    1970-01-01. Still open: open and qualified just before `quarter_end_us`, wherever the close date is now.
    Out: group_<dimension> (as at the start, or of today with `as_is`), due, slipped (deals), due_money, slipped_money (minor
    units, the amounts at the start), rate = slipped ÷ due and money_rate (null where nothing was due). Without `by`, one row.
    Raises ValueError for a quarter that ends before it starts.
    """
    check_window(quarter_start_us, quarter_end_us)
    then = valued(standing(movements, quarter_start_us), valuation or Valuation())
    in_quarter = (then.after_close >= quarter_first_day) & (then.after_close < quarter_end_day)
    due = then.filter(then.after_state == schema.OPEN, in_quarter)
    due = due.select(
        "opportunity_id", money=due.after_money, **{f"group_{name}": group_of(due, name, "after", as_is) for name in by}
    )
    later = standing(movements, quarter_end_us)
    open_still = later.filter(later.after_state == schema.OPEN).select(still="opportunity_id")
    joined = due.left_join(open_still, due.opportunity_id == open_still.still)
    slipped = joined.still.notnull()
    sums = {
        "due": joined.count(),
        "slipped": flag(slipped).sum(),
        "due_money": joined.money.sum(),
        "slipped_money": ibis.ifelse(slipped, joined.money, 0).sum(),
    }
    whole = {name: value.fill_null(0).cast("int64") for name, value in sums.items()}
    groups = [f"group_{name}" for name in by]
    table = joined.group_by(groups).agg(**whole).order_by(groups) if groups else joined.agg(**whole)
    return table.mutate(rate=_share(table.slipped, table.due), money_rate=_share(table.slipped_money, table.due_money))


def _share(part: ir.Value, whole: ir.Value) -> ir.Value:
    return part.cast("float64") / whole.nullif(0).cast("float64")
