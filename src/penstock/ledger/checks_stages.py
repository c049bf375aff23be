"""Checks of stages and their places in the pipeline."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.violations import Check, CheckContext, about, blank, nothing, phrase, versions, violations


def _missing(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    return violations(t.filter((t.status == "open") & blank(t.stage)), ibis.literal("open without a stage"))


def _without_order(history: ir.Table, context: CheckContext) -> ir.Table:
    found = _open_staged(history)
    found = found.filter(found.stage_order.isnull())
    return violations(found, phrase("stage '{}' has no place in the pipeline", found.stage), found.stage)


def _same_order(history: ir.Table, context: CheckContext) -> ir.Table:
    t = _open_staged(history)
    t = t.filter(t.stage_order.notnull()).mutate(line=t.pipeline.fill_null(""))
    places = t.group_by(["line", "stage_order"]).aggregate(least=t.stage.min(), most=t.stage.max(), stages=t.stage.nunique())
    found = places.filter(places.stages > 1)
    detail = phrase("{} stages have place {}, among them '{}' and '{}'", found.stages, found.stage_order, found.least, found.most)
    return about(found, detail, found.least)


def _two_orders(history: ir.Table, context: CheckContext) -> ir.Table:
    t = _open_staged(history)
    t = t.filter(t.stage_order.notnull()).mutate(line=t.pipeline.fill_null(""))
    places = t.group_by(["line", "stage"]).aggregate(least=t.stage_order.min(), most=t.stage_order.max())
    found = places.filter(places.least != places.most)
    return about(found, phrase("stage '{}' has place {} and place {}", found.stage, found.least, found.most), found.stage)


def _open_and_closed(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    t = t.filter(t.status.isin(["open", "won", "lost"]) & ~blank(t.stage))
    is_open = t.status == "open"
    kinds = t.group_by("stage").aggregate(opens=is_open.sum(), closes=(~is_open).sum())
    both = t.join(kinds.filter((kinds.opens > 0) & (kinds.closes > 0)), "stage")
    # The rarer kind is the likelier slip; of equals, the closed ones.
    found = both.filter((both.status == "open") == (both.opens < both.closes))
    detail = phrase(
        "{} in stage '{}', which {} open and {} closed versions have", found.status, found.stage, found.opens, found.closes
    )
    return violations(found, detail, found.stage)


def _backwards(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    moved = (t.status == "open") & (t.previous_status == "open") & (t.stage_order < t.previous_stage_order)
    found = t.filter(moved)
    return violations(found, phrase("moved back from '{}' to '{}'", found.previous_stage, found.stage), found.stage.fill_null(""))


def _not_in_table(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    if not context.stages:
        return nothing(history)
    found = t.filter(~blank(t.stage) & t.stage.notin(context.stages))
    return violations(found, phrase("stage '{}' is not in the table of stages", found.stage), found.stage)


def _open_staged(history: ir.Table) -> ir.Table:
    t = versions(history)
    return t.filter((t.status == "open") & ~blank(t.stage))


CHECKS: Final = (
    Check(
        "missing_stage",
        "warning",
        "Open deals without a stage",
        "Reports by stage show their money under no stage; conversion and time in stage leave them out.",
        "Fill in the stage, or map its column with --map stage=COLUMN.",
        _missing,
    ),
    Check(
        "stage_without_order",
        "warning",
        "Open stages without a place in the pipeline",
        "Advances, backward moves and stage conversion cannot be told for them.",
        "Give the order of the stages with --stages FILE.",
        _without_order,
    ),
    Check(
        "stages_with_same_order",
        "warning",
        "Open stages that share one place in the pipeline",
        "A move from one to the other is neither forward nor backward, and conversion takes either for passed.",
        "Give each stage its own place with --stages FILE; for several pipelines, add a pipeline column.",
        _same_order,
    ),
    Check(
        "stage_with_two_orders",
        "warning",
        "Stages whose place in the pipeline changes",
        "A deal can seem to advance or fall back although its stage is the same.",
        "Give each stage one place with --stages FILE; for several pipelines, add a pipeline column.",
        _two_orders,
    ),
    Check(
        "stage_open_and_closed",
        "note",
        "Stages that hold both open and closed deals",
        "The stage alone does not tell whether a deal is decided: status inferred from it, and its conversion, are doubtful.",
        "If the source keeps the last stage of a closed deal, nothing is wrong; otherwise correct the status of these versions.",
        _open_and_closed,
    ),
    Check(
        "moved_backwards",
        "note",
        "Deals that moved back to an earlier stage",
        "Time in stage counts the stage twice; conversion does not undo the stage once reached.",
        "Nothing needs to be done; many of them say that stages are entered too early.",
        _backwards,
    ),
    Check(
        "stage_not_in_table",
        "warning",
        "Stages that the given table of stages does not have",
        "They have no order, probability and status from the table, so conversion and weighted figures leave them out.",
        "Add them to the table given with --stages, or correct their spelling.",
        _not_in_table,
    ),
)
