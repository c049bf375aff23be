"""Moments in the life of opportunities: created, counted for the first time, closed, as they stand.

All of it is read from movements. The ledger has no clock: where something still runs on, it is seen at `known_until`, or, if
that is `schema.FOREVER`, at the last instant of the movements.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import flag
from penstock.ledger.holdings import group_of
from penstock.ledger.valuation import Valuation, valued


def check_window(start: int, end: int) -> None:
    """Raises ValueError for a window that ends before it starts."""
    if end < start:
        raise ValueError(f"The window ends before it starts: [{start}, {end}) in microseconds since 1970. Swap the two.")


def present(movements: ir.Table, known_until: int) -> ir.Value:
    """The instant (microseconds) at which what still runs on is seen."""
    if known_until != schema.FOREVER:
        return ibis.literal(known_until, "int64")
    return movements.select("begins").begins.max().as_scalar()


def first_counted(movements: ir.Table, known_until: int = schema.FOREVER) -> ir.Table:
    """When each opportunity was first open and qualified: opportunity_id, counted_at. Those that never were have no row."""
    m = movements.filter(movements.after_state == schema.OPEN, ~movements.counted, movements.begins < known_until)
    return m.select("opportunity_id", counted_at=m.begins)


def closings(
    movements: ir.Table,
    start: int,
    end: int,
    by: Sequence[str] = (),
    *,
    as_is: bool = False,
    valuation: Valuation | None = None,
) -> ir.Table:
    """The last closing in [start, end) of each opportunity that was won or lost in it.

    Out: opportunity_id, closed_at, won (1 or 0), money (a win's amount; of a loss the amount before it, as the ledger posts it,
    or its own if it was created lost), group_<dimension> as at the closing.
    """
    m = movements.filter(
        movements.begins >= start,
        movements.begins < end,
        movements.after_state.isin(schema.CLOSED),
        movements.before_state != movements.after_state,
    )
    m = valued(m, valuation or Valuation())
    own = (m.after_state == schema.WON) | (m.before_state == schema.NONE)
    m = m.select(
        "opportunity_id",
        "seq",
        closed_at=m.begins,
        won=flag(m.after_state == schema.WON),
        money=ibis.ifelse(own, m.after_money, m.before_money),
        **{f"group_{name}": group_of(m, name, "after", as_is) for name in by},
    )
    turn = ibis.row_number().over(group_by=m.opportunity_id, order_by=[m.closed_at.desc(), m.seq.desc()])
    m = m.mutate(turn=turn)
    return m.filter(m.turn == 0).drop("turn", "seq")


def lifetimes(
    movements: ir.Table,
    known_until: int,
    by: Sequence[str] = (),
    *,
    as_is: bool = False,
    valuation: Valuation | None = None,
) -> ir.Table:
    """One row per opportunity that existed before `known_until`, as it stood just before then.

    Out: opportunity_id, created_at (its creation, or its first version where that is not known), state, since (when it came
    into that state for good), stage, stage_order, money (its amount), group_<dimension> as at its first version.
    """
    m = movements
    born, stands = m.before_state == schema.NONE, m.ends >= known_until
    m = m.filter(m.begins < known_until, stands | (m.before_state != m.after_state))
    m = valued(m, valuation or Valuation())
    born, stands = m.before_state == schema.NONE, m.ends >= known_until

    def only(where: ir.Value, value: ir.Value) -> ir.Value:
        return ibis.ifelse(where, value, ibis.null(value.type())).max()

    return m.group_by("opportunity_id").agg(
        created_at=only(born, m.created.fill_null(m.begins)),
        state=only(stands, m.after_state),
        since=only(m.before_state != m.after_state, m.begins),
        stage=only(stands, m.after_stage),
        stage_order=only(stands, m.after_stage_order),
        money=only(stands, m.after_money),
        **{f"group_{name}": only(born, group_of(m, name, "after", as_is)) for name in by},
    )
