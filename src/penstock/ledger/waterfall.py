"""The six elements: starting pipeline, new, change in value, closed won, closed lost, ending pipeline."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.evidence import by_grade
from penstock.ledger.holdings import OVERDUE, PIPELINE
from penstock.ledger.posted import posted
from penstock.ledger.postings import LINES, RULES
from penstock.ledger.question import Horizon, Question
from penstock.ledger.snapshot import aggregated, opened, parts, standing, sum_where

_POSTED: Final = ("new", "lost", *LINES)
_MEASURED: Final = ("starting", "ending", *_POSTED)
_CHANGE: Final = tuple(rule.line for rule in RULES if rule.element == "change")
COLUMNS: Final = (
    *_MEASURED,
    *(f"count_{name}" for name in _MEASURED),
    *(f"{end}_{part}" for end in ("starting", "ending") for part in ("this_quarter", "next_three", "overdue")),
    "count_starting_overdue",
    "count_ending_overdue",
    "entering",
    "leaving",
    "evidence_observed",
    "evidence_reconstructed",
    "evidence_unknown",
)


def waterfall(movements: ir.Table, question: Question, *, following: Horizon | None = None) -> ir.Table:
    """The waterfall of the question's window: one row per group, lazily.

    Starting and ending are measured as snapshots (`snapshot.standing`), everything between as postings (`postings.RULES`);
    neither knows of the other, so `residual` is a proof. following: the horizon moved on by a quarter, for the roll.
    Out: group_<dimension> columns, then int64 columns in the question's measure: starting, new, change, won, lost, ending,
    residual, each line of `postings.LINES`, and count_<same name> in deals; starting_/ending_ this_quarter, next_three and
    overdue; entering and leaving (overdue at the roll); evidence_<grade>, gross money by how well it is known.
    """
    pieces = [
        _end(movements, question, "starting", question.start),
        _end(movements, question, "ending", question.end, following),
        *posted(movements, question),
    ]
    keys = [f"group_{name}" for name in question.by]
    rows = ibis.union(*[_padded(piece, keys) for piece in pieces])
    sums = {name: rows[name].sum().fill_null(0).cast("int64") for name in COLUMNS}
    table = aggregated(rows, question, sums)
    return table.mutate(**_elements(table, ""), **_elements(table, "count_"))


def _elements(table: ir.Table, prefix: str) -> dict[str, ir.Value]:
    change = sum((table[f"{prefix}{line}"] for line in _CHANGE), start=ibis.literal(0, "int64"))
    won = table[f"{prefix}booked"] + table[f"{prefix}reversed"]
    made = table[f"{prefix}starting"] + table[f"{prefix}new"] + change + won + table[f"{prefix}lost"]
    return {f"{prefix}change": change, f"{prefix}won": won, f"{prefix}residual": table[f"{prefix}ending"] - made}


def _end(movements: ir.Table, question: Question, name: str, at: int, following: Horizon | None = None) -> ir.Table:
    """The pipeline at one end of the window, by snapshot."""
    measure = question.measure
    v = opened(standing(movements, at), question, tuple({measure, "count"}))
    value, piped, overdue = v[measure], v.place == PIPELINE, v.place == OVERDUE
    sums = {
        name: sum_where(value, piped),
        f"count_{name}": sum_where(v["count"], piped),
        f"{name}_overdue": sum_where(value, overdue),
        f"count_{name}_overdue": sum_where(v["count"], overdue),
        **{f"{name}_{part}": total for part, total in parts(v, measure, question.horizon).items()},
    }
    if name == "starting":
        sums |= by_grade(ibis.ifelse(piped, value, 0), v.grade)
    horizon = question.horizon
    if following is not None and horizon is not None:
        sums["entering"] = sum_where(value, (v.after_close >= horizon.last) & (v.after_close < following.last))
        sums["leaving"] = sum_where(value, piped & (v.after_close < following.first))
    return aggregated(v, question, sums)


def _padded(piece: ir.Table, keys: list[str]) -> ir.Table:
    zero = ibis.literal(0, "int64")
    return piece.select(*keys, **{name: piece[name] if name in piece.columns else zero for name in COLUMNS})
