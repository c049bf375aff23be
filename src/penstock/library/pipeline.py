"""The waterfall and the snapshot of a history, asked of the ledger and made into results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from penstock.ledger import snapshot as ledger_snapshot
from penstock.ledger import waterfall as ledger_waterfall
from penstock.ledger.evidence import GRADES
from penstock.ledger.instants import iso
from penstock.ledger.question import Horizon, Question
from penstock.library.figures import Snapshot
from penstock.library.postings import iso_micros
from penstock.library.prepared import ask
from penstock.library.tieout import TieOutError
from penstock.library.view import Period, View, from_day, next_horizon, period
from penstock.library.waterfall import Group, Waterfall, total_of

if TYPE_CHECKING:
    from penstock.library.history import History

_TOTALLED = (*ledger_waterfall.COLUMNS, "change", "won", "residual", "count_change", "count_won", "count_residual")
_NAMED_DEALS = 20


def waterfall(history: History, window: Period, view: View, *, prove: bool) -> Waterfall:
    """The waterfall of a window. Raises TieOutError if it does not tie out."""
    movements = history.movements(view.known_at)
    question = history.question(window, view)
    following = None if question.horizon is None else next_horizon(question.horizon, history.calendar)
    rows = _rows(movements, question, following)
    total = total_of(rows, _TOTALLED)
    _require_tie_out(history, movements, question, rows, every_deal=prove)
    groups = [Group.from_row(row, group_values(row, question.by)) for row in rows]
    kept = [group for group in groups if not group.empty] if question.by else groups
    return Waterfall(
        window=window_dict(window),
        horizon=horizon_dict(question.horizon),
        measure=question.measure,
        currency=history.currencies.report,
        minor_unit=history.currencies.minor_unit,
        grouping="as_is" if question.as_is else "as_was",
        by=question.by,
        groups=tuple(sorted(kept, key=lambda group: group_order(history, group.group))),
        total=Group.from_row(total, {}),
        proved="deals" if prove else "groups",
        notes=history.notes,
        drill=lambda **filters: history.postings(iso_micros(window.start), iso_micros(window.end), **_options(view), **filters),
    )


def _options(view: View) -> dict[str, Any]:
    return {name: getattr(view, name) for name in ("by", "as_is", "measure", "horizon", "known_at")}


def _rows(movements: ir.Table, question: Question, following: Horizon | None) -> list[dict[str, Any]]:
    if movements.get_backend().name == "duckdb" and not question.valuation.converts:
        return ask(movements, "waterfall", _built, question, following)
    rows: list[dict[str, Any]] = _built(movements, question, following).to_pyarrow().to_pylist()
    return rows


def _built(movements: ir.Table, question: Question, following: Horizon | None) -> ir.Table:
    return ledger_waterfall.waterfall(movements, question, following=following)


def _require_tie_out(
    history: History, movements: ir.Table, question: Question, rows: Sequence[Mapping[str, Any]], *, every_deal: bool
) -> None:
    broken = any(row["residual"] or row["count_residual"] for row in rows)
    if not (broken or every_deal):
        return
    single = replace(question, by=("opportunity_id",), graded=False)
    if movements.get_backend().name == "duckdb" and not question.valuation.converts:
        faulty = ask(movements, "faulty deals", _faulty_deals, single)
    else:
        faulty = _faulty_deals(movements, single, None).to_pyarrow().to_pylist()
    if broken or faulty:
        deals = [(row["deal"], row["residual"]) for row in faulty]
        total = sum(row["residual"] for row in rows)
        raise TieOutError(deals, total, history.currencies.report, history.currencies.minor_unit)


def _faulty_deals(movements: ir.Table, question: Question, _: Horizon | None) -> ir.Table:
    table = ledger_waterfall.waterfall(movements, question)
    faulty = table.filter((table.residual != 0) | (table.count_residual != 0))
    return faulty.select(deal="group_opportunity_id", residual="residual").order_by("deal").limit(_NAMED_DEALS)


def snapshot(history: History, at: datetime, view: View) -> Snapshot:
    """Open pipeline and overdue deals just before an instant."""
    window = period(at, at, history.calendar)
    question = history.question(window, view, history.calendar.local_date(at))
    movements = history.movements(view.known_at)
    rows = ledger_snapshot.snapshot(movements, window.start, question).to_pyarrow().to_pylist()
    groups = [_snapshot_group(row, group_values(row, question.by)) for row in rows]
    return Snapshot(
        at=iso(at),
        horizon=horizon_dict(question.horizon),
        currency=history.currencies.report,
        minor_unit=history.currencies.minor_unit,
        grouping="as_is" if question.as_is else "as_was",
        by=question.by,
        groups=tuple(sorted(groups, key=lambda group: group_order(history, group["group"]))),
        total=_snapshot_total(groups),
        evidence={grade: sum(row[f"evidence_{grade}"] for row in rows) for grade in GRADES},
        notes=history.notes,
    )


def _snapshot_group(row: Mapping[str, Any], group: Mapping[str, str | None]) -> dict[str, Any]:
    measures = ledger_snapshot.MEASURES
    overdue = {measure: row[f"overdue_{measure}"] for measure in measures}
    return {"group": group} | {measure: row[measure] for measure in measures} | {"overdue": overdue}


def _snapshot_total(groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    measures = ledger_snapshot.MEASURES
    total: dict[str, Any] = {measure: sum(group[measure] for group in groups) for measure in measures}
    return total | {"overdue": {measure: sum(group["overdue"][measure] for group in groups) for measure in measures}}


def group_values(row: Mapping[str, Any], by: Sequence[str]) -> dict[str, str | None]:
    """The dimension values of a row with group_<dimension> columns."""
    return {name: row[f"group_{name}"] for name in by}


def group_order(history: History, group: Mapping[str, str | None]) -> tuple[Any, ...]:
    """Groups in reading order: stages by their place, other values by name, blanks last."""
    orders = history.stage_orders if "stage" in group else {}
    return tuple(
        (value is None, orders.get(value or "", 0) if name == "stage" else 0, value or "") for name, value in group.items()
    )


def window_dict(window: Period) -> dict[str, str]:
    """A window in the machine-readable form."""
    return {"start": iso_micros(window.start), "end": iso_micros(window.end)}


def horizon_dict(horizon: Horizon | None) -> dict[str, str] | None:
    """A horizon in the machine-readable form; None for all close dates."""
    if horizon is None:
        return None
    return {"start": from_day(horizon.first).isoformat(), "end": from_day(horizon.last).isoformat()}
