"""XES event logs, read by pm4py, which comes with the extra `penstock[xes]`."""

from __future__ import annotations

import importlib
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb

from penstock.readers.faults import Fault, ReadError
from penstock.readers.quoting import identifier
from penstock.readers.sheet import Sheet


def is_xes(path: str | Path) -> bool:
    """Whether a file is an XES log, by its name."""
    return str(path).lower().endswith((".xes", ".xes.gz"))


def load(con: duckdb.DuckDBPyConnection, path: str | Path) -> Sheet:
    """A log as a sheet: one row per event, attributes of the case prefixed `case:`.

    Raises ReadError without pm4py, and for a file that is no XES log or has no event.
    """
    if not Path(path).is_file():
        raise ReadError([Fault(f"There is no file {path}.", "Give the path of a file.", str(path))])
    events = _events(str(path))
    if not len(events) or not len(events.columns):
        raise ReadError([Fault("The log has no event.", "Give a log in which each trace has events.", str(path))])
    names = [str(name) for name in events.columns]
    con.register("_xes_events", events)
    selected = ", ".join(f"nullif(trim({identifier(name)}::VARCHAR), '') AS {identifier(name)}" for name in names)
    con.execute(f"CREATE OR REPLACE TABLE xes_log AS SELECT row_number() OVER () AS _row, {selected} FROM _xes_events")
    con.unregister("_xes_events")
    return Sheet(con, "xes_log", str(path), tuple(names), len(events))


def _events(path: str) -> Any:
    """The events as a data frame. Pm4py prints a greeting, a bar and advice, which are kept out of what we print."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pm4py = importlib.import_module("pm4py")
        except ImportError as error:
            what = "XES files need pm4py, which is not installed."
            raise ReadError([Fault(what, "Install it with: pip install 'penstock[xes]'.", path)]) from error
        try:
            return pm4py.read_xes(path)
        except Exception as error:  # whatever its parser of the day raises, it is the file that cannot be read
            what = f"This is not a XES log that can be read: {error}."
            raise ReadError([Fault(what, "Export the log again, or give its events as CSV.", path)]) from error
