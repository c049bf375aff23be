"""Checks of dimensions: the columns that figures are grouped by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.engine import dimensions_of
from penstock.ledger.spellings import one_letter_apart, same_look
from penstock.ledger.violations import Check, CheckContext, about, blank, complete, nothing, phrase, violations

# The most used values of a dimension that are compared with each other; the rest is left uncompared.
LOOKS_COMPARED: Final = 100_000
LETTERS_COMPARED: Final = 2_000
# Fewer opportunities than this can well have different values each.
ID_LEAST: Final = 20

Pairing = Callable[[Mapping[str, int]], dict[str, str]]


def _values_alike(history: ir.Table, context: CheckContext) -> ir.Table:
    return _paired(history, same_look, LOOKS_COMPARED, "{}: '{}' reads like '{}'")


def _one_letter_apart(history: ir.Table, context: CheckContext) -> ir.Table:
    return _paired(history, one_letter_apart, LETTERS_COMPARED, "{}: '{}' is one letter from '{}'")


def _paired(history: ir.Table, pairing: Pairing, most: int, template: str) -> ir.Table:
    """The rows whose value of a dimension has a commoner neighbour, dimension by dimension."""
    t = complete(history)
    found = []
    for name in dimensions_of(t):
        pairs = pairing(_counts(t, name, most))
        if pairs:
            near = ibis.memtable(
                {"near_value": list(pairs), "near_other": list(pairs.values())},
                schema={"near_value": "string", "near_other": "string"},
            )
            rows = t.join(near, t[name].cast("string") == near["near_value"])
            detail = phrase(template, ibis.literal(name), rows["near_value"], rows["near_other"])
            found.append(violations(rows, detail, name))
    return ibis.union(*found) if len(found) > 1 else found[0] if found else nothing(t)


def _counts(t: ir.Table, name: str, most: int) -> dict[str, int]:
    value = t[name].cast("string")
    used = t.filter(~blank(value)).select(value=value)
    counted = used.group_by("value").aggregate(rows=used.count())
    rows = counted.order_by(ibis.desc("rows"), "value").limit(most).to_pyarrow().to_pylist()
    return {row["value"]: row["rows"] for row in rows}


def _blank_values(history: ir.Table, context: CheckContext) -> ir.Table:
    t = complete(history)
    names = dimensions_of(t)
    if not names:
        return nothing(t)
    sums = {str(at): blank(t[name].cast("string")).sum() for at, name in enumerate(names)}
    told = t.aggregate(rows=t.count(), **sums).to_pyarrow().to_pylist()[0]
    found = []
    for at, name in enumerate(names):
        if told[str(at)]:
            share = f"{told[str(at)] / told['rows']:.1%}".replace("%", " %")
            detail = ibis.literal(f"{name} is blank, as in {share} of the versions")
            found.append(violations(t.filter(blank(t[name].cast("string"))), detail, name))
    return ibis.union(*found) if len(found) > 1 else found[0] if found else nothing(t)


def _ids(history: ir.Table, context: CheckContext) -> ir.Table:
    t = complete(history)
    found = []
    for name in dimensions_of(t):
        value = t[name].cast("string")
        used = t.filter(~blank(value)).select(value=value, opportunity_id=t["opportunity_id"])
        spread = used.aggregate(values=used["value"].nunique(), opportunities=used["opportunity_id"].nunique())
        own = spread.filter((spread["opportunities"] >= ID_LEAST) & (spread["values"] >= spread["opportunities"]))
        detail = phrase("{}: {} values in {} opportunities", ibis.literal(name), own["values"], own["opportunities"])
        found.append(about(own, detail, name))
    return ibis.union(*found) if len(found) > 1 else found[0] if found else nothing(t)


CHECKS: Final = (
    Check(
        "values_alike",
        "warning",
        "Dimension values that differ only by case, spaces or punctuation",
        "A report by this dimension splits one group in two; a change from one spelling to the other posts a transfer.",
        "Write the value one way in every row, as the commoner one.",
        _values_alike,
        "history",
    ),
    Check(
        "values_one_letter_apart",
        "note",
        "Dimension values that are one letter apart",
        "If it is a slip, a report by this dimension splits one group in two.",
        "Correct the rarer spelling if both mean the same.",
        _one_letter_apart,
        "history",
    ),
    Check(
        "blank_dimension",
        "note",
        "Blank dimension values",
        "A report by this dimension shows their money in a group without a name; filling them in later posts a transfer.",
        "Fill them in, if reports are to be grouped by the dimension.",
        _blank_values,
        "history",
    ),
    Check(
        "dimension_is_id",
        "note",
        "Dimensions with a value of its own for every opportunity",
        "A report by this dimension has as many groups as deals; it is an id, a name or a note rather than a dimension.",
        "Do not group by it.",
        _ids,
        "history",
    ),
)
