"""From a shape's draft to the canonical history: statuses and stages settled, forecast categories named, marks completed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from penstock.ledger.schema import STATUSES
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import FLAGS, STATE
from penstock.readers.outcomes import outcome
from penstock.readers.sql import marks, quoted, text
from penstock.readers.stage_table import CATEGORIES, GivenStage
from penstock.readers.stages import Stage, stages

# Fields whose absence from all files leaves a question open; without the others there is a sensible reading.
_MISSED = ("stage", "amount", "currency", "close_date", "created_at", "probability", "forecast_category")


@dataclass(frozen=True)
class Draft:
    """What a shape hands over: versions, typed, in a table or view.

    Its columns: opportunity_id, effective_at, recorded_at, seq, the fields of `fields.STATE`, the flags is_won, is_closed and
    is_deleted (all NULL where the shape does not know), `reconstructed` and `unknown` (comma-joined field names), the dimensions.
    present: canonical fields that the files told. blank_is_unknown: an empty dimension means that nobody knows it.
    """

    table: str
    dimensions: tuple[str, ...]
    present: frozenset[str]
    notes: tuple[Note, ...] = ()
    blank_is_unknown: bool = True


def finish(
    con: duckdb.DuckDBPyConnection, draft: Draft, given: Sequence[GivenStage], path: str, name: str
) -> tuple[tuple[Stage, ...], tuple[Note, ...]]:
    """Write the canonical history of a draft as the table `name`; the stages it found and what is to be said of it.

    Raises ReadError for statuses that nobody understands and for stages where deals end in no known way.
    """
    told = _statuses(con, draft.table, path)
    found, notes = stages(con, draft.table, given, path)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE _stages (stage VARCHAR, place INTEGER, status VARCHAR, counted BOOLEAN, points INTEGER, category VARCHAR)"
    )
    if found:
        rows = [(s.name, s.order, s.status, s.counted, _filled(s, "probability"), s.forecast_category) for s in found]
        con.executemany("INSERT INTO _stages VALUES (?, ?, ?, ?, ?, ?)", rows)
    con.execute(f"CREATE OR REPLACE TABLE {name} AS {_select(draft, told)}")
    return found, (*draft.notes, *notes, *_absent(con, draft, name))


def _filled(stage: Stage, what: str) -> int | None:
    """What a given table fills in where the row says nothing."""
    return stage.probability if stage.known[what] == "given" else None


def _statuses(con: duckdb.DuckDBPyConnection, table: str, path: str) -> dict[str, str]:
    rows = con.execute(f"SELECT status, count(*) FROM {table} WHERE status IS NOT NULL GROUP BY 1").fetchall()
    told = {value: outcome(value) for value, _ in rows}
    strange = [(value, count) for value, count in rows if told[value] is None]
    if strange:
        listed = ", ".join(f"{value} ({count:,} rows)" for value, count in strange[:10])
        what = f"The status column has values that do not say whether a deal is {', '.join(STATUSES[:-1])} or {STATUSES[-1]}: {listed}."
        remedy = "Map another column (--map status=COLUMN), or use one that holds these four words."
        raise ReadError([Fault(what, remedy, path, "status", (), tuple(v for v, _ in strange[:10]), sum(c for _, c in strange))])
    return {value: status for value, status in told.items() if status}


def _select(draft: Draft, told: dict[str, str]) -> str:
    cases = " ".join(f"WHEN {text(value)} THEN {text(status)}" for value, status in told.items() if value != status)
    given = f"CASE d.status {cases} ELSE d.status END" if cases else "d.status"
    status = f"""CASE WHEN d.is_deleted THEN 'removed' WHEN d.status IS NOT NULL THEN {given} WHEN d.is_won THEN 'won'
        WHEN d.is_closed THEN 'lost' WHEN d.is_closed IS NULL AND s.status IS NOT NULL THEN s.status ELSE 'open' END"""
    category = f"CASE d.forecast_category {' '.join(f'WHEN {text(k)} THEN {text(v)}' for k, v in CATEGORIES.items())} END"
    category = category.replace("CASE d.forecast_category", "CASE regexp_replace(lower(d.forecast_category), '[^a-z]', '', 'g')", 1)
    filled = {
        "probability": "d.probability IS NULL AND s.points IS NOT NULL",
        "forecast_category": "d.forecast_category IS NULL AND s.category IS NOT NULL",
    }
    reconstructed = f"concat_ws(',', nullif(d.reconstructed, ''), nullif({marks(filled)}, ''))"
    return f"""SELECT d.opportunity_id, d.effective_at, coalesce(d.recorded_at, d.effective_at) AS recorded_at, d.seq::BIGINT AS seq,
        {status} AS status, d.stage, coalesce(d.stage_order, s.place)::INTEGER AS stage_order, d.amount, d.currency, d.close_date,
        d.created_at, coalesce(d.qualified, s.counted) AS qualified, coalesce(d.probability, s.points)::INTEGER AS probability,
        coalesce({category}, s.category) AS forecast_category, {reconstructed} AS reconstructed_fields,
        {_unknown(draft)} AS unknown_fields{"".join(f", d.{quoted(name)}" for name in draft.dimensions)}
        FROM {draft.table} d LEFT JOIN _stages s ON d.stage = s.stage"""


def _unknown(draft: Draft) -> str:
    missed = {field: "TRUE" for field in _MISSED if field not in draft.present and field not in ("probability", "forecast_category")}
    missed |= {
        field: f"s.{column} IS NULL"
        for field, column in (("probability", "points"), ("forecast_category", "category"))
        if field not in draft.present
    }
    blank = {name: f"d.{quoted(name)} IS NULL" for name in draft.dimensions} if draft.blank_is_unknown else {}
    return f"concat_ws(',', nullif(d.unknown, ''), nullif({marks(missed | blank)}, ''))"


def _absent(con: duckdb.DuckDBPyConnection, draft: Draft, name: str) -> Iterable[Note]:
    row = con.execute(f"SELECT count(DISTINCT opportunity_id) FROM {name}").fetchone()
    deals = row[0] if row else 0
    says = {
        "amount": "No column of amounts was found, so no deal has one; --map amount=COLUMN names it.",
        "close_date": "There is no close date, so no deal can be placed in a quarter's horizon.",
        "created_at": "There is no creation date.",
        "currency": "No currency is named; --currency says which one amounts are in.",
    }
    return [Note(what, deals, "unknown") for field, what in says.items() if field not in draft.present]


def columns_of(prefix: str = "") -> str:
    """The state and flag columns of a draft, selected from an image or another draft."""
    dot = f"{prefix}." if prefix else ""
    return ", ".join(f"{dot}{quoted(name)}" for name in (*STATE, *FLAGS))
