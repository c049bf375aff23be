"""The canonical history as a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from penstock.ledger.money import minor_unit


def write_history(history: ir.Table, path: Path) -> None:
    """Write a history, as CSV or Parquet by the suffix of `path`, whole or not at all.

    Amounts are decimals in major units with the digits of their currency; instants in UTC. Raises ValueError for another
    suffix, OSError as usual.
    """
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise ValueError(f"{path.name}: a history is written as .csv or .parquet.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        writer(_in_major_units(history), temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _in_major_units(history: ir.Table) -> ir.Table:
    codes: list[Any] = [None]
    if "currency" in history.columns:
        codes = history.select("currency").distinct().to_pyarrow()["currency"].to_pylist()
    exponents = {code: minor_unit(code) if code else 2 for code in codes}
    widest = max(exponents.values(), default=2)
    amount = history.amount.cast("decimal(38, 0)")
    branches = [
        (history.currency == code, amount * 10 ** (widest - digits)) for code, digits in exponents.items() if code is not None
    ]
    scaled = ibis.cases(*branches, else_=amount * 10 ** (widest - 2)) if branches else amount * 10 ** (widest - 2)
    # A product with 0.01 is exact in decimals, a quotient is not promised to be.
    unit = ibis.literal(f"0.{'0' * (widest - 1)}1" if widest else "1").cast(f"decimal(18, {widest})")
    major = (scaled.cast("decimal(20, 0)") * unit).cast(f"decimal(20, {widest})")
    return history.mutate(amount=major).order_by(["effective_at", "opportunity_id", *(["seq"] if "seq" in history.columns else [])])


def _write_parquet(history: ir.Table, path: Path) -> None:
    history.to_parquet(path)


def _write_csv(history: ir.Table, path: Path) -> None:
    instants = [name for name in history.columns if history[name].type().is_timestamp()]
    written = history.mutate(**{name: history[name].strftime("%Y-%m-%dT%H:%M:%S.%fZ") for name in instants})
    written.to_csv(path)
