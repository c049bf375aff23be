"""Checks of how much of a history was observed, and how much was reconstructed or could not be known."""

from __future__ import annotations

from typing import Final

import ibis.expr.types as ir

from penstock.ledger.violations import Check, CheckContext, blank, complete, phrase, violations


def _reconstructed(history: ir.Table, context: CheckContext) -> ir.Table:
    t = complete(history)
    found = t.filter(~blank(t["reconstructed_fields"]))
    return violations(found, phrase("reconstructed: {}", found["reconstructed_fields"]), found["reconstructed_fields"])


def _unknown(history: ir.Table, context: CheckContext) -> ir.Table:
    t = complete(history)
    found = t.filter(~blank(t["unknown_fields"]))
    return violations(found, phrase("not known: {}", found["unknown_fields"]), found["unknown_fields"])


CHECKS: Final = (
    Check(
        "reconstructed_values",
        "note",
        "Versions with reconstructed values",
        "The values follow from later ones or from a rule; movements that rest on them may have been others, or at another time.",
        "Give a fuller history with --history FILE, if the source keeps one.",
        _reconstructed,
        "history",
    ),
    Check(
        "unknown_values",
        "note",
        "Versions with values that nothing could tell",
        "A value that is not known counts as missing: zero for amount and probability, outside every horizon for close date.",
        "Give a fuller history with --history FILE, or the table of stages with --stages FILE.",
        _unknown,
        "history",
    ),
)
