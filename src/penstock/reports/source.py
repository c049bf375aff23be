"""The company's history as one viewer may see it, in the form that the ledger's questions are asked of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.models import Opportunity
from penstock.crm.refusals import NotAllowed
from penstock.org.company import company, fiscal_calendar, rate_table
from penstock.org.models import User
from penstock.reports.mirror import VERSIONS, Mirror, mirror

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.library.history import History

_SEEN, _SEEN_VERSIONS, _SEEN_MOVEMENTS = "viewer_opportunities", "viewer_versions", "viewer_movements"


@contextmanager
def history(viewer: User | None) -> Iterator[History]:
    """The history of the opportunities that `viewer` may see (None: the system, which sees all), up to date, for one question.

    Its dimensions are those of `versions_sql.DIMENSIONS`, with people and records named by id, and `custom_<key>` of choices and
    yes-or-no fields. Calendar, corporate currency and rates are the company's. Use it, and what it returns, inside the block.
    Raises NotAllowed where the viewer may not see amounts.
    """
    from penstock.library.history import History

    hidden = access.hidden_fields(viewer, Opportunity)
    if "amount" in hidden:
        raise NotAllowed(_("Your role does not see amounts, so there is no pipeline to show."), field="amount")
    with mirror().reading() as held:
        versions, kept = _seen(held, viewer, hidden)
        settings = company()
        asked = History(
            versions,
            calendar=fiscal_calendar(settings),
            currency=settings.corporate_currency,
            rates=rate_table(settings),
            rate=settings.report_rate,  # type: ignore[arg-type]
            kept=kept,
        )
        try:
            yield asked
        finally:
            # What was put in order for a moment of knowledge serves that question alone.
            for known_at, table in asked.kept_tables():
                if known_at is not None:
                    held.con.raw_sql(f'DROP TABLE IF EXISTS "{table.get_name()}"')


def _seen(held: Mirror, viewer: User | None, hidden: frozenset[str]) -> tuple[ir.Table, ir.Table]:
    """Versions and movements that the viewer may see: the tables themselves, or views of them."""
    assert held.kept is not None
    ids = access.visible_opportunity_ids(viewer)
    left_out = [name for name in held.versions.columns if _field(name) in hidden]
    if ids is None and not left_out:
        return held.versions, held.kept
    where = ""
    if ids is not None:
        seen = pa.table({"opportunity_id": pa.array([str(pk) for pk in ids.iterator()], pa.string())})
        held.con.con.register("penstock_seen", seen)
        held.con.raw_sql(f"CREATE OR REPLACE TEMP TABLE {_SEEN} AS SELECT * FROM penstock_seen")
        held.con.con.unregister("penstock_seen")
        where = f"WHERE opportunity_id IN (SELECT opportunity_id FROM {_SEEN})"
    of_movements = [name for name in held.kept.columns if _dimension(name) in left_out]
    _view(held.con, _SEEN_VERSIONS, VERSIONS, left_out, where)
    _view(held.con, _SEEN_MOVEMENTS, held.kept.get_name(), of_movements, where)
    return held.con.table(_SEEN_VERSIONS), held.con.table(_SEEN_MOVEMENTS)


def _view(con: Any, name: str, table: str, left_out: list[str], where: str) -> None:
    without = f"EXCLUDE ({', '.join(left_out)})" if left_out else ""
    con.raw_sql(f'CREATE OR REPLACE TEMP VIEW {name} AS SELECT * {without} FROM "{table}" {where}')


def _field(column: str) -> str:
    return f"custom.{column.removeprefix('custom_')}" if column.startswith("custom_") else column


def _dimension(column: str) -> str:
    """The dimension that a column of movements is of."""
    from penstock.ledger.engine import dimension_name

    for prefix in ("before_", "after_", "now_"):
        if column.startswith(prefix):
            return dimension_name(column.removeprefix(prefix))
    return ""
