"""Snapshots: one row per deal and day or week. What changed between two of them changed at a moment that nobody recorded."""

from __future__ import annotations

from penstock.readers.canonical import Draft
from penstock.readers.detect import Match
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import FLAGS, STATE
from penstock.readers.image import Image, Wanted, dimensions_of, image
from penstock.readers.marks import marks
from penstock.readers.options import Options
from penstock.readers.outcomes import outcome
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet
from penstock.readers.wording import worded

_ASKED = ("opportunity_id", "snapshot_at", *STATE, *FLAGS)


def read(sheet: Sheet, match: Match, options: Options) -> Draft:
    """The draft of a series of snapshots: a version where a deal differs from the snapshot before.

    A version stands at the snapshot that first shows it, its moment marked reconstructed. A deal that vanishes, other than won or
    lost, is removed at the next snapshot. A deal begins at its creation, where that is known and no snapshot missed it.
    """
    dims = dimensions_of(sheet, tuple(match.roles.values()), options)
    typed = image(sheet, Wanted(match.roles, _ASKED, ("opportunity_id", "snapshot_at"), None, dims), options, "_shots")
    _one_row_each(typed, match)
    options.say("Comparing the snapshots")
    con = sheet.con
    con.execute("CREATE OR REPLACE TEMP TABLE _dates AS SELECT snapshot_at, row_number() OVER (ORDER BY snapshot_at) AS n FROM "
                "(SELECT DISTINCT snapshot_at FROM _shots)")  # fmt: skip
    con.execute(f"CREATE OR REPLACE TEMP TABLE _compared AS {_compared(typed)}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW _draft AS {_versions(typed)}")
    row = con.execute("SELECT count(*), min(snapshot_at), max(snapshot_at) FROM _dates").fetchone()
    shots = row[0] if row else 0
    note = Note("known_to_snapshots", shots)
    return Draft("_draft", typed.dimensions, typed.present & frozenset(STATE), (*typed.notes, note, *_vanished(typed)))


def _one_row_each(typed: Image, match: Match) -> None:
    rows = typed.con.execute(
        """SELECT opportunity_id, snapshot_at, count(*), min(_row), count(*) OVER () FROM _shots
        GROUP BY ALL HAVING count(*) > 1 ORDER BY 4 LIMIT 10"""
    ).fetchall()
    if rows:
        key = match.roles["opportunity_id"]
        what = worded(
            "{count} [deal stands|deals stand] more than once in one snapshot, {deal} in that of {day}.",
            rows[0][4],
            deal=rows[0][0],
            day=f"{rows[0][1]:%Y-%m-%d}",
        )
        remedy = "Keep one row for each deal and snapshot."
        raise ReadError(
            [Fault(what, remedy, typed.path, key, tuple(row[3] for row in rows), tuple(row[0] for row in rows), rows[0][4])]
        )


def _compared(typed: Image) -> str:
    """Each row with the number of its snapshot, of the deal's rows before and after, and whether anything differs from before."""
    names = [*STATE, *FLAGS, *typed.dimensions]
    line = "(PARTITION BY s.opportunity_id ORDER BY d.n)"
    image_of = "{" + ", ".join(f"{literal(name)}: s.{identifier(name)}" for name in names) + "}"
    return f"""SELECT s.*, d.n, lag(d.n) OVER {line} AS n_before, lead(d.n) OVER {line} AS n_after,
        lag({image_of}) OVER {line} IS DISTINCT FROM {image_of} AS differs, (SELECT max(n) FROM _dates) AS n_last
        FROM _shots s JOIN _dates d USING (snapshot_at)"""


def _versions(typed: Image) -> str:
    names = [*STATE, *FLAGS, *typed.dimensions]
    state = ", ".join(identifier(name) for name in (*STATE, *FLAGS))
    dims = "".join(f", {identifier(name)}" for name in typed.dimensions)
    born = "n_before IS NULL AND created_at <= c.snapshot_at AND (b.snapshot_at IS NULL OR created_at > b.snapshot_at)"
    told = marks({name: "TRUE" for name in names if name not in FLAGS and name != "created_at"})
    removed = state.replace('"is_deleted"', "TRUE")
    seen = "n_before IS NULL OR differs OR n_before < n - 1"
    return f"""WITH c AS (SELECT c.*, b.snapshot_at AS shot_before, {born.replace("n_before", "c.n_before")} AS born_known
            FROM _compared c LEFT JOIN _dates b ON b.n = c.n - 1)
        SELECT opportunity_id, created_at AS effective_at, NULL::TIMESTAMP AS recorded_at, n * 2 - 1 AS seq, {state},
            {told} AS reconstructed, '' AS unknown{dims}
        FROM c WHERE born_known AND created_at < snapshot_at
        UNION ALL
        SELECT opportunity_id, snapshot_at, NULL, n * 2, {state},
            CASE WHEN n_before IS NULL AND (born_known OR created_at IS NULL AND n = 1) THEN '' ELSE 'effective_at' END, ''{dims}
        FROM c WHERE {seen}
        UNION ALL
        SELECT c.opportunity_id, d.snapshot_at, NULL, c.n * 2 + 1, {removed}, 'effective_at', ''{dims}
        FROM c JOIN _dates d ON d.n = c.n + 1 WHERE {_gone(typed)}"""


def _gone(typed: Image) -> str:
    """Whether the deal is absent from the next snapshot without having ended."""
    ended = [value for name in ("status", "stage") for value in _ends(typed, name)]
    words = f"coalesce(status, '') IN ({', '.join(ended)}) OR coalesce(stage, '') IN ({', '.join(ended)})" if ended else "FALSE"
    over = f"coalesce(is_closed, FALSE) OR coalesce(is_won, FALSE) OR {words}"
    return f"coalesce(n_after, n_last + 1) > c.n + 1 AND c.n < n_last AND NOT ({over})"


def _ends(typed: Image, column: str) -> list[str]:
    rows = typed.con.execute(f"SELECT DISTINCT {column} FROM {typed.table} WHERE {column} IS NOT NULL").fetchall()
    return [literal(row[0]) for row in rows if outcome(row[0]) in ("won", "lost")]


def _vanished(typed: Image) -> list[Note]:
    row = typed.con.execute(f"SELECT count(DISTINCT opportunity_id) FROM _compared c WHERE {_gone(typed)}").fetchone()
    if not row or not row[0]:
        return []
    return [Note("vanished", row[0])]
