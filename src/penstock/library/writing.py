"""The canonical history as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir

from penstock.ledger.money import NO_CURRENCY, minor_unit
from penstock.library.whole_file import whole_file

_ONE_PERCENT = 100  # in basis points


def write_history(history: ir.Table, path: Path) -> None:
    """Write a history, as CSV or Parquet by the suffix of `path`, whole or not at all.

    Amounts are decimals in major units with the digits of their currency, probabilities in percent, instants in UTC.
    Raises ValueError for another suffix or a folder that is not there, OSError as usual.
    """
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise ValueError(f"{path}: a history is written as .csv or .parquet.")
    with whole_file(path) as temporary:
        try:
            writer(history, temporary)
        except duckdb.IOException as error:
            raise OSError(str(error)) from error


def _in_major_units(history: ir.Table) -> str:
    """A SELECT of the history in its file form."""
    codes: list[str | None] = [None]
    if "currency" in history.columns:
        codes = history.select("currency").distinct().to_pyarrow()["currency"].to_pylist()
    exponents = {code: minor_unit(code) if code else minor_unit(NO_CURRENCY) for code in codes}
    widest = max(exponents.values(), default=minor_unit(NO_CURRENCY))
    # Three digits after a point could be thousands: 1.000 is written 1.0000.
    widest = 4 if widest == 3 else widest
    columns = []
    for name in history.columns:
        column = f'"{name}"'
        if name == "amount":
            whens = " ".join(
                f"WHEN '{code}' THEN amount * {10 ** (widest - digits)}"
                for code, digits in sorted(exponents.items(), key=str)
                if code
            )
            other = f"amount * {10 ** (widest - exponents.get(None, widest))}"
            scaled = f"CASE currency {whens} ELSE {other} END" if whens else other
            # Decimals, not floats: a product with 0.01 is exact.
            unit = f"0.{'0' * (widest - 1)}1" if widest else "1"
            column = f"CAST(CAST({scaled} AS DECIMAL(20, 0)) * {unit} AS DECIMAL(20, {widest})) AS amount"
        if name == "probability":
            percent = "CAST(CAST(probability AS DECIMAL(5, 0)) * 0.01 AS DECIMAL(5, 2))"
            column = f"{percent}{_percent_sign(history)} AS probability"
        columns.append(column)
    order = "effective_at, opportunity_id" + (", seq" if "seq" in history.columns else "")
    return f"SELECT {', '.join(columns)} FROM history ORDER BY {order}"


def _percent_sign(history: ir.Table) -> str:
    """SQL that puts a % sign behind a number, where without it the column could be taken for shares of one."""
    highest = history.probability.max().to_pyarrow().as_py()
    return " || '%'" if highest is not None and highest <= _ONE_PERCENT else ""


def _write_parquet(history: ir.Table, path: Path) -> None:
    _copy(history, _in_major_units(history), path, "FORMAT parquet, COMPRESSION zstd")


def _write_csv(history: ir.Table, path: Path) -> None:
    instants = [name for name, kind in history.schema().items() if kind.is_timestamp()]
    text = ", ".join(f'strftime("{name}", \'%Y-%m-%dT%H:%M:%S.%fZ\') AS "{name}"' for name in instants)
    _copy(history, f"SELECT * REPLACE ({text}) FROM ({_in_major_units(history)})", path, "FORMAT csv, HEADER")


def _copy(history: ir.Table, select: str, path: Path, options: str) -> None:
    target = str(path).replace("'", "''")
    backend: Any = history.get_backend()
    if backend.name == "duckdb":
        source = backend.compile(history)
        backend.raw_sql(f"COPY (WITH history AS ({source}) {select}) TO '{target}' ({options})")
        return
    with duckdb.connect() as con:
        con.register("history", history.to_pyarrow())
        con.execute(f"COPY ({select}) TO '{target}' ({options})")
