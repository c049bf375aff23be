"""From a shape's draft to the canonical history: statuses and stages settled, forecast categories named, marks completed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import duckdb

from penstock.ledger.schema import STATUSES
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import FLAGS, STATE
from penstock.readers.likely_columns import quoted
from penstock.readers.marks import marks
from penstock.readers.outcomes import outcome
from penstock.readers.quoting import identifier, literal
from penstock.readers.stage_table import CATEGORIES, GivenStage
from penstock.readers.stages import Stage, stages
from penstock.readers.wording import worded

# Fields whose absence from all files leaves a question open; without the others there is a sensible reading.
_MISSED = ("stage", "amount", "currency", "close_date", "created_at", "probability", "forecast_category")

# A row's status: as told, by its flags, by its stage (d: the draft, s: its stage).
_STATUS = """CASE WHEN d.status IS NOT NULL THEN d.status WHEN d.is_won THEN 'won' WHEN d.is_closed THEN 'lost'
    WHEN d.is_closed IS NULL AND s.status IS NOT NULL THEN s.status ELSE 'open' END"""


@dataclass(frozen=True)
class Draft:
    """What a shape hands over: versions, typed, in a table or view.

    Its columns: opportunity_id, effective_at, recorded_at, seq, the fields of `fields.STATE`, the flags is_won, is_closed and
    is_deleted (all NULL where the shape does not know), `reconstructed` and `unknown` (comma-joined field names), the dimensions.
    present: canonical fields that the files told. money_like: columns that may be the amount, where none is.
    blank_is_unknown: an empty dimension means that nobody knows it.
    """

    table: str
    dimensions: tuple[str, ...]
    present: frozenset[str]
    notes: tuple[Note, ...] = ()
    money_like: tuple[str, ...] = ()
    blank_is_unknown: bool = True


def finish(
    con: duckdb.DuckDBPyConnection, draft: Draft, given: Sequence[GivenStage], path: str, name: str
) -> tuple[tuple[Stage, ...], tuple[Note, ...]]:
    """Write the canonical history of a draft as the table `name`; the stages it found and what is to be said of it.

    Raises ReadError for statuses that nobody understands and for stages where deals end in no known way.
    """
    draft = _with_plain_statuses(con, draft, path)
    found, notes = stages(con, draft.table, given, path)
    _write_stages(con, found)
    con.execute(f"CREATE OR REPLACE TABLE {name} AS {_select(draft)}")
    absent = _absent(con, draft, name)
    without_amounts = tuple(note for note in absent if note.key.startswith("no_amount"))  # nothing else matters as much
    others = tuple(note for note in absent if note not in without_amounts)
    return found, (*without_amounts, *draft.notes, *notes, *others)


def _write_stages(con: duckdb.DuckDBPyConnection, found: Sequence[Stage]) -> None:
    columns = "stage VARCHAR, place INTEGER, status VARCHAR, counted BOOLEAN, points INTEGER, category VARCHAR"
    con.execute(f"CREATE OR REPLACE TEMP TABLE _stages ({columns})")
    if found:
        rows = [(s.name, s.order, s.status, s.counted, _filled(s, "probability"), s.forecast_category) for s in found]
        con.executemany("INSERT INTO _stages VALUES (?, ?, ?, ?, ?, ?)", rows)


def ended_status(con: duckdb.DuckDBPyConnection, states: str, given: Sequence[GivenStage], path: str, name: str) -> None:
    """The table `name` (_row, opportunity_id, status): what `finish` would say of each row of `states`, but for removals.

    states: a view with _row and the columns of a draft. Raises ReadError as `finish` does.
    """
    draft = _with_plain_statuses(con, Draft(states, (), frozenset()), path)
    found, _ = stages(con, draft.table, given, path)
    _write_stages(con, found)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {name} AS SELECT d._row, d.opportunity_id, {_STATUS} AS status
        FROM {draft.table} d LEFT JOIN _stages s ON d.stage = s.stage"""
    )


def _filled(stage: Stage, what: str) -> int | None:
    """What a given table fills in where the row says nothing."""
    return stage.probability if stage.known[what] == "given" else None


def _with_plain_statuses(con: duckdb.DuckDBPyConnection, draft: Draft, path: str) -> Draft:
    """The draft with its statuses in the canonical four words."""
    rows = con.execute(
        f"SELECT status, count(*) FROM {draft.table} WHERE status IS NOT NULL GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    told = {value: outcome(value) for value, _ in rows}
    strange = [(value, count) for value, count in rows if told[value] is None]
    if strange:
        listed = ", ".join(f"{value} ({worded('{count} [row|rows]', count)})" for value, count in strange[:10])
        words = f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]}"
        what = f"The status column has values that do not say whether a deal is {words}: {listed}."
        remedy = "Map another column (--map status=COLUMN), or use one that holds these four words."
        raise ReadError([Fault(what, remedy, path, "status", (), tuple(v for v, _ in strange[:10]), sum(c for _, c in strange))])
    cases = " ".join(
        f"WHEN {literal(value)} THEN {literal(status)}" for value, status in told.items() if status and value != status
    )
    if not cases:
        return draft
    plain = f"CASE status {cases} ELSE status END"
    con.execute(f"CREATE OR REPLACE TEMP VIEW _plain_statuses AS SELECT * REPLACE ({plain} AS status) FROM {draft.table}")
    return replace(draft, table="_plain_statuses")


def _select(draft: Draft) -> str:
    cases = " ".join(f"WHEN {literal(said)} THEN {literal(category)}" for said, category in CATEGORIES.items())
    category = f"CASE regexp_replace(lower(d.forecast_category), '[^a-z]', '', 'g') {cases} END"
    filled = {
        "probability": "d.probability IS NULL AND s.points IS NOT NULL",
        "forecast_category": "d.forecast_category IS NULL AND s.category IS NOT NULL",
    }
    reconstructed = f"concat_ws(',', nullif(d.reconstructed, ''), nullif({marks(filled)}, ''))"
    return f"""SELECT d.opportunity_id, d.effective_at, coalesce(d.recorded_at, d.effective_at) AS recorded_at,
        d.seq::BIGINT AS seq, CASE WHEN d.is_deleted THEN 'removed' ELSE {_STATUS} END AS status, d.stage,
        coalesce(d.stage_order, s.place)::INTEGER AS stage_order, d.amount, d.currency, d.close_date, d.created_at,
        coalesce(d.qualified, s.counted) AS qualified, coalesce(d.probability, s.points)::INTEGER AS probability,
        coalesce({category}, s.category) AS forecast_category, {reconstructed} AS reconstructed_fields,
        {_unknown(draft)} AS unknown_fields{"".join(f", d.{identifier(name)}" for name in draft.dimensions)}
        FROM {draft.table} d LEFT JOIN _stages s ON d.stage = s.stage"""


def _unknown(draft: Draft) -> str:
    missed = {
        field: "TRUE" for field in _MISSED if field not in draft.present and field not in ("probability", "forecast_category")
    }
    missed |= {
        field: f"s.{column} IS NULL"
        for field, column in (("probability", "points"), ("forecast_category", "category"))
        if field not in draft.present
    }
    blank = {name: f"d.{identifier(name)} IS NULL" for name in draft.dimensions} if draft.blank_is_unknown else {}
    return f"concat_ws(',', nullif(d.unknown, ''), nullif({marks(missed | blank)}, ''))"


def _absent(con: duckdb.DuckDBPyConnection, draft: Draft, name: str) -> Iterable[Note]:
    row = con.execute(f"SELECT count(DISTINCT opportunity_id) FROM {name}").fetchone()
    deals = row[0] if row else 0
    absent = [field for field in ("amount", "close_date", "created_at", "currency") if field not in draft.present]
    found = [Note(f"no_{field}", deals, "unknown") for field in absent if field != "currency" or "amount" in draft.present]
    if "amount" in absent and draft.money_like:
        told = {"columns": ", ".join(draft.money_like), "first": quoted(draft.money_like[0])}
        found[0] = Note("no_amount_but", deals, "unknown", told)
    return found


def columns_of(prefix: str = "") -> str:
    """The state and flag columns of a draft, selected from an image or another draft."""
    dot = f"{prefix}." if prefix else ""
    return ", ".join(f"{dot}{identifier(name)}" for name in (*STATE, *FLAGS))
