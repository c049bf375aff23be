"""Test versions as the canonical history on DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from penstock.library import History
from tests.ledger.oracle import Version

_MOMENT = pa.timestamp("us")
_FIELDS = [
    ("opportunity_id", pa.string()),
    ("effective_at", _MOMENT),
    ("recorded_at", _MOMENT),
    ("seq", pa.int64()),
    ("status", pa.string()),
    ("stage", pa.string()),
    ("stage_order", pa.int32()),
    ("amount", pa.int64()),
    ("currency", pa.string()),
    ("close_date", pa.date32()),
    ("qualified", pa.bool_()),
    ("probability", pa.int32()),
]


def naive(moment: datetime) -> datetime:
    """UTC without a zone, as the canonical history has it."""
    return moment.replace(tzinfo=None)


def arrow(versions: Sequence[Version], dimensions: Sequence[str] = ()) -> pa.Table:
    """The canonical history of these versions."""
    rows: list[dict[str, Any]] = []
    for version in versions:
        row = {name: getattr(version, name) for name, _ in _FIELDS}
        row |= {"effective_at": naive(version.effective_at), "recorded_at": naive(version.recorded)}
        rows.append(row | {name: version.dims.get(name) for name in dimensions})
    schema = pa.schema([*_FIELDS, *((name, pa.string()) for name in dimensions)])
    return pa.Table.from_pylist(rows, schema)


def table(versions: Sequence[Version], dimensions: Sequence[str] = ()) -> ir.Table:
    """The canonical history as an Ibis table in a DuckDB of its own."""
    return ibis.duckdb.connect().create_table("history", arrow(versions, dimensions))


def history(versions: Sequence[Version], dimensions: Sequence[str] = (), **options: Any) -> History:
    """A `History` of these versions."""
    return History(table(versions, dimensions), **options)
