"""The entry: a file on disk to a canonical history, with all that was assumed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import duckdb

from penstock.readers import (
    canonical,
    current_state,
    detect,
    event_log,
    field_changes,
    files,
    snapshots,
    stage_history,
    typed_versions,
    versions,
    xes,
)
from penstock.readers.canonical import Draft
from penstock.readers.detect import Match
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import plain
from penstock.readers.likely_columns import money_like, money_named
from penstock.readers.options import Options, with_mapping_file
from penstock.readers.quoting import identifier
from penstock.readers.recipes import HISTORIES
from penstock.readers.sheet import Sheet
from penstock.readers.stage_table import GivenStage, load_stages, stages_of
from penstock.readers.stages import Stage

_numbers = count(1)


@dataclass(frozen=True)
class Reading:
    """A file read. table: a DuckDB table of `con` with the columns of `schema.CANONICAL` in order, then the dimensions (VARCHAR).

    stages: in order, those without a place last. notes: what was assumed, set aside or cannot be known. reader: the shape.
    recipe: the product or shape whose column names fit.
    """

    con: duckdb.DuckDBPyConnection
    table: str
    dimensions: tuple[str, ...]
    stages: tuple[Stage, ...]
    notes: tuple[Note, ...]
    reader: str
    recipe: str


def read(con: duckdb.DuckDBPyConnection, path: str | Path, options: Options | None = None) -> Reading:
    """Read a file, and the history beside it if one is named, into a canonical history.

    The shape is chosen from the columns unless `options.reader` names it. Raises ReadError, listing everything that is wrong.
    """
    chosen = with_mapping_file(options or Options())
    given = _given(chosen)
    table = f"penstock_history_{next(_numbers)}"
    draft = typed_versions.read(con, path, chosen)
    reader, recipe = "versions", "versions"
    if draft is None:
        draft, match = _draft(_load(con, path, chosen), given, chosen)
        reader, recipe = match.recipe.shape, match.recipe.name
    chosen.say("Writing the history")
    stages, notes = canonical.finish(con, draft, given, str(path), table)
    return Reading(con, table, draft.dimensions, stages, notes, reader, recipe)


def _load(con: duckdb.DuckDBPyConnection, path: str | Path, options: Options) -> Sheet:
    options.say(f"Loading {path}")
    if xes.is_xes(path):
        return xes.load(con, path)
    return files.load(con, path, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)


def _given(options: Options) -> tuple[GivenStage, ...]:
    if options.stages is not None:
        return load_stages(options.stages)
    return stages_of(options.stage_rows, str(options.mapping_file)) if options.stage_rows else ()


def _draft(sheet: Sheet, given: tuple[GivenStage, ...], options: Options) -> tuple[Draft, Match]:
    if options.history is not None:
        return _with_history(sheet, _load(sheet.con, options.history, options), options)
    match = _choose_alone(sheet, options)
    return _with_money_like(_draft_alone(sheet, match, given, options), sheet, match), match


def _draft_alone(sheet: Sheet, match: Match, given: tuple[GivenStage, ...], options: Options) -> Draft:
    shape = match.recipe.shape
    if shape == "field_changes":
        _, names = _split([(sheet, match)], options.mapping)
        return field_changes.read(sheet, match, None, None, names, options)
    if shape == "stage_history":
        return stage_history.read(sheet, match, None, None, options)
    if shape == "event_log":
        return event_log.read(sheet, match, given, options)
    if shape == "current_state":
        return current_state.read(sheet, match, given, options)
    if shape == "versions":
        return versions.read(sheet, match, options)
    return snapshots.read(sheet, match, options)


def _with_money_like(draft: Draft, sheet: Sheet, match: Match) -> Draft:
    """The draft with the columns that may be its amount, where it has none; of a log alone, with such fields."""
    if "amount" in draft.present:
        return draft
    if match.recipe.shape == "field_changes":
        return replace(draft, money_like=money_named(draft.dimensions))
    return replace(draft, money_like=money_like(sheet, match.roles.values()))


def _choose_alone(sheet: Sheet, options: Options) -> Match:
    """A log's own names of fields may be mapped as well, so unknown columns are told only once the shape is known."""
    own = detect.columns_there(sheet, options.mapping)
    match = detect.choose(sheet, own, options.reader)
    if match.recipe.shape != "field_changes":
        detect.mapped_columns([sheet], options.mapping)
    return match


def _with_history(sheet: Sheet, history: Sheet, options: Options) -> tuple[Draft, Match]:
    """A file of today and a history beside it, in whichever order they were named."""
    reader = options.reader if options.reader != "current_state" else None
    match = detect.choose(history, detect.columns_there(history, options.mapping), reader)
    if match.recipe.shape not in HISTORIES:
        what = f"{history.path} is {match.recipe.what}; --history wants field changes or a history of stages."
        raise ReadError([Fault(what, "Name the file of today first and its history with --history.", history.path)])
    today = detect.choose(sheet, detect.columns_there(sheet, options.mapping), "current_state")
    if "opportunity_id" not in today.roles:
        what = f"{sheet.path} has no column with the opportunity's id, so its history cannot be put beside it."
        raise ReadError([Fault(what, "Name it with --map opportunity_id=COLUMN.", sheet.path)])
    left, names = _split([(sheet, today), (history, match)], options.mapping)
    if match.recipe.shape == "field_changes":
        return _with_money_like(field_changes.read(history, match, sheet, today, names, options), sheet, today), match
    detect.mapped_columns([sheet, history], left)
    return _with_money_like(stage_history.read(history, match, sheet, today, options), sheet, today), match


def _split(sheets: list[tuple[Sheet, Match]], mapping: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The part of a mapping that names columns, and the part that names fields of the log, which is the last of the sheets."""
    log, match = sheets[-1]
    names: dict[str, str] = {}
    if match.recipe.shape == "field_changes":
        column = identifier(match.roles["field"])
        found = {
            plain(row[0]): row[0]
            for row in log.con.execute(f"SELECT DISTINCT {column} FROM {log.table} WHERE {column} IS NOT NULL").fetchall()
        }
        names = {
            role: found[plain(name)]
            for role, name in mapping.items()
            if plain(name) in found and role not in ("field", "opportunity_id")
        }
    left = {role: name for role, name in mapping.items() if role not in names}
    detect.mapped_columns([sheet for sheet, _ in sheets], left)
    return left, names
