"""A Parquet file that is a canonical history with its types: read as it stands, without going through text.

Meant for millions of versions. Anything that is not plainly so is left to the general reader, which says what is wrong.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from penstock.ledger.money import minor_unit
from penstock.ledger.schema import CANONICAL
from penstock.readers.canonical import Draft
from penstock.readers.fields import AMOUNTS, FLAGS, STATE, SYNONYMS, plain
from penstock.readers.options import Options
from penstock.readers.quoting import identifier, literal

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_INSTANT = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_MS", "TIMESTAMP_S")
_KINDS = {
    "timestamp(6)": _INSTANT,
    "string": ("VARCHAR",),
    "date": ("DATE",),
    "boolean": ("BOOLEAN",),
    "int64": _WHOLE,
    "int32": _WHOLE,
}


def read(con: duckdb.DuckDBPyConnection, path: str | Path, options: Options) -> Draft | None:
    """The draft of a Parquet file of typed versions; None if it is another file, or one that wants a closer look."""
    said = (options.mapping, options.constants, options.dimensions, options.history, options.rejects)
    if not str(path).lower().endswith(".parquet") or not Path(path).is_file() or options.timezone != "UTC" or any(said):
        return None
    if options.reader not in (None, "versions"):
        return None
    source = f"read_parquet({literal(str(path))}, file_row_number = true)"
    try:
        kinds = {name: str(kind) for name, kind, *_ in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        return _draft(con, source, kinds, options) if _canonical(kinds) else None
    except (duckdb.Error, ValueError):
        return None


def _canonical(kinds: dict[str, str]) -> bool:
    if not {"opportunity_id", "effective_at"} <= kinds.keys() or not {"status", "stage"} & kinds.keys():
        return False
    plain = {name: kind for name, kind in kinds.items() if name in CANONICAL and name not in ("amount", "probability")}
    numbers = [kinds[name] for name in ("amount", "probability") if name in kinds]
    others = [kind for name, kind in kinds.items() if name not in CANONICAL and name != "file_row_number"]
    return (
        all(kind in _KINDS[CANONICAL[name]] for name, kind in plain.items())
        and all(kind in _WHOLE or kind.startswith("DECIMAL") for kind in numbers)
        and not any(kind.startswith(("STRUCT", "MAP")) or kind.endswith("[]") for kind in others)
        and not set(others) & set(FLAGS)
        and not _by_another_name(kinds)
    )


def _by_another_name(kinds: dict[str, str]) -> bool:
    """Whether a canonical column that is missing may stand there under one of its usual names."""
    names = {plain(name) for name in kinds if name not in CANONICAL}
    return any(plain(name) in names for role in STATE if role not in kinds for name in SYNONYMS.get(role, ()))


def _draft(con: duckdb.DuckDBPyConnection, source: str, kinds: dict[str, str], options: Options) -> Draft | None:
    values = {name: _value(name, kind) for name, kind in kinds.items() if name != "file_row_number"}
    if "amount" in kinds:
        values["amount"] = _amount(con, source, kinds, options)
    if "probability" in kinds:
        values["probability"] = _probability(con, source)
    if "currency" not in kinds and options.currency:
        values["currency"] = literal(options.currency.upper())
    dimensions = tuple(name for name in kinds if name not in CANONICAL and name != "file_row_number")
    whole = " AND ".join(f"{name} IS NOT NULL" for name in ("opportunity_id", "effective_at"))
    row = con.execute(f"SELECT bool_and({whole}), {_exact(kinds, values)} FROM {source}").fetchone()
    if row is None or not all(row):
        return None
    state = ", ".join(f"({values.get(name, 'NULL')})::{_type(name)} AS {name}" for name in STATE)
    flags = ", ".join(f"NULL::BOOLEAN AS {name}" for name in FLAGS)
    dims = "".join(f", {values[name]} AS {identifier(name)}" for name in dimensions)
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW _draft AS SELECT {values["opportunity_id"]} AS opportunity_id,
        {values["effective_at"]} AS effective_at, {values.get("recorded_at", "NULL::TIMESTAMP")} AS recorded_at,
        coalesce({values.get("seq", "NULL")}, file_row_number + 1)::BIGINT AS seq, {state}, {flags},
        coalesce({values.get("reconstructed_fields", "NULL")}, '') AS reconstructed,
        coalesce({values.get("unknown_fields", "NULL")}, '') AS unknown{dims} FROM {source}"""
    )
    return Draft("_draft", dimensions, frozenset(values) & frozenset(STATE), (), blank_is_unknown=False)


def _type(name: str) -> str:
    kinds = {
        "timestamp(6)": "TIMESTAMP",
        "string": "VARCHAR",
        "date": "DATE",
        "boolean": "BOOLEAN",
        "int64": "BIGINT",
        "int32": "INTEGER",
    }
    return kinds[CANONICAL[name]]


def _value(name: str, kind: str) -> str:
    column = identifier(name)
    if name in CANONICAL and kind == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({column}))"
    if kind == "VARCHAR":
        return f"nullif(trim({column}), '')"
    if name in CANONICAL:
        return f"{column}::TIMESTAMP" if kind in _INSTANT else column
    return f"{column}::VARCHAR"


def _amount(con: duckdb.DuckDBPyConnection, source: str, kinds: dict[str, str], options: Options) -> str:
    """Minor units: major units times what the row's currency has of them."""
    if "currency" not in kinds:
        exponent = minor_unit(options.currency) if options.currency else 2
        return f"amount * {10**exponent}"
    codes = [row[0] for row in con.execute(f"SELECT DISTINCT currency FROM {source} WHERE currency IS NOT NULL").fetchall()]
    odd = {code: minor_unit(code) for code in codes if minor_unit(code) != 2}
    cases = " ".join(f"WHEN {literal(code)} THEN {10**exponent}" for code, exponent in odd.items())
    return f"amount * CASE currency {cases} ELSE 100 END" if cases else "amount * 100"


def _exact(kinds: dict[str, str], values: dict[str, str]) -> str:
    """Whether no amount has a part of a minor unit."""
    whole = [f"coalesce(bool_and(({values[name]}) = ({values[name]})::BIGINT), TRUE)" for name in AMOUNTS if name in kinds]
    return " AND ".join(whole) or "TRUE"


def _probability(con: duckdb.DuckDBPyConnection, source: str) -> str:
    """Basis points. Above 1 somewhere: per cent; between 0 and 1: shares. ValueError where it is neither or out of range."""
    row = con.execute(
        f"""SELECT coalesce(min(probability), 0), coalesce(max(probability), 0),
        count(*) FILTER (probability > 0 AND probability < 1) FROM {source}"""
    ).fetchone()
    low, high, between = row or (0, 0, 0)
    if low < 0 or high > 100 or (high == 1 and not between):
        raise ValueError("probabilities that want a closer look")
    return f"round_even(probability::DECIMAL(18, 9) * {100 if high > 1 else 10000}, 0)"
