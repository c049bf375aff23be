"""Neighbouring versions become movements: one row per version, with the state before it beside the state after it.

This is the one place where versions are put in order, (effective_at, seq), and the only one that looks from a row to its
neighbours. Every question afterwards is a scan of movements with conditional sums: no join, no window function.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import dimension_columns, dimension_name, engine_form, flag
from penstock.ledger.stage_entries import LINE, deal_of, last_of, looking_ahead

# What a version looks like before the opportunity exists.
_BIRTH = {"state": schema.NONE, "amount": 0, "probability": 0, "weighted": 0, "reconstructed": 0, "unknown": 0}

_IMAGES = ("state", "amount", "probability", "weighted", "close", "stage_order", "reconstructed", "unknown")


def group_columns(movements: ir.Table) -> tuple[str, ...]:
    """The names that figures of these movements can be grouped by."""
    return tuple(dimension_name(name.removeprefix("now_")) for name in movements.columns if name.startswith("now_"))


def movements(history: ir.Table, *, known_at: int | None = None) -> ir.Table:
    """One row per version of `history`, unsorted.

    history: a canonical history (`schema`) on any backend. known_at: microseconds; only versions recorded up to then count.
    Out: opportunity_id · seq · begins, ends (microseconds; the version holds in (begins, ends], `schema.FOREVER` for the last)
    · before_begins · created · before_/after_ state, amount, probability, weighted, close, stage_order, reconstructed and
    unknown (evidence masks) · counted (some earlier version was open and qualified) · before_/after_/now_ of each dimension
    (`engine.dimension_column`), `now_` being its value in the opportunity's last version · step, left_at, ahead,
    last_state and turned (`stage_entries.looking_ahead`).
    """
    versions = engine_form(history)
    if known_at is not None:
        versions = versions.filter(versions.recorded <= known_at)
    return neighbours(versions)


def neighbours(versions: ir.Table) -> ir.Table:
    """The movements of versions in the engine's form (`engine.engine_form`), as of `movements`.

    Where there is a column `LINE`, a number for each opportunity, they are put in line by it, and it is kept.
    """
    deal = deal_of(versions)
    order = [versions.begins, versions.seq]
    line = ibis.window(group_by=deal, order_by=order)
    earlier = ibis.window(group_by=deal, order_by=order, preceding=(None, 1))
    whole = ibis.window(group_by=deal, order_by=order, preceding=None, following=None)
    in_play = flag(versions.state == schema.OPEN)
    columns: dict[str, ir.Value] = {
        **({LINE: versions[LINE]} if LINE in versions.columns else {}),
        "opportunity_id": versions.opportunity_id,
        "seq": versions.seq,
        "begins": versions.begins,
        "before_begins": versions.begins.lag().over(line),
        "ends": versions.begins.lead().over(line).fill_null(schema.FOREVER),
        "created": versions.created,
        "counted": in_play.max().over(earlier).fill_null(0) == 1,
    }
    for name in _IMAGES:
        before = versions[name].lag().over(line)
        columns[f"before_{name}"] = before.fill_null(_BIRTH[name]).cast(versions[name].type()) if name in _BIRTH else before
        columns[f"after_{name}"] = versions[name]
    for name in dimension_columns(versions):
        columns[f"before_{name}"] = versions[name].lag().over(line)
        columns[f"after_{name}"] = versions[name]
        columns[f"now_{name}"] = last_of(versions[name], whole)
    return looking_ahead(versions.select(**columns))
