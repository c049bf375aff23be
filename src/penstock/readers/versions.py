"""Versions: a file with one row per version of an opportunity, canonical or close to it."""

from __future__ import annotations

from penstock.readers.canonical import Draft, columns_of
from penstock.readers.detect import Match
from penstock.readers.fields import FLAGS, STATE
from penstock.readers.image import Image, Wanted, dimensions_of, image
from penstock.readers.options import Options
from penstock.readers.quoting import identifier
from penstock.readers.sheet import Sheet

_ASKED = (
    "opportunity_id", "effective_at", "recorded_at", "seq", *STATE, *FLAGS, "ends_at", "is_current", "reconstructed_fields",
    "unknown_fields",
)  # fmt: skip


def read(sheet: Sheet, match: Match, options: Options) -> Draft:
    """The draft of a file of versions. Rows at one instant keep the file's order where it has no `seq`.

    In a table that says until when each row held, a record whose last row ended was removed then.
    """
    roles = match.roles
    wanted = Wanted(roles, _ASKED, ("opportunity_id", "effective_at"), None, dimensions_of(sheet, tuple(roles.values()), options))
    typed = image(sheet, wanted, options, "_versions")
    names = "".join(f", {identifier(name)}" for name in typed.dimensions)
    rows = f"""SELECT opportunity_id, effective_at, recorded_at, coalesce(seq, _row) AS seq, {columns_of()},
        coalesce(reconstructed_fields, '') AS reconstructed, coalesce(unknown_fields, '') AS unknown{names} FROM _versions"""
    if {"ends_at", "is_current"} <= typed.present:
        rows += f" UNION ALL {_ended(typed, names)}"
    sheet.con.execute(f"CREATE OR REPLACE TEMP VIEW _draft AS {rows}")
    return Draft("_draft", typed.dimensions, typed.present & frozenset(STATE), typed.notes, blank_is_unknown=False)


def _ended(typed: Image, names: str) -> str:
    state = columns_of().replace('"is_deleted"', "TRUE AS is_deleted")
    return f"""SELECT opportunity_id, ends_at, NULL, coalesce(seq, _row) + 1, {state}, '', ''{names} FROM {typed.table}
        QUALIFY is_current IS FALSE AND ends_at IS NOT NULL AND NOT bool_or(is_current) OVER (PARTITION BY opportunity_id)
            AND row_number() OVER (PARTITION BY opportunity_id ORDER BY effective_at DESC, _row DESC) = 1"""
