"""What a version holds: in the pipeline (P), won (W), or nothing (X), as seen with a horizon."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import dimension_column
from penstock.ledger.movements import group_columns
from penstock.ledger.question import Horizon, Question

# Places: where a version stands for a horizon. Those of `schema` keep their numbers, OPEN meaning in the pipeline;
# an open and qualified deal outside the horizon is beyond it (or has no close date) or before it.
PIPELINE = schema.OPEN
BEYOND, OVERDUE = 6, 7


def place(state: ir.Value, close: ir.Value, horizon: Horizon | None) -> ir.Value:
    """Where a version with this state and close date (days) stands: a place."""
    if horizon is None:
        return state
    return ibis.cases(
        (state != schema.OPEN, state),
        (close.fill_null(horizon.last) >= horizon.last, BEYOND),
        (close < horizon.first, OVERDUE),
        else_=PIPELINE,
    ).cast("int8")


def group_of(movements: ir.Table, name: str, side: str, as_is: bool) -> ir.Value:
    """The value of dimension `name` on one side ('before' or 'after') of a movement; `opportunity_id` is a dimension too."""
    if name == "opportunity_id":
        return movements["opportunity_id"]
    column = f"{'now' if as_is else side}_{dimension_column(name)}"
    if column not in movements.columns:
        known = ", ".join(sorted(group_columns(movements)))
        raise ValueError(f"There is no dimension {name!r} to group by. There are: {known}.")
    return movements[column]


def regrouped(movements: ir.Table, question: Question) -> ir.BooleanValue:
    """True where a movement changed the group that its deal counts in."""
    changed: ir.BooleanValue = ibis.literal(False)
    if question.as_is:
        return changed
    for name in question.by:
        if name != "opportunity_id":
            column = dimension_column(name)
            changed = changed | ~movements[f"before_{column}"].identical_to(movements[f"after_{column}"])
    return changed
