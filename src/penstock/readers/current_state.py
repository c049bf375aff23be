"""Current state: one row per deal, as it is now. Its past is reconstructed from the dates in it, and marked so."""

from __future__ import annotations

from datetime import UTC, datetime

from penstock.readers.canonical import Draft, ended_status
from penstock.readers.detect import Match
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import FLAGS, STATE
from penstock.readers.image import Image, Wanted, dimensions_of, image
from penstock.readers.marks import marks
from penstock.readers.options import Options
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet
from penstock.readers.stage_table import GivenStage
from penstock.readers.wording import worded

_ASKED = ("opportunity_id", *STATE, *FLAGS, "modified_at", "closed_at", "won_at", "lost_at")
# What a deal's last state says nothing of its past: it may have been anything before.
_NOT_OF_THE_PAST = ("stage", "stage_order", "probability", "forecast_category")


def read(sheet: Sheet, match: Match, given: tuple[GivenStage, ...], options: Options) -> Draft:
    """The draft of a file of today. A closed deal is open from its creation and ends at its close date.

    An open deal stands from its creation, and has a second version where the file knows its last modification: only then is its
    stage known. Deals without any date stand at `options.extracted_at`, by default the latest instant of the file.
    """
    roles = match.roles
    moments = {"close_moment": roles["close_date"]} if "close_date" in roles else {"close_moment": ""}
    wanted = Wanted(
        roles,
        _ASKED,
        tuple(r for r in ("opportunity_id",) if r in roles),
        moments,
        dimensions_of(sheet, tuple(roles.values()), options),
        _twice,
    )
    typed = image(sheet, wanted, options, "_deals")
    ended_status(sheet.con, _states(typed), given, sheet.path, "_ended")
    extracted, how = _extracted(typed, options)
    sheet.con.execute(f"CREATE OR REPLACE TEMP TABLE _now AS {_now(typed, extracted)}")
    sheet.con.execute(f"CREATE OR REPLACE TEMP VIEW _draft AS {_versions(typed)}")
    present = typed.present & frozenset(STATE)
    return Draft("_draft", typed.dimensions, present, (*typed.notes, *_notes(typed, extracted, how)))


def _twice(sheet: Sheet, wanted: Wanted) -> list[Fault]:
    """Deals with more than one row; rows that are the same throughout count once (see `_now`)."""
    column = wanted.roles.get("opportunity_id")
    if column is None:
        return []
    key = identifier(column)
    row_image = "{" + ", ".join(f"{literal(name)}: {identifier(name)}" for name in sheet.columns) + "}"
    several = f"count(*) > 1 AND min({row_image}) <> max({row_image})"
    where = f"{key} IN (SELECT {key} FROM {sheet.table} WHERE {key} IS NOT NULL GROUP BY 1 HAVING {several})"
    rows = sheet.con.execute(
        f"SELECT _row, {key}, count(*) OVER () FROM {sheet.table} WHERE {where} ORDER BY 2, 1 LIMIT 10"
    ).fetchall()
    if not rows:
        return []
    what = worded(
        "{count} [row shares its|rows share their] {column} with another row that differs, so which of them is the deal is not "
        "known.",
        rows[0][2],
        column=column,
    )
    remedy = "Keep one row per deal, set these aside with --rejects FILE, or name the date column if the rows are snapshots."
    ids = tuple(row[1] for row in rows)
    return [Fault(what, remedy, sheet.path, column, tuple(row[0] for row in rows), ids, rows[0][2], where)]


def _states(typed: Image) -> str:
    """A view of today's states; a won or lost date alone makes a deal won or lost."""
    state = ", ".join(identifier(name) for name in (*STATE, *FLAGS) if name != "status")
    told = "status"
    if not {"status", "stage", "is_won", "is_closed"} & typed.present:
        told = "CASE WHEN won_at IS NOT NULL THEN 'won' WHEN lost_at IS NOT NULL THEN 'lost' ELSE 'open' END"
    typed.con.execute(
        f"""CREATE OR REPLACE TEMP VIEW _states AS SELECT _row, coalesce(opportunity_id, 'row ' || _row) AS opportunity_id,
        created_at AS effective_at, 0 AS seq, {told} AS status, {state} FROM {typed.table}"""
    )
    return "_states"


def _extracted(typed: Image, options: Options) -> tuple[str, str]:
    """When the file was made: as given, or the latest instant by which something in it had happened. SQL, and which it was."""
    if options.extracted_at is not None:
        at = options.extracted_at
        naive = (at.astimezone(UTC) if at.tzinfo else at).replace(tzinfo=None)
        return f"TIMESTAMP {literal(naive.isoformat(sep=' '))}", "given"
    row = typed.con.execute(
        f"""SELECT max(greatest(created_at, modified_at, closed_at, won_at, lost_at,
            CASE WHEN e.status IN ('won', 'lost') THEN close_moment END)) FROM {typed.table} JOIN _ended e USING (_row)"""
    ).fetchone()
    latest: datetime | None = row[0] if row else None
    if latest is None:
        what = (
            f"{typed.path} has no date by which anything had happened: no creation, no modification, no close of a closed deal."
        )
        raise ReadError(
            [Fault(what, "Say when the file was made with --extracted-at, or map a column: --map created_at=COLUMN.", typed.path)]
        )
    return f"TIMESTAMP {literal(latest.isoformat(sep=' '))}", "latest"


def _now(typed: Image, extracted: str) -> str:
    """Each deal with its status and the moments its versions stand at: `ends` if it ended, `seen` if it is open then."""
    by_date = "coalesce(won_at, lost_at, closed_at) IS NULL"
    ends = "coalesce(CASE e.status WHEN 'won' THEN won_at ELSE lost_at END, closed_at, close_moment)"
    dated = typed.con.execute(f"SELECT count(DISTINCT close_moment::TIME) <= 2 FROM {typed.table}").fetchone()
    same_day = f"{by_date} AND ends < created_at AND created_at < ends + INTERVAL 1 DAY" if dated and dated[0] else "FALSE"
    row_image = "{" + ", ".join(f"{literal(n)}: d.{identifier(n)}" for n in (*_ASKED, *typed.dimensions)) + "}"
    distinct = (
        f"QUALIFY row_number() OVER (PARTITION BY e.opportunity_id, {row_image} ORDER BY _row) = 1"
        if "opportunity_id" in typed.present
        else ""
    )
    return f"""WITH joined AS (SELECT d.* REPLACE (e.opportunity_id AS opportunity_id), e.status AS told,
            CASE WHEN e.status IN ('won', 'lost') THEN coalesce({ends}, modified_at, {extracted}) END AS ends,
            e.status IN ('won', 'lost') AND {ends} IS NULL AS end_guessed
        FROM {typed.table} d JOIN _ended e USING (_row) WHERE NOT ({_no_deal(typed)}) {distinct})
        SELECT * REPLACE (CASE WHEN {same_day} THEN created_at ELSE ends END AS ends),
            ends IS NOT NULL AND ends < created_at AND NOT ({same_day}) AS backwards,
            CASE WHEN ends IS NULL AND modified_at > created_at THEN modified_at WHEN ends IS NULL AND created_at IS NULL THEN
            coalesce(modified_at, {extracted}) END AS seen, {extracted} AS extracted FROM joined"""


def _no_deal(typed: Image) -> str:
    """A row without anything that makes a deal: a stray cell under the table, say."""
    made_of = [name for name in _ASKED if name in typed.present and name != "currency"]
    return " AND ".join(f"d.{identifier(name)} IS NULL" for name in made_of)


def _versions(typed: Image) -> str:
    names = (*STATE, *FLAGS)
    dims = "".join(f", {identifier(name)}" for name in typed.dimensions)
    now = ", ".join(
        "CASE WHEN stage IS NULL THEN told ELSE status END AS status" if n == "status" else identifier(n) for n in names
    )
    alive = now.replace('"is_deleted"', "FALSE AS is_deleted")
    told = [
        name for name in ("amount", "close_date", "currency", *typed.dimensions) if name in {*typed.present, *typed.dimensions}
    ]
    later = "(ends IS NOT NULL OR seen IS NOT NULL)"
    past = dict.fromkeys(("status", *told), "TRUE")
    past |= {name: f"NOT {later}" for name in _NOT_OF_THE_PAST if name in typed.present}
    gone = {name: later for name in _NOT_OF_THE_PAST if name in typed.present}
    undated = "created_at IS NULL" if "created_at" in typed.present else "FALSE"
    birth = ", ".join(_at_birth(name, later) for name in names)
    guessed = marks({"effective_at": "end_guessed"})
    unknown = marks({"created_at": undated, "effective_at": "created_at IS NULL AND ends IS NULL AND modified_at IS NULL"})
    return f"""SELECT opportunity_id, created_at AS effective_at, NULL::TIMESTAMP AS recorded_at, 0 AS seq, {birth},
            {marks(past)} AS reconstructed, {marks(gone)} AS unknown{dims}
        FROM _now WHERE created_at IS NOT NULL AND NOT backwards
        UNION ALL
        SELECT opportunity_id, coalesce(ends, seen), CASE WHEN backwards THEN created_at END, 1, {alive},
            {guessed}, {unknown}{dims}
        FROM _now WHERE {later}
        UNION ALL
        SELECT opportunity_id, greatest(created_at, ends, seen, coalesce(modified_at, extracted)), NULL, 2, {now},
            'effective_at', {marks({"created_at": undated})}{dims} FROM _now WHERE is_deleted"""


def _at_birth(name: str, later: str) -> str:
    if name == "status":
        return f"CASE WHEN {later} OR stage IS NULL THEN 'open' ELSE status END AS status"
    if name in _NOT_OF_THE_PAST:
        return f"CASE WHEN NOT {later} THEN {identifier(name)} END AS {identifier(name)}"
    if name in FLAGS:
        return f"NULL::BOOLEAN AS {identifier(name)}"
    return identifier(name)


def _notes(typed: Image, extracted: str, how: str) -> list[Note]:
    said = [Note("now_only", typed.rows)]
    if "opportunity_id" not in typed.present:
        said.append(Note("no_id", typed.rows))
    moment = {"moment": extracted.removeprefix("TIMESTAMP ").strip("'")}
    counted = (
        ("backwards", "closed_before_created", "assumed"),
        ("end_guessed AND modified_at IS NULL", f"end_at_{how}", "unknown"),
        ("end_guessed AND modified_at IS NOT NULL", "end_at_modification", "assumed"),
        ("created_at IS NULL AND ends IS NULL AND modified_at IS NULL", f"undated_at_{how}", "unknown"),
        ("created_at IS NULL AND ends IS NOT NULL", "no_creation", "unknown"),
    )
    for where, key, kind in counted:
        row = typed.con.execute(f"SELECT count(*) FROM _now WHERE {where}").fetchone()
        if row and row[0]:
            said.append(Note(key, row[0], kind, moment))
    return said + _passed_over(typed)


def _passed_over(typed: Image) -> list[Note]:
    row = typed.con.execute(
        f"SELECT (SELECT count(*) FROM {typed.table} d WHERE {_no_deal(typed)}), (SELECT count(*) FROM _now)"
    ).fetchone()
    stray, kept = row if row else (0, typed.rows)
    counts = {"stray_rows": stray, "twin_rows": typed.rows - stray - kept}
    return [Note(key, count, "set_aside") for key, count in counts.items() if count]
