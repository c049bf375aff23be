"""Stage history: each row a full image of stage, amount, close date and probability from its moment on (OpportunityHistory)."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.readers.canonical import Draft, columns_of
from penstock.readers.detect import Match
from penstock.readers.faults import Note
from penstock.readers.fields import FLAGS, STATE
from penstock.readers.image import Image, Wanted, dimensions_of, image
from penstock.readers.marks import marks
from penstock.readers.options import Options
from penstock.readers.quoting import identifier
from penstock.readers.sheet import Sheet

_ASKED = ("opportunity_id", "effective_at", "seq", *STATE, *FLAGS, "previous_amount", "previous_close_date")
_CURRENT = ("opportunity_id", *STATE, *FLAGS, "modified_at")
_COMPARED = ("stage", "amount", "close_date", "probability")


def read(sheet: Sheet, match: Match, current_sheet: Sheet | None, current_match: Match | None, options: Options) -> Draft:
    """The draft of a stage history. Rows at one instant keep the file's order.

    Beside today's file its other columns are dimensions, reconstructed for the past, and a deal that today is not as its last row
    left it has one more version, at its last modification. Alone, the history's own other columns are the dimensions.
    """
    con = sheet.con
    current = None
    if current_sheet is not None and current_match is not None:
        named = dimensions_of(current_sheet, tuple(current_match.roles.values()), options)
        current = image(
            current_sheet, Wanted(current_match.roles, _CURRENT, ("opportunity_id",), None, named), options, "_current"
        )
    own = {} if current else dimensions_of(sheet, tuple(match.roles.values()), options)
    history = image(
        sheet, Wanted(match.roles, _ASKED, ("opportunity_id", "effective_at"), None, own), options.for_history(), "_history"
    )
    if current is None:
        con.execute(f"CREATE OR REPLACE TEMP VIEW _draft AS {_alone(history)}")
        present = history.present & frozenset(STATE) | {"created_at"}
        return Draft("_draft", history.dimensions, present, (*history.notes, *_broken(history)))
    con.execute(f"CREATE OR REPLACE TEMP TABLE _lined AS {_lined(history, current)}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW _draft AS {_beside(history, current)}")
    present = (history.present | current.present) & frozenset(STATE)
    notes = (*history.notes, *current.notes, *_broken(history), *_odd(history, current))
    return Draft("_draft", current.dimensions, present, notes)


def _alone(history: Image) -> str:
    """Without today's file a deal is taken to be created at its first row."""
    state, born = columns_of(), "min(effective_at) OVER (PARTITION BY opportunity_id) AS created_at"
    past = "" if "created_at" in history.present else "created_at"
    if past:
        state = state.replace('"created_at"', born)
    dims = "".join(f", {identifier(name)}" for name in history.dimensions)
    return f"""SELECT opportunity_id, effective_at, NULL::TIMESTAMP AS recorded_at, coalesce(seq, _row) AS seq, {state},
        '{past}' AS reconstructed, '' AS unknown{dims} FROM {history.table}"""


def _lined(history: Image, current: Image) -> str:
    """The history in order, today's values beside it; deals without history stand at their creation, with today's values."""
    own = [name for name in (*STATE, *FLAGS) if name in history.present]
    values = ", ".join(
        f"h.{identifier(name)}" if name in own else f"c.{identifier(name)} AS {identifier(name)}"
        for name in (*STATE, *FLAGS)
        if name != "is_deleted"
    )
    dims = "".join(f", c.{identifier(name)}" for name in current.dimensions)
    state = ", ".join(f"c.{identifier(name)}" for name in (*STATE, *FLAGS) if name != "is_deleted")
    return f"""SELECT h.opportunity_id, h.effective_at, coalesce(h.seq, h._row) AS seq, {values},
            lead(h._row) OVER (PARTITION BY h.opportunity_id ORDER BY h.effective_at, coalesce(h.seq, h._row)) IS NULL AS final,
            c.opportunity_id IS NOT NULL AS there, FALSE AS bare, c.modified_at{dims}
        FROM {history.table} h LEFT JOIN {current.table} c USING (opportunity_id)
        UNION ALL
        SELECT c.opportunity_id, coalesce(c.created_at, c.modified_at), 0, {state}, TRUE, TRUE, TRUE, c.modified_at{dims}
        FROM {current.table} c ANTI JOIN {history.table} h USING (opportunity_id)
        WHERE coalesce(c.created_at, c.modified_at) IS NOT NULL"""


def _beside(history: Image, current: Image) -> str:
    names = [*(name for name in STATE if name in current.present and name not in history.present), *current.dimensions]
    names = [name for name in names if name != "created_at"]
    bare = dict.fromkeys(_COMPARED, "bare") | {"status": "bare"}
    past = marks({**dict.fromkeys(names, "(NOT final OR bare) AND there"), **bare})
    unknown = marks(dict.fromkeys(names, "NOT there"))
    state = ", ".join(identifier(name) for name in STATE)
    # Today's flags say what became of the deal: they hold for its last version only.
    own_flags = {"is_won", "is_closed"} & history.present
    is_won, is_closed = (
        ("is_won", "is_closed") if own_flags else (f"CASE WHEN final AND NOT differs THEN {f} END" for f in FLAGS[:2])
    )
    dims = "".join(f", {identifier(name)}" for name in current.dimensions)
    differs = f"final AND there AND NOT bare AND ({_differs('l', 'c', history, current)}) AS differs"
    source = f"(SELECT l.*, {differs} FROM _lined l LEFT JOIN {current.table} c USING (opportunity_id))"
    closing_state = ", ".join(f"c.{identifier(name)}" for name in (*STATE, *FLAGS))
    closing_dims = "".join(f", c.{identifier(name)}" for name in current.dimensions)
    return f"""SELECT opportunity_id, effective_at, NULL::TIMESTAMP AS recorded_at, seq, {state}, {is_won} AS is_won,
            {is_closed} AS is_closed, FALSE AS is_deleted, {past} AS reconstructed, {unknown} AS unknown{dims} FROM {source}
        UNION ALL
        SELECT s.opportunity_id, greatest(s.effective_at, c.modified_at), NULL, s.seq + 1, {closing_state},
            'effective_at', ''{closing_dims}
        FROM {source} s JOIN {current.table} c USING (opportunity_id)
        WHERE s.final AND s.there AND (s.differs OR c.is_deleted)"""


def _differs(left: str, right: str, history: Image, current: Image) -> str:
    both = [name for name in _COMPARED if name in history.present and name in current.present]
    return " OR ".join(f"{left}.{identifier(name)} IS DISTINCT FROM {right}.{identifier(name)}" for name in both) or "FALSE"


def _odd(history: Image, current: Image) -> list[Note]:
    notes: list[Note] = []
    differs = _differs("l", "c", history, current)
    counted: Sequence[tuple[str, str, str]] = (
        (
            (
                f"SELECT count(*) FROM _lined l JOIN {current.table} c USING (opportunity_id)"
                f" WHERE final AND NOT bare AND ({differs})"
            ),
            "not_as_history_left",
            "assumed",
        ),
        ("SELECT count(*) FROM _lined WHERE bare", "no_history", "assumed"),
        (
            "SELECT count(DISTINCT opportunity_id) FROM _lined WHERE NOT there",
            "only_in_history",
            "unknown",
        ),
    )
    for sql, key, kind in counted:
        row = history.con.execute(sql).fetchone()
        if row and row[0]:
            notes.append(Note(key, row[0], kind))
    return notes


def _broken(history: Image) -> list[Note]:
    """Rows whose previous amount or close date is not what the row before them said."""
    notes = []
    for previous, field in (("previous_amount", "amount"), ("previous_close_date", "close_date")):
        if previous not in history.present or field not in history.present:
            continue
        row = history.con.execute(
            f"""SELECT count(*) FROM (SELECT {previous} AS said, lag({field}) OVER (PARTITION BY opportunity_id
            ORDER BY effective_at, coalesce(seq, _row)) AS was FROM {history.table}) WHERE said <> was"""
        ).fetchone()
        if row and row[0]:
            notes.append(Note(f"other_{field}_before", row[0]))
    return notes
