"""Penstock's side: every call into the package that the benchmark makes is in this file.

Imports of the package are made inside the functions, so that a process that measures somebody else does not carry them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from benchmarks.asked import COHORT, HORIZON, QUARTER, WEEKS, Answer, days, micros
from benchmarks.setting import Setting

if TYPE_CHECKING:
    import ibis.expr.types as ir

_NAME: Final = "penstock"
_ENUMERATED: Final = ("stage", "forecast_category", "currency", "region", "segment", "owner", "product")


def build(setting: Setting) -> dict[str, int]:
    """Movements from the shuffled file: one table, sorted by `begins`, dimensions as enumerations."""
    import ibis

    from penstock.ledger.movements import movements

    con = setting.database(_NAME, new=True)
    for name in _ENUMERATED:
        con.execute(f"CREATE TYPE {name}_names AS ENUM (SELECT DISTINCT {name} FROM '{setting.history}' WHERE {name} IS NOT NULL ORDER BY 1)")
    dims = ", ".join(f"{name}::{name}_names AS {name}" for name in _ENUMERATED)
    con.execute(
        f"CREATE VIEW history AS SELECT * REPLACE ((amount * 100)::BIGINT AS amount, (probability * 100)::INT AS probability, {dims})"
        f" FROM '{setting.history}'"
    )
    ledger = ibis.duckdb.from_connection(con)
    con.execute(f"CREATE TABLE movements AS {ibis.to_sql(movements(ledger.table('history')), dialect='duckdb')} ORDER BY begins")
    row = con.execute("SELECT count(*) FROM movements").fetchone()
    con.close()
    return {"rows": int(row[0]) if row else 0, "bytes": (setting.folder / f"{_NAME}.duckdb").stat().st_size}


def asking(question: str, setting: Setting) -> Callable[[], Answer]:
    """The question, ready to be asked: opening the database is not part of it, making the Ibis expression is."""
    import ibis

    from penstock.ledger import stages, trend, waterfall  # noqa: F401  (imported here, not while the clock runs)

    moved = ibis.duckdb.from_connection(setting.database(_NAME)).table("movements")
    ask = {"waterfall": _waterfall, "trend": _trend, "conversion": _conversion}[question]
    return lambda: ask(moved)


def _waterfall(moved: ir.Table) -> Answer:
    from penstock.ledger.question import Horizon, Question
    from penstock.ledger.waterfall import waterfall

    horizon = Horizon(days(HORIZON[0]), days(HORIZON[1]), days(QUARTER[1]))
    question = Question(micros(QUARTER[0]), micros(QUARTER[1]), horizon, by=("region",))
    rows = waterfall(moved, question).execute()
    if rows["residual"].any():
        raise ValueError("The waterfall has a residual; its time would say nothing.")
    return {str(row["group_region"]): [int(row["starting"]), int(row["ending"])] for row in rows.to_dict("records")}


def _trend(moved: ir.Table) -> Answer:
    from penstock.ledger.question import Question
    from penstock.ledger.trend import trend

    instants = [micros(week) for week in WEEKS]
    rows = trend(moved, instants, [None] * len(instants), Question(instants[0], instants[-1], by=("stage",))).execute()
    return {str(stage): [int(total)] for stage, total in rows.groupby("group_stage", observed=True)["amount"].sum().items()}


def _conversion(moved: ir.Table) -> Answer:
    from penstock.ledger.question import Question
    from penstock.ledger.stages import conversion

    rows = conversion(moved, Question(micros(COHORT[0]), micros(COHORT[1]))).execute()
    return {str(row["stage"]): [int(row["entered"]), int(row["passed"])] for row in rows.to_dict("records")}
