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


def build(setting: Setting) -> dict[str, int]:
    """Movements from the shuffled file, as the package keeps them: one table, sorted by `begins`, dimensions as enumerations."""
    import ibis

    from penstock.library.store import kept_movements

    con = setting.database(_NAME, new=True)
    con.execute(
        "CREATE VIEW history AS SELECT * REPLACE ((amount * 100)::BIGINT AS amount, (probability * 100)::INT AS probability)"
        f" FROM '{setting.history}'"
    )
    kept = kept_movements(ibis.duckdb.from_connection(con).table("history"), temporary=False)
    con.execute(f'ALTER TABLE "{kept.get_name()}" RENAME TO movements')
    row = con.execute("SELECT count(*) FROM movements").fetchone()
    con.close()
    return {"rows": int(row[0]) if row else 0, "bytes": (setting.folder / f"{_NAME}.duckdb").stat().st_size}


def asking(question: str, setting: Setting) -> Callable[[], Answer]:
    """The question, ready to be asked: opening the database is not part of it, making the Ibis expression is."""
    import ibis

    moved = ibis.duckdb.from_connection(setting.database(_NAME)).table("movements")
    return {"waterfall": _waterfall, "trend": _trend, "conversion": _conversion}[question](moved)


def _waterfall(moved: ir.Table) -> Callable[[], Answer]:
    """As `History.waterfall` does it: the SQL is compiled at the first asking and kept."""
    from penstock.ledger.question import Horizon, Question
    from penstock.ledger.waterfall import waterfall
    from penstock.library.prepared import ask as prepared

    horizon = Horizon(days(HORIZON[0]), days(HORIZON[1]), days(QUARTER[1]))
    # As a History asks where every value was observed.
    question = Question(micros(QUARTER[0]), micros(QUARTER[1]), horizon, by=("region",), graded=False)

    def ask() -> Answer:
        rows = prepared(
            moved, "waterfall", lambda table, asked, following: waterfall(table, asked, following=following), question
        )
        if any(row["residual"] for row in rows):
            raise ValueError("The waterfall has a residual; its time would say nothing.")
        return {row["group_region"]: [int(row["starting"]), int(row["ending"])] for row in rows}

    return ask


def _trend(moved: ir.Table) -> Callable[[], Answer]:
    from penstock.ledger.question import Question
    from penstock.ledger.trend import trend

    instants = [micros(week) for week in WEEKS]
    question = Question(instants[0], instants[-1], by=("stage",))

    def ask() -> Answer:
        answer: Answer = {}
        for row in trend(moved, instants, [None] * len(instants), question).to_pyarrow().to_pylist():
            answer.setdefault(row["group_stage"], [0])[0] += int(row["amount"])
        return answer

    return ask


def _conversion(moved: ir.Table) -> Callable[[], Answer]:
    from penstock.ledger.stage_conversion import conversion

    def ask() -> Answer:
        rows = conversion(moved, micros(COHORT[0]), micros(COHORT[1])).to_pyarrow().to_pylist()
        return {row["stage"]: [int(row["entered"]), int(row["advanced"])] for row in rows if row["outcome"] is None}

    return ask
