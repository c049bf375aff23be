"""The stages of a history: their order, what becomes of deals in them, and how each of it was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.outcomes import may_be_an_end, outcome
from penstock.readers.stage_table import GivenStage
from penstock.readers.wording import worded


@dataclass(frozen=True)
class Stage:
    """One stage. order: its place, from 1. probability: basis points. status: of deals in it. counted: they are qualified.

    known: of order, probability, status, counted and forecast_category, how it was known: "given" in a table, "data" (from
    columns of the file or from its histories), "name" (the stage's name says it) or "assumed".
    """

    name: str
    order: int | None
    probability: int | None
    status: str
    counted: bool
    forecast_category: str | None
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Seen:
    name: str
    rows: int
    won: int
    lost: int
    open: int
    removed: int
    order: int | None
    orders: int
    probability: int | None
    steady: bool


def stages(
    con: duckdb.DuckDBPyConnection, draft: str, given: Sequence[GivenStage], path: str
) -> tuple[tuple[Stage, ...], tuple[Note, ...]]:
    """The stages of a draft (`canonical.Draft.table`), those of a given table first.

    Raises ReadError for ends that nobody knows.
    """
    table = {stage.name: stage for stage in given}
    seen = {stage.name: stage for stage in _seen(con, draft)}
    names = [*table, *(name for name in seen if name not in table)]
    statuses = {name: _status(table.get(name), seen.get(name)) for name in names}
    unclear = [seen[name] for name in seen if statuses[name][0] == "?"]
    if unclear:
        raise ReadError([_ask(unclear, path)])
    orders, how, notes = _orders(con, draft, names, table, seen, {name: status for name, (status, _) in statuses.items()})
    made = tuple(_stage(name, table.get(name), seen.get(name), *statuses[name], orders.get(name), how) for name in names)
    if not any(stage.status in ("won", "lost") for stage in made) and not _has_ends(con, draft):
        notes.append(Note("all_open", len(seen), "unknown"))
    return tuple(sorted(made, key=lambda stage: (stage.order is None, stage.order or 0))), tuple(notes)


def _seen(con: duckdb.DuckDBPyConnection, draft: str) -> list[_Seen]:
    status = """CASE WHEN status IS NOT NULL THEN status WHEN is_won THEN 'won' WHEN is_closed THEN 'lost'
        WHEN NOT is_closed THEN 'open' END"""
    rows = con.execute(
        f"""WITH told AS (SELECT stage, {status} AS told, stage_order, probability, is_deleted FROM {draft})
        SELECT stage, count(*), count(*) FILTER (told = 'won'), count(*) FILTER (told = 'lost'), count(*) FILTER (told = 'open'),
            count(*) FILTER (told = 'removed' AND NOT coalesce(is_deleted, FALSE)), mode(stage_order),
            count(DISTINCT stage_order), mode(probability)
        FROM told WHERE stage IS NOT NULL GROUP BY stage ORDER BY stage"""
    ).fetchall()
    steady = dict(
        con.execute(
            f"""SELECT stage, max(n) >= 0.9 * sum(n) FROM
            (SELECT stage, probability, count(*) AS n FROM {draft} WHERE probability IS NOT NULL GROUP BY ALL)
            WHERE stage IS NOT NULL GROUP BY stage"""
        ).fetchall()
    )
    return [_Seen(*(*row, bool(steady.get(row[0], False)))) for row in rows]


def _status(given: GivenStage | None, seen: _Seen | None) -> tuple[str, str]:
    """A stage's status and how it is known; "?" where deals seem to end in it and nothing says how."""
    if given is not None and given.status:
        return given.status, "given"
    if seen is not None and seen.won + seen.lost + seen.open + seen.removed:
        told = {"won": seen.won, "lost": seen.lost, "open": seen.open, "removed": seen.removed}
        return max(told, key=lambda status: told[status]), "data"
    name = given.name if given else seen.name if seen else ""
    said = outcome(name)
    if said:
        return said, "name"
    return ("?", "") if may_be_an_end(name) else ("open", "assumed")


def _ask(unclear: Sequence[_Seen], path: str) -> Fault:
    listed = ", ".join(f"{stage.name} ({worded('{count} [row|rows]', stage.rows)})" for stage in unclear)
    what = f"Deals seem to end in these stages, and nothing says whether they are won, lost or removed there: {listed}."
    remedy = "Say so in a table (columns stage and status: open, won, lost or removed) and give it with --stages FILE."
    return Fault(what, remedy, path, "stage", (), tuple(stage.name for stage in unclear), sum(stage.rows for stage in unclear))


def _has_ends(con: duckdb.DuckDBPyConnection, draft: str) -> bool:
    row = con.execute(f"SELECT count(*) FROM {draft} WHERE status IN ('won', 'lost') OR is_won OR is_closed").fetchone()
    return bool(row and row[0])


def _stage(
    name: str, given: GivenStage | None, seen: _Seen | None, status: str, status_known: str, order: int | None, order_known: str
) -> Stage:
    table = given or GivenStage(name)
    probability = table.probability if table.probability is not None else seen.probability if seen and seen.steady else None
    known = {
        "status": status_known,
        "order": "given" if table.order is not None else order_known if order is not None else "unknown",
        "probability": "given" if table.probability is not None else "data" if probability is not None else "unknown",
        "counted": "given" if table.counted is not None else "assumed",
        "forecast_category": "given" if table.forecast_category else "unknown",
    }
    return Stage(name, order, probability, status, table.counted is not False, table.forecast_category, known)


def _orders(
    con: duckdb.DuckDBPyConnection,
    draft: str,
    names: Sequence[str],
    table: Mapping[str, GivenStage],
    seen: Mapping[str, _Seen],
    statuses: Mapping[str, str],
) -> tuple[dict[str, int], str, list[Note]]:
    """stage -> place, how it was known, and what to say of it: by a table, a column, the probabilities or the histories."""
    given = {name: stage.order for name, stage in table.items() if stage.order is not None}
    if given:
        return given, "given", []
    if table and all(name in table for name in seen):  # a table without numbers is in order as it stands
        line = [name for name in table if statuses[name] in ("open", "won")]
        return {name: place for place, name in enumerate(line, 1)}, "given", []
    told = {name: stage.order for name, stage in seen.items() if stage.order is not None and stage.orders == 1}
    if told and len(told) == len(seen):
        return told, "data", []
    line = [name for name in names if statuses[name] == "open"]
    won = [name for name in names if statuses[name] == "won"]
    shares = {name: seen[name].probability for name in line if name in seen and seen[name].steady}
    if len(shares) == len(line) > 1 and len(set(shares.values())) > 1:
        ordered = sorted(line, key=lambda name: (shares[name] or 0, name))
        note = Note("order_by_probability", len(ordered), values={"stages": ", ".join(ordered)})
        return _places(ordered, won), "data", [note]
    ordered = _usual_sequence(con, draft, line)
    if ordered:
        note = Note("order_as_passed", len(ordered), values={"stages": ", ".join(ordered)})
        return _places(ordered, won), "data", [note]
    if not line:
        return {}, "unknown", []
    return {}, "unknown", [Note("order_unknown", len(line), "unknown")]


def _places(ordered: Sequence[str], won: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(ordered, 1)} | dict.fromkeys(won, len(ordered) + 1)


def _usual_sequence(con: duckdb.DuckDBPyConnection, draft: str, line: Sequence[str]) -> list[str]:
    """Open stages by how many others each usually comes before (Copeland's score); empty if too few deals pass two stages."""
    if len(line) < 2:
        return []
    pairs = con.execute(
        f"""WITH entered AS (SELECT opportunity_id, stage, min((effective_at, seq)) AS moment FROM {draft}
            WHERE stage IS NOT NULL GROUP BY ALL)
        SELECT a.stage, b.stage, count(*) FROM entered a JOIN entered b USING (opportunity_id)
        WHERE a.moment < b.moment GROUP BY ALL"""
    ).fetchall()
    before = {(first, later): count for first, later, count in pairs}
    if not all(any(before.get((a, b)) or before.get((b, a)) for b in line if b != a) for a in line):
        return []  # some stage is never seen together with another
    score = {
        a: sum((d > 0) - (d < 0) for b in line if b != a for d in [before.get((a, b), 0) - before.get((b, a), 0)]) for a in line
    }
    return sorted(line, key=lambda name: (-score[name], name))
