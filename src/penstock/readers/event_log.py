"""Event logs: (case, activity, time). Activities that are stages make versions; what is of the case is the same throughout."""

from __future__ import annotations

from penstock.readers.canonical import Draft, columns_of
from penstock.readers.detect import Match
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import STATE, plain
from penstock.readers.image import Wanted, dimensions_of, image
from penstock.readers.options import Options
from penstock.readers.outcomes import outcome
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet
from penstock.readers.stage_table import GivenStage

_ASKED = ("opportunity_id", "activity", "effective_at", "lifecycle", "seq", *STATE, "is_won", "is_closed", "is_deleted")


def read(sheet: Sheet, match: Match, given: tuple[GivenStage, ...], options: Options) -> Draft:
    """The draft of an event log. given: the activities that are stages; other activities change nothing and are passed over.

    Without a table every activity is a stage, if their names tell a won one and a lost one. Raises ReadError if they do not.
    """
    roles = match.roles
    dims = _of_cases(dimensions_of(sheet, tuple(roles.values()), options))
    typed = image(sheet, Wanted(roles, _ASKED, ("opportunity_id", "effective_at"), None, dims), options, "_events")
    con = sheet.con
    counted = dict(con.execute("SELECT activity, count(*) FROM _events WHERE activity IS NOT NULL GROUP BY 1").fetchall())
    stages = [stage.name for stage in given if stage.name in counted]
    if not given:
        _must_tell(counted, sheet, roles["activity"])
        stages = list(counted)
    if not stages:
        what = f"None of the stages given is an activity of the log ({', '.join(sorted(counted)[:15])})."
        raise ReadError([Fault(what, "Name activities as the log writes them.", sheet.path, roles["activity"])])
    where = f"activity IN ({', '.join(literal(name) for name in stages)})"
    if "lifecycle" in typed.present:
        where += " AND (lifecycle IS NULL OR lower(lifecycle) = 'complete')"
    state = columns_of().replace('"stage"', "activity AS stage", 1)
    if "created_at" not in typed.present:
        state = state.replace('"created_at"', "min(effective_at) OVER (PARTITION BY opportunity_id) AS created_at")
    names = "".join(f", {identifier(name)}" for name in typed.dimensions)
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW _draft AS SELECT opportunity_id, effective_at, NULL::TIMESTAMP AS recorded_at,
        coalesce(seq, _row) AS seq, {state}, '' AS reconstructed, '' AS unknown{names} FROM _events WHERE {where}"""
    )
    present = typed.present & frozenset(STATE) | {"stage", "created_at"}
    return Draft("_draft", typed.dimensions, present, (*typed.notes, *_passed_over(counted, stages)))


def _of_cases(dims: dict[str, str]) -> dict[str, str]:
    """`case:` attributes lose their prefix; what is of the single event, like its resource, stays as it was then."""
    return {column: name.removeprefix("case_") if plain(column).startswith("case") else name for column, name in dims.items()}


def _must_tell(counted: dict[str, int], sheet: Sheet, column: str) -> None:
    told = {outcome(name) for name in counted}
    if {"won", "lost"} <= told:
        return
    listed = ", ".join(f"{name} ({counted[name]:,})" for name in sorted(counted, key=lambda name: -counted[name])[:40])
    what = f"Nothing says which activities of this event log are stages and which mean won, lost or removed: {listed}."
    remedy = (
        "Say so in a table (columns stage, status, order) and give it with --stages FILE; activities not in it are passed over."
    )
    raise ReadError([Fault(what, remedy, sheet.path, column, (), tuple(counted)[:10], sum(counted.values()))])


def _passed_over(counted: dict[str, int], stages: list[str]) -> list[Note]:
    others = {name: rows for name, rows in counted.items() if name not in stages}
    if not others:
        return []
    named = ", ".join(sorted(others)[:5]) + (" and others" if len(others) > 5 else "")
    rows = sum(others.values())
    return [Note("other_activities", rows, "set_aside", {"named": named, "kinds": str(len(others))})]
