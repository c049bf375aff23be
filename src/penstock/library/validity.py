"""A history that breaks the schema is refused before any figure is made of it."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.money import AMOUNT_LIMIT
from penstock.readers.wording import worded

_EXAMPLES = 5


class InvalidHistory(ValueError):  # noqa: N818
    """A history from which no figure can be made; `faults` says all that is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


def require_valid(history: ir.Table) -> None:
    """Raises InvalidHistory for missing columns or ids or moments, unknown statuses, amounts too large, undecidable order."""
    missing = [name for name in schema.REQUIRED if name not in history.columns]
    if missing:
        raise InvalidHistory(
            [f"The history has no column {', '.join(missing)}; it has {', '.join(history.columns)}. Name it with a mapping."]
        )
    faults = [text for text in (_counted(history), *_statuses(history), _ties(history)) if text]
    if faults:
        raise InvalidHistory(faults)


def _counted(history: ir.Table) -> str:
    counts: dict[str, Any] = {
        "opportunity_id": history.opportunity_id.isnull().sum(),
        "effective_at": history.effective_at.isnull().sum(),
    }
    if "amount" in history.columns and history.amount.type().is_integer():
        counts["amount"] = (history.amount.abs() > AMOUNT_LIMIT).sum()
    found = {name: count for name, count in history.aggregate(**counts).to_pyarrow().to_pylist()[0].items() if count}
    said = {
        "opportunity_id": "no opportunity_id",
        "effective_at": "no effective_at",
        "amount": f"an amount beyond {AMOUNT_LIMIT} minor units",
    }
    sentence = "{count} [row|rows] of the history [has|have] {what}"
    return "; ".join(worded(sentence, count, what=said[name]) for name, count in found.items())


def _statuses(history: ir.Table) -> list[str]:
    known = list(schema.STATUSES)
    strange = history.filter(history.status.isnull() | ~history.status.isin(known))
    rows = strange.group_by("status").agg(count=strange.count()).order_by("status").limit(_EXAMPLES).to_pyarrow().to_pylist()
    sentence = "{count} [row has|rows have] the status {status}; it must be one of {known}"
    return [worded(sentence, row["count"], status=repr(row["status"]), known=", ".join(known)) for row in rows]


def _ties(history: ir.Table) -> str:
    keys = ["opportunity_id", "effective_at", *(["seq"] if "seq" in history.columns else [])]
    counted = history.group_by(keys).agg(versions=history.count())
    tied = counted.filter(counted.versions > 1).order_by(keys).limit(_EXAMPLES).to_pyarrow().to_pylist()
    if not tied:
        return ""
    examples = "; ".join(f"{row['opportunity_id']} at {row['effective_at']}" for row in tied)
    return f"Some versions of one opportunity have the same effective_at and seq, so their order is open ({examples}). Give seq."
