"""A canonical history in the engine's own form: all integers, so that every backend gives the same figures.

Timestamps differ between databases (SQLite has none, Spark's carry a zone), so instants become microseconds and dates become
days before anything is computed. Amounts, probabilities and states are integers already.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from penstock.ledger import exact, schema

# Fields whose evidence a figure can rest on, in the order of their bits; dimensions follow.
EVIDENCE_FIELDS = (
    "effective_at",
    "status",
    "amount",
    "close_date",
    "qualified",
    "probability",
    "currency",
    "stage",
    "forecast_category",
)

# Text columns of the canonical history that can be grouped by like any dimension.
CANONICAL_DIMENSIONS = ("stage", "forecast_category", "currency")
_PREFIX = "dimension_"


@ibis.udf.scalar.builtin(name="epoch_us", signature=((dt.Timestamp(),), dt.int64))
def _duckdb_micros(instant):  # type: ignore[no-untyped-def]
    ...


@ibis.udf.scalar.builtin(name="unix_micros", signature=((dt.Timestamp(timezone="UTC"),), dt.int64))
def _spark_micros(instant):  # type: ignore[no-untyped-def]
    ...


def dimensions_of(history: ir.Table) -> tuple[str, ...]:
    """The columns of a history that figures can be grouped by, in its order: every column beyond the canonical ones."""
    return tuple(name for name in history.columns if name not in schema.CANONICAL)


def dimension_column(name: str) -> str:
    """A dimension's column in the engine's form: people call theirs `state` or `value`, as the engine does its own."""
    return name if name in CANONICAL_DIMENSIONS else f"{_PREFIX}{name}"


def dimension_columns(versions: ir.Table) -> tuple[str, ...]:
    """The columns of the dimensions in a table of the engine's form."""
    return tuple(name for name in versions.columns if name in CANONICAL_DIMENSIONS or name.startswith(_PREFIX))


def dimension_name(column: str) -> str:
    """The dimension of a column that `dimension_column` named."""
    return column.removeprefix(_PREFIX)


def evidence_bit(field: str, dimensions: Sequence[str]) -> int:
    """The bit that marks `field` in the evidence masks of movements; 0 for a field that carries no mark."""
    fields = (*EVIDENCE_FIELDS, *dimensions)[:63]
    return 1 << fields.index(field) if field in fields else 0


def flag(condition: ir.Value) -> ir.Value:
    """1 where the condition holds, else 0: PostgreSQL casts no boolean to a small or a big integer."""
    return ibis.ifelse(condition, 1, 0).cast("int8")


def engine_form(history: ir.Table) -> ir.Table:
    """A canonical history as integers: what `movements` works on.

    In: the columns of `schema.CANONICAL` (only the required ones must be there) and dimensions. `amount` is in minor units.
    Instants may be timestamps, or integers in microseconds; `close_date` a date, or an integer in days since 1970-01-01.
    Out: opportunity_id, seq, begins, recorded, created (microseconds UTC), state, amount, probability, weighted, close,
    stage_order, reconstructed, unknown (evidence masks), then stage, forecast_category, currency and the dimensions as text
    (`dimension_column`).
    Raises ValueError when a column is missing or of a type that can't be told apart.
    """
    missing = [name for name in schema.REQUIRED if name not in history.columns]
    if missing:
        raise ValueError(f"The history has no column {', '.join(missing)}; it has {', '.join(history.columns)}.")
    begins = micros(history, "effective_at")
    dims = dimensions_of(history)
    amount, probability = _amount(history).fill_null(0), _probability(history)
    columns: dict[str, ir.Value] = {
        "opportunity_id": history["opportunity_id"].cast("string"),
        "seq": _or_null(history, "seq", "int64").fill_null(0),
        "begins": begins,
        "recorded": micros(history, "recorded_at").fill_null(begins) if "recorded_at" in history.columns else begins,
        "created": micros(history, "created_at") if "created_at" in history.columns else ibis.null("int64"),
        "state": _state(history),
        "amount": amount,
        "probability": probability,
        "weighted": exact.weighted(amount, probability),
        "close": days(history),
        "stage_order": _or_null(history, "stage_order", "int32"),
        "reconstructed": _mask(history, "reconstructed_fields", dims),
        "unknown": _mask(history, "unknown_fields", dims),
    }
    for name in CANONICAL_DIMENSIONS:
        columns[name] = _or_null(history, name, "string")
    for name in dims:
        columns[dimension_column(name)] = history[name] if history[name].type().is_string() else history[name].cast("string")
    return history.select(**columns)


def _or_null(history: ir.Table, name: str, dtype: str) -> ir.Value:
    return history[name].cast(dtype) if name in history.columns else ibis.null(dtype)


def _amount(history: ir.Table) -> ir.Value:
    if "amount" in history.columns and not history["amount"].type().is_integer():
        kind = history["amount"].type()
        raise ValueError(f"amount is {kind}; the engine takes whole minor units (int64). Read the file with penstock.read.")
    return _or_null(history, "amount", "int64")


def micros(history: ir.Table, name: str) -> ir.Value:
    """An instant column as microseconds since 1970; ValueError for a type that can't be told exactly on its backend."""
    column = history[name]
    if column.type().is_integer():
        return column.cast("int64")
    if not column.type().is_timestamp():
        raise ValueError(f"{name} is {column.type()}; it must be a timestamp in UTC or whole microseconds since 1970.")
    backend = history.get_backend().name
    if backend == "duckdb":
        return _duckdb_micros(column)
    if backend == "pyspark":
        # With or without a zone is one type to Ibis, which keeps Spark's session in UTC, so that both mean the same.
        return _spark_micros(column.cast("timestamp('UTC')"))
    if backend == "postgres":
        seconds = column.truncate("s").epoch_seconds().cast("int64")
        return seconds * 1_000_000 + column.microsecond().cast("int64")
    raise ValueError(f"On {backend}, give {name} as whole microseconds since 1970 (int64): its timestamps are not exact there.")


def days(history: ir.Table) -> ir.Value:
    """The close date as days since 1970-01-01; null where there is no such column."""
    if "close_date" not in history.columns:
        return ibis.null("int32")
    column = history["close_date"]
    if column.type().is_integer():
        return column.cast("int32")
    if column.type().is_date():
        return column.epoch_days().cast("int32")
    raise ValueError(f"close_date is {column.type()}; it must be a date or whole days since 1970-01-01.")


def _state(history: ir.Table) -> ir.Value:
    status = history["status"]
    in_play = schema.OPEN
    if "qualified" in history.columns:
        in_play = ibis.ifelse(history["qualified"].fill_null(True), schema.OPEN, schema.UNQUALIFIED)
    return ibis.cases(
        (status == "open", in_play),
        (status == "won", schema.WON),
        (status == "lost", schema.LOST),
        else_=schema.REMOVED,
    ).cast("int8")


def _probability(history: ir.Table) -> ir.Value:
    """Basis points; a won deal is certain whatever its field says, a missing probability counts as none."""
    given = _or_null(history, "probability", "int32").fill_null(0)
    return ibis.ifelse(history["status"] == "won", 10_000, given).cast("int32")


def _mask(history: ir.Table, column: str, dims: Sequence[str]) -> ir.Value:
    if column not in history.columns:
        return ibis.literal(0, "int64")
    listed = ibis.literal(",") + history[column] + ","
    bits = ibis.literal(0, "int64")
    for position, name in enumerate((*EVIDENCE_FIELDS, *dims)[:63]):
        bits = bits + ibis.ifelse(listed.contains(f",{name},"), 1 << position, 0)
    return ibis.ifelse(history[column].fill_null("") == "", 0, bits).cast("int64")
