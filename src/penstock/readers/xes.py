"""XES event logs, read by pm4py, which comes with the extra `penstock[xes]`."""

from __future__ import annotations

import importlib
from pathlib import Path

import duckdb

from penstock.readers.faults import Fault, ReadError
from penstock.readers.quoting import identifier
from penstock.readers.sheet import Sheet


def is_xes(path: str | Path) -> bool:
    """Whether a file is an XES log, by its name."""
    return str(path).lower().endswith((".xes", ".xes.gz"))


def load(con: duckdb.DuckDBPyConnection, path: str | Path) -> Sheet:
    """A log as a sheet: one row per event, attributes of the case prefixed `case:`. Raises ReadError without pm4py."""
    try:
        pm4py = importlib.import_module("pm4py")
    except ImportError as error:
        what = "XES files need pm4py, which is not installed."
        raise ReadError([Fault(what, "Install it with: pip install 'penstock[xes]'.", str(path))]) from error
    if not Path(path).is_file():
        raise ReadError([Fault(f"There is no file {path}.", "Give the path of a file.", str(path))])
    events = pm4py.read_xes(str(path))
    names = [str(name) for name in events.columns]
    con.register("_xes_events", events)
    selected = ", ".join(f"nullif(trim({identifier(name)}::VARCHAR), '') AS {identifier(name)}" for name in names)
    con.execute(f"CREATE OR REPLACE TABLE xes_log AS SELECT row_number() OVER () AS _row, {selected} FROM _xes_events")
    con.unregister("_xes_events")
    return Sheet(con, "xes_log", str(path), tuple(names), len(events))
