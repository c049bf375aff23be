"""Field changes: a log of (record, field, old, new, when), with the file of today beside it or alone.

A version stands at each moment at which something of a record changed, and at its creation. There a field's value is the last
new value up to then, else the old value of its first later change, else today's value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.readers.canonical import Draft
from penstock.readers.change_log import ChangeLog, change_log
from penstock.readers.detect import Match
from penstock.readers.faults import Note
from penstock.readers.fields import FLAGS, STATE
from penstock.readers.image import TYPES, Image, Wanted, dimensions_of, image
from penstock.readers.marks import marks
from penstock.readers.options import Options
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet

_KEYS = (*STATE, *FLAGS)
_CURRENT = ("opportunity_id", *_KEYS, "modified_at")


def read(
    log_sheet: Sheet,
    log_match: Match,
    current_sheet: Sheet | None,
    current_match: Match | None,
    mapped: Mapping[str, str],
    options: Options,
) -> Draft:
    """The draft of a log. mapped: role -> the log's name of a field, where the user said one.

    Observed: what the log or today's file tells of a field that the log follows. Reconstructed: the past of other fields.
    """
    con = log_sheet.con
    current, columns = None, {}
    if current_sheet is not None and current_match is not None:
        roles = current_match.roles
        columns = dimensions_of(current_sheet, tuple(roles.values()), options)
        current = image(current_sheet, Wanted(roles, _CURRENT, ("opportunity_id",), None, columns), options, "_current")
    log = change_log(log_sheet, log_match, mapped, current, columns, options)
    logged = [key for key in log.keys if key not in _KEYS]
    dimensions = tuple(dict.fromkeys([*(current.dimensions if current else ()), *logged]))
    _today(log, current, dimensions, log_sheet)
    options.say("Putting the changes in order")
    con.execute(_changes(log.keys))
    con.execute(_moments(log))
    con.execute(f"CREATE OR REPLACE TEMP TABLE _filled AS {_fill(log.keys, dimensions)}")
    present = frozenset(key for key in (*log.keys, *(current.present if current else ())) if key in STATE)
    con.execute(f"CREATE OR REPLACE TEMP VIEW _draft AS {_versions(log, current, dimensions)}")
    notes = (*log.notes, *(current.notes if current else ()), *_notes(log_sheet, log, current))
    created = {"created_at"} if log.births else set()
    return Draft("_draft", dimensions, present | created, notes)


def _today(log: ChangeLog, current: Image | None, dimensions: Sequence[str], sheet: Sheet) -> None:
    """`_today`: one row per record with today's values (NULL without a file), and when it was created, by file or log."""
    told = {*_CURRENT, *current.dimensions} if current else set()
    values = "".join(
        f", {f'c.{identifier(name)}' if name in told else 'NULL'}::{TYPES.get(name, 'VARCHAR')} AS {identifier(name)}"
        for name in (*_KEYS, "modified_at", *dimensions)
        if name != "created_at"
    )
    births = ["min(changed_at) FILTER (key = 'birth')"]
    if "created_at" in log.keys:
        births.insert(0, "min(new_created_at)")
    created = f"coalesce({'c.created_at, ' if current else ''}b.born)"
    joined = "_current c FULL JOIN births b ON b.opportunity_id = c.opportunity_id" if current else "births b"
    key = "coalesce(c.opportunity_id, b.opportunity_id)" if current else "b.opportunity_id"
    there = "c.opportunity_id IS NOT NULL" if current else "FALSE"
    sheet.con.execute(
        f"""CREATE OR REPLACE TEMP TABLE _today AS
        WITH births AS (SELECT opportunity_id, coalesce({", ".join(births)}) AS born FROM _log GROUP BY 1)
        SELECT {key} AS opportunity_id, {created} AS created_at, {there} AS there{values}
        FROM {joined}"""
    )


def _changes(keys: Sequence[str]) -> str:
    """`_changes`: one row per record and moment, with each field's last new and first old value, wrapped to keep NULLs."""
    wrapped = "".join(
        f", last({{'v': {identifier('new_' + key)}}} ORDER BY _row) FILTER (key = {literal(key)}) AS {identifier('n_' + key)}"
        f", first({{'v': {identifier('old_' + key)}}} ORDER BY _row) FILTER (key = {literal(key)}) AS {identifier('o_' + key)}"
        for key in keys
    )
    return f"""CREATE OR REPLACE TEMP TABLE _changes AS
        SELECT opportunity_id, changed_at AS moment{wrapped} FROM _log GROUP BY opportunity_id, changed_at"""


def _moments(log: ChangeLog) -> str:
    """`_moments`: the changes and, before them, the creations; records that never changed stand at their creation."""
    return """CREATE OR REPLACE TEMP TABLE _moments AS
        SELECT * FROM _changes UNION ALL BY NAME
        SELECT t.opportunity_id, coalesce(t.created_at, t.modified_at) AS moment FROM _today t
        LEFT JOIN (SELECT opportunity_id, min(moment) AS first FROM _changes GROUP BY 1) c USING (opportunity_id)
        WHERE coalesce(t.created_at, CASE WHEN first IS NULL THEN t.modified_at END) < coalesce(first, 'infinity'::TIMESTAMP)"""


def _fill(keys: Sequence[str], dimensions: Sequence[str]) -> str:
    """Each moment with every field's value, and for each whether it comes from the log (`k_<key>`)."""
    values = []
    for key in keys:
        back = f"last_value({identifier('n_' + key)} IGNORE NULLS) OVER back"
        ahead = f"first_value({identifier('o_' + key)} IGNORE NULLS) OVER ahead"
        values.append(f"coalesce({back}, {ahead}) AS {identifier('k_' + key)}")
    rest = [name for name in (*_KEYS, *dimensions) if name not in keys]
    told = {k: f"CASE WHEN {_q('k_', k)} IS NULL THEN t.{identifier(k)} ELSE {_q('k_', k)}.v END" for k in keys}
    selected = [f"{value} AS {identifier(key)}" for key, value in told.items()]
    selected += [f"t.{identifier(name)}" for name in rest]
    apart = " OR ".join(f"{value} IS DISTINCT FROM t.{identifier(key)}" for key, value in told.items() if key != "created_at")
    known = [f"{_q('k_', key)} IS NOT NULL OR t.there AS {_q('known_', key)}" for key in keys]
    return f"""WITH filled AS (SELECT opportunity_id, moment, row_number() OVER back AS seq,
            lead(moment) OVER (PARTITION BY opportunity_id ORDER BY moment) IS NULL AS final{"".join(f", {v}" for v in values)}
            FROM _moments WINDOW back AS (PARTITION BY opportunity_id ORDER BY moment),
            ahead AS (PARTITION BY opportunity_id ORDER BY moment ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING))
        SELECT f.opportunity_id, f.moment AS effective_at, f.seq, f.final, t.there, t.modified_at,
            f.final AND t.there AND NOT ({apart or "FALSE"}) AS as_today,
            {", ".join([*selected, *known])}
        FROM filled f JOIN _today t USING (opportunity_id)"""


def _q(prefix: str, key: str) -> str:
    """A prefixed column's name in SQL."""
    return identifier(prefix + key)


def _versions(log: ChangeLog, current: Image | None, dimensions: Sequence[str]) -> str:
    names = (*STATE, *dimensions)
    untracked = [name for name in names if name not in log.keys and name != "created_at"]
    told = [name for name in untracked if current and name in {*current.present, *current.dimensions}]
    past = dict.fromkeys(told, "NOT final AND there")
    if "stage" not in log.keys and current:
        past["status"] = "NOT final AND there"
    nobody = {key: f"NOT {_q('known_', key)}" for key in log.keys} | dict.fromkeys(told, "NOT there")
    flags = "is_won, is_closed, FALSE AS is_deleted"
    if not {"is_won", "is_closed"} & set(log.keys):  # today's flags hold for the last version only, if it is as today
        own = [f"CASE WHEN as_today THEN {flag} END AS {flag}" for flag in ("is_won", "is_closed")]
        flags = ", ".join([*own, "FALSE AS is_deleted"])
    status = "status" if "status" in log.keys else "CASE WHEN as_today THEN status END AS status"
    state = ", ".join([status, *(identifier(name) for name in STATE if name != "status")])
    dims = "".join(f", {identifier(name)}" for name in dimensions)
    body = f"""SELECT opportunity_id, effective_at, NULL::TIMESTAMP AS recorded_at, seq, {state}, {flags},
        {marks(past)} AS reconstructed, {marks(nobody)} AS unknown{dims} FROM _filled"""
    return body if current is None else f"{body} UNION ALL {_closing(log, dimensions)}"


def _closing(log: ChangeLog, dimensions: Sequence[str]) -> str:
    """One more version where today's file says something else than the end of the log, or that the record is deleted.

    When it came to be so is known only to lie between the last change and the last modification.
    """
    differs = " OR ".join(f"f.{identifier(key)} IS DISTINCT FROM t.{identifier(key)}" for key in _compared(log))
    state = ", ".join(
        [*(f"t.{identifier(name)}" for name in _KEYS), "'effective_at'", "''", *(f"t.{identifier(name)}" for name in dimensions)]
    )
    return f"""SELECT t.opportunity_id, greatest(f.effective_at, t.modified_at), NULL, f.seq + 1, {state}
        FROM _filled f JOIN _today t USING (opportunity_id)
        WHERE f.final AND t.there AND (coalesce(t.is_deleted, FALSE) OR {differs or "FALSE"})"""


def _compared(log: ChangeLog) -> list[str]:
    return [key for key in log.keys if key != "created_at"]


def _notes(sheet: Sheet, log: ChangeLog, current: Image | None) -> list[Note]:
    notes = []

    def count(sql: str) -> int:
        row = sheet.con.execute(sql).fetchone()
        return int(row[0]) if row else 0

    if current is None:
        notes.append(Note("log_alone", 0, "unknown"))
        return notes
    differs = " OR ".join(f"f.{identifier(key)} IS DISTINCT FROM t.{identifier(key)}" for key in _compared(log)) or "FALSE"
    odd = count(f"SELECT count(*) FROM _filled f JOIN _today t USING (opportunity_id) WHERE f.final AND t.there AND ({differs})")
    if odd:
        notes.append(Note("not_as_log_left", odd))
    gone = count("SELECT count(*) FROM _today WHERE NOT there")
    if gone:
        notes.append(Note("only_in_log", gone, "unknown"))
    late = count(
        "SELECT count(*) FROM _today t WHERE t.created_at >"
        " (SELECT min(moment) FROM _changes c WHERE c.opportunity_id = t.opportunity_id)"
    )
    if late:
        notes.append(Note("changed_before_created", late))
    undated = count("SELECT count(*) FROM _today WHERE opportunity_id NOT IN (SELECT opportunity_id FROM _moments)")
    if undated:
        notes.append(Note("never_dated", undated, "set_aside"))
    return notes
