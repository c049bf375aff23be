"""Movements kept where questions are fast: in DuckDB, sorted by time, with narrow types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from penstock.ledger.engine import dimension_columns, engine_form
from penstock.ledger.movements import movements, neighbours
from penstock.ledger.stage_entries import LINE
from penstock.readers.quoting import identifier

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

# Beyond about this many different values a dimension is stored as text; below it as an enumeration, a byte or two a row.
_ENUMERABLE = 10_000
# Neighbours are found for so many versions at a time: it bounds the memory, and smaller sorts are quicker.
_AT_ONCE = 1_000_000
_WIDTHS = {"int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "boolean": "BOOLEAN"}
_names = count()


def kept_movements(history: ir.Table, known_at: int | None = None, *, temporary: bool = True) -> ir.Table:
    """Movements of a history, computed once: on DuckDB a table sorted by time with enumerated dimensions, else a cached one.

    temporary: leave nothing in the database; otherwise the tables stay, where they are compressed and need not fit in memory.
    """
    backend: Any = history.get_backend()
    if backend.name != "duckdb":
        return movements(history, known_at=known_at).cache()
    versions = engine_form(history)
    if known_at is not None:
        versions = versions.filter(versions.recorded <= known_at)
    # The result is sorted anyhow; keeping the order of rows on the way would only hold more of them in memory.
    backend.raw_sql("SET preserve_insertion_order = false")
    try:
        return _sorted_movements(backend, versions, "TEMP " if temporary else "")
    finally:
        backend.raw_sql("RESET preserve_insertion_order")


def _sorted_movements(backend: Backend, versions: ir.Table, temp: str) -> ir.Table:
    number = next(_names)
    narrow, unsorted, kept = (f"penstock_{name}_{number}" for name in ("versions", "unsorted", "movements"))
    _numbered(backend, versions, narrow, temp)
    enums = _enumerations(backend, versions, narrow, number, temp)
    expression = neighbours(backend.table(narrow))
    compiled = str(backend.compile(expression))
    columns = _typed(expression.schema(), enums, ("before_", "after_", "now_", ""))
    narrowed = f"SELECT * REPLACE ({_typed(dict.fromkeys(enums, ''), enums, ('',))})" if enums else "SELECT *"
    parts = backend.raw_sql(f"SELECT count(*) // {_AT_ONCE} + 1 FROM {narrow}").fetchall()[0][0]
    for part in range(parts):
        found = compiled.replace(f'"{narrow}"', f"({narrowed} FROM {narrow} WHERE {LINE} % {parts} = {part})")
        verb = f"INSERT INTO {unsorted}" if part else f"CREATE {temp}TABLE {unsorted} AS"
        backend.raw_sql(f"{verb} SELECT {columns} FROM ({found})")
    backend.raw_sql(f"DROP TABLE {narrow}")
    for place, span in enumerate(_spans(backend, unsorted, parts)):
        verb = f"INSERT INTO {kept}" if place else f"CREATE {temp}TABLE {kept} AS"
        backend.raw_sql(f"{verb} SELECT * FROM {unsorted} WHERE {span} ORDER BY begins")
    backend.raw_sql(f"DROP TABLE {unsorted}")
    return backend.table(kept)


def _numbered(backend: Backend, versions: ir.Table, narrow: str, temp: str) -> None:
    """The versions in narrow types as the table `narrow`, each with the number of its opportunity."""
    numbers = f"{narrow}_numbers"
    ids = f"SELECT DISTINCT opportunity_id FROM ({backend.compile(versions.select('opportunity_id'))})"
    numbered = f"SELECT opportunity_id, row_number() OVER ()::INTEGER AS {LINE} FROM ({ids})"
    backend.raw_sql(f"CREATE {temp}TABLE {numbers} AS {numbered}")
    columns = _typed(versions.schema(), {}, ("",))
    typed = f"SELECT {columns} FROM ({backend.compile(versions)})"
    backend.raw_sql(f"CREATE {temp}TABLE {narrow} AS SELECT * FROM ({typed}) JOIN {numbers} USING (opportunity_id)")
    backend.raw_sql(f"DROP TABLE {numbers}")


def _spans(backend: Backend, table: str, parts: int) -> list[str]:
    """Conditions that cut a table's time into about equal parts, in order: several small sorts instead of a large one."""
    if parts == 1:
        return ["true"]
    shares = ", ".join(str(part / parts) for part in range(1, parts))
    found = backend.raw_sql(f"SELECT approx_quantile(begins, [{shares}]) FROM {table}").fetchall()[0][0]
    edges = sorted(set(found))
    inner = [f"begins >= {low} AND begins < {high}" for low, high in pairwise(edges)]
    return [f"begins < {edges[0]}", *inner, f"begins >= {edges[-1]}"]


def _enumerations(backend: Backend, versions: ir.Table, narrow: str, number: int, temp: str) -> dict[str, str]:
    """Enumerated types for the dimensions with few values: column -> type."""
    names = dimension_columns(versions)
    counts = ", ".join(f"approx_count_distinct({identifier(name)})" for name in names)
    found = backend.raw_sql(f"SELECT {counts} FROM {narrow}").fetchall()[0]
    enums = {}
    for place, (name, about) in enumerate(zip(names, found, strict=True)):
        # There is no enumeration of no values.
        if not 0 < about <= _ENUMERABLE:
            continue
        column, enums[name] = identifier(name), f"penstock_enum_{number}_{place}"
        values = f"SELECT DISTINCT {column} FROM {narrow} WHERE {column} IS NOT NULL"
        backend.raw_sql(f"CREATE {temp}TYPE {enums[name]} AS ENUM (SELECT * FROM ({values}) ORDER BY 1)")
    return enums


def _typed(schema: Mapping[str, Any], enums: Mapping[str, str], prefixes: Iterable[str]) -> str:
    """A select list that gives each column its narrowest type. Ibis leaves out casts that it holds to be none."""
    listed = []
    for column, kind in schema.items():
        names = (column.removeprefix(prefix) for prefix in prefixes)
        enum = next((enums[name] for name in names if name in enums), None)
        wanted = enum or _WIDTHS.get(str(kind).removeprefix("!"), "VARCHAR")
        listed.append(f"{identifier(column)}::{wanted} AS {identifier(column)}")
    return ", ".join(listed)
