"""How well a figure is known: observed, reconstructed or unknown, by the worst field that it rests on."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.engine import evidence_bit
from penstock.ledger.movements import group_columns
from penstock.ledger.question import Question

OBSERVED, RECONSTRUCTED, UNKNOWN = range(3)
GRADES: Final = ("observed", "reconstructed", "unknown")


def used_mask(movements: ir.Table, question: Question) -> int:
    """The evidence bits of the fields that an answer to `question` rests on."""
    fields = ["effective_at", "status", "qualified", *question.by]
    if question.measure != "count":
        fields.append("amount")
    if question.measure == "weighted":
        fields.append("probability")
    if question.horizon is not None:
        fields.append("close_date")
    if question.valuation.converts:
        fields.append("currency")
    dimensions = [name for name in group_columns(movements) if name not in ("stage", "forecast_category", "currency")]
    if not question.graded:
        return 0
    mask = 0
    for field in fields:
        mask |= evidence_bit(field, dimensions)
    return mask


def grade(reconstructed: ir.Value, unknown: ir.Value, mask: int) -> ir.Value:
    """A grade per row, from its evidence masks and the bits that matter (none: all is observed)."""
    if not mask:
        return ibis.literal(OBSERVED, "int8")
    return ibis.cases(
        ((unknown & mask) != 0, UNKNOWN),
        ((reconstructed & mask) != 0, RECONSTRUCTED),
        else_=OBSERVED,
    ).cast("int8")


def by_grade(money: ir.Value, grades: ir.Value) -> dict[str, ir.Value]:
    """Sums of gross (absolute) money for each grade, as evidence_<grade> columns."""
    return {
        f"evidence_{name}": ibis.ifelse(grades == number, money.abs(), 0).sum().fill_null(0).cast("int64")
        for number, name in enumerate(GRADES)
    }
