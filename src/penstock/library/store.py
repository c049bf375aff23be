"""Movements kept where questions are fast: in DuckDB, sorted by time, with narrow types."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from penstock.ledger.movements import group_columns, movements

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

# Beyond this many different values a dimension is stored as text; below it as an enumeration, a byte or two a row.
_ENUMERABLE = 10_000
_names = count()


def kept_movements(history: ir.Table, known_at: int | None = None) -> ir.Table:
    """Movements of a history, computed once. On DuckDB as a sorted table with enumerated dimensions; elsewhere as a cached one."""
    expression = movements(history, known_at=known_at)
    backend: Any = history.get_backend()
    if backend.name != "duckdb":
        return expression.cache()
    return _sorted_table(backend, expression)


def _sorted_table(backend: Backend, expression: ir.Table) -> ir.Table:
    number = next(_names)
    table, unsorted = f"penstock_movements_{number}", f"penstock_unsorted_{number}"
    backend.raw_sql(f"CREATE TEMP TABLE {unsorted} AS {backend.compile(expression)}")
    enums: dict[str, str] = {}
    for name in group_columns(expression):
        if (values := _few_values(backend, unsorted, name)) is not None:
            enums[name] = f"penstock_enum_{number}_{len(enums)}"
            listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
            backend.raw_sql(f"CREATE TYPE {enums[name]} AS ENUM ({listed})")
    columns = []
    for column in expression.columns:
        side, _, name = column.partition("_")
        kind = enums.get(name) if side in ("before", "after", "now") else None
        columns.append(f'"{column}"::{kind} AS "{column}"' if kind else f'"{column}"')
    backend.raw_sql(f"CREATE TABLE {table} AS SELECT {', '.join(columns)} FROM {unsorted} ORDER BY begins")
    backend.raw_sql(f"DROP TABLE {unsorted}")
    return backend.table(table)


def _few_values(backend: Backend, table: str, name: str) -> list[str] | None:
    """The values of a dimension, sorted; None if they are too many to enumerate."""
    sql = f'SELECT DISTINCT "after_{name}" FROM {table} WHERE "after_{name}" IS NOT NULL LIMIT {_ENUMERABLE + 1}'
    values = sorted(row[0] for row in backend.raw_sql(sql).fetchall())
    return values if len(values) <= _ENUMERABLE else None
