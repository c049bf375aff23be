"""A question's SQL, compiled once and asked again with other moments.

Compiling a large Ibis expression takes longer than DuckDB takes to answer it. The SQL depends on the moments only where they
stand in it as numbers, so it is compiled with numbers that occur nowhere else, and these are replaced for each question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from penstock.ledger.question import Horizon, Question

# Instants fit 64 bits and days 32, and none lies in these years (220,000 and 5,480,000).
_START, _END = 7_000_000_000_000_000_001, 7_000_000_000_000_000_002
_DAYS = (2_000_000_001, 2_000_000_003, 2_000_000_002)
_NEXT_DAYS = (2_000_000_011, 2_000_000_013, 2_000_000_012)
_PLACEHOLDER = re.compile(r"\b(?:700000000000000000[12]|20000000[01][123])\b")

_TABLE = "penstock_movements_asked"

Build = Callable[[ir.Table, Question, Horizon | None], ir.Table]

# Compiled SQL by what was asked and the columns it was asked of; it holds no data and serves every history of that shape.
_compiled: dict[Hashable, str] = {}


def ask(
    movements: ir.Table, key: Hashable, build: Build, question: Question, following: Horizon | None = None
) -> list[dict[str, Any]]:
    """The rows of build(movements, question, following), on DuckDB.

    key: tells apart what `build` makes otherwise than by the moments. Money must need no conversion (its rates would stand in
    the SQL too).
    """
    rolls = following is not None
    schema = movements.schema()
    full_key = (key, question.by, question.as_is, question.measure, question.graded, question.horizon is None, rolls, schema)
    sql = _compiled.get(full_key)
    backend: Any = movements.get_backend()
    if sql is None:
        horizon = None if question.horizon is None else Horizon(*_DAYS)
        marked = replace(question, start=_START, end=_END, horizon=horizon)
        expression = build(movements, marked, Horizon(*_NEXT_DAYS) if rolls else None)
        sql = str(backend.compile(expression)).replace(_reference(movements), _TABLE)
        _compiled[full_key] = sql
    values = {_START: question.start, _END: question.end}
    for marks, days in ((_DAYS, question.horizon), (_NEXT_DAYS, following)):
        if days is not None:
            values |= dict(zip(marks, (days.first, days.last, days.quarter_end), strict=True))
    filled = _PLACEHOLDER.sub(lambda match: str(values[int(match[0])]), sql).replace(_TABLE, _reference(movements))
    rows: list[dict[str, Any]] = _whole(backend.con.execute(filled).to_arrow_table()).to_pylist()
    return rows


def _reference(table: ir.Table) -> str:
    """A table's name as it stands in SQL, with catalog and schema where Ibis writes them."""
    operation: Any = table.op()
    parts = (operation.namespace.catalog, operation.namespace.database, operation.name)
    return ".".join(f'"{part}"' for part in parts if part)


def _whole(table: pa.Table) -> pa.Table:
    """DuckDB's sums of integers are of 128 bits, which come as decimals; here they are integers again."""
    fields = [field.with_type(pa.int64()) if pa.types.is_decimal(field.type) else field for field in table.schema]
    return table.cast(pa.schema(fields))
