"""The pipeline as of an instant, measured from the versions that hold then and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.evidence import by_grade, grade, used_mask
from penstock.ledger.holdings import OVERDUE, PIPELINE, group_of, place
from penstock.ledger.question import Horizon, Question
from penstock.ledger.valuation import valued

MEASURES = ("amount", "weighted", "count")


def standing(movements: ir.Table, at: int) -> ir.Table:
    """The version of each opportunity that holds just before `at` (microseconds)."""
    return movements.filter(movements.begins < at, movements.ends >= at)


def snapshot(movements: ir.Table, at: int, question: Question) -> ir.Table:
    """Open pipeline and overdue deals by group, just before `at`. The question's window is not used.

    Out: a row per group (group_<dimension> columns, one row if there are none) with amount, weighted (minor units) and count
    of the pipeline in the question's horizon; overdue_amount, overdue_weighted, overdue_count of the open deals whose close
    date has passed the horizon's start; evidence_<grade>, the money of the question's measure by how well it is known.
    """
    versions = opened(standing(movements, at), question, MEASURES)
    piped, overdue = versions.place == PIPELINE, versions.place == OVERDUE
    sums = {measure: sum_where(versions[measure], piped) for measure in MEASURES}
    sums |= {f"overdue_{measure}": sum_where(versions[measure], overdue) for measure in MEASURES}
    sums |= by_grade(ibis.ifelse(piped, versions[question.measure], 0), versions.grade)
    table = aggregated(versions, question, sums)
    return table.filter((table["count"] > 0) | (table.overdue_count > 0)) if question.by else table


def deals(movements: ir.Table, at: int, question: Question) -> ir.Table:
    """The drill under `snapshot`: a row per open and qualified opportunity with its place, close date and value.

    Out: opportunity_id, place (pipeline, overdue or beyond), close (days), amount, weighted, count, stage, since
    (microseconds) and the group_<dimension> columns.
    """
    versions = opened(standing(movements, at), question, MEASURES)
    named = ibis.cases((versions.place == PIPELINE, "pipeline"), (versions.place == OVERDUE, "overdue"), else_="beyond")
    groups = [f"group_{name}" for name in question.by]
    return versions.select(
        "opportunity_id",
        *groups,
        *MEASURES,
        place=named,
        close=versions.after_close,
        stage=versions.after_stage,
        since=versions.begins,
    )


def opened(versions: ir.Table, question: Question, measures: Sequence[str]) -> ir.Table:
    """The open and qualified of `versions` with place, grade, group_<dimension> and a column for each of `measures`."""
    keys = {f"group_{name}": group_of(versions, name, "after", question.as_is) for name in question.by}
    graded = grade(versions.after_reconstructed, versions.after_unknown, used_mask(versions, question))
    v = valued(versions.filter(versions.after_state == schema.OPEN).mutate(grade=graded, **keys), question.valuation)
    money = {
        "amount": lambda: v.after_money,
        "weighted": lambda: v.after_expected,
        "count": lambda: ibis.literal(1, "int64"),
    }
    return v.mutate(
        place=place(v.after_state, v.after_close, question.horizon), **{measure: money[measure]() for measure in measures}
    )


def aggregated(table: ir.Table, question: Question, sums: dict[str, ir.Value]) -> ir.Table:
    """`sums` by the question's groups; a single row if it has none."""
    return table.group_by([f"group_{name}" for name in question.by]).agg(**sums) if question.by else table.agg(**sums)


def parts(versions: ir.Table, measure: str, horizon: Horizon | None) -> dict[str, ir.Value]:
    """Sums of the two parts of a rolling horizon, this quarter and next three; zero where there is no horizon."""
    value = versions[measure]
    if horizon is None:
        return {"this_quarter": ibis.literal(0, "int64"), "next_three": ibis.literal(0, "int64")}
    piped, near = versions.place == PIPELINE, versions.after_close < horizon.quarter_end
    return {"this_quarter": sum_where(value, piped & near), "next_three": sum_where(value, piped & ~near)}


def sum_where(value: ir.Value, condition: ir.Value) -> ir.Value:
    """The sum of `value` over the rows where `condition` holds; 0 over none."""
    return ibis.ifelse(condition, value, 0).sum().fill_null(0).cast("int64")
