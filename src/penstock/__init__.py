"""Penstock: a pipeline engine for B2B revenue teams, in which every number ties out.

`penstock.read(path)` gives a `History`; `history.waterfall(start, end, by="region")` its waterfall. The parts:
`ledger` (the mathematics), `readers` (files), `charts`, `library` (what this module offers), `cli` (the command line).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from penstock.ledger.calendar import FiscalCalendar
    from penstock.library import History, InvalidHistory, TieOutError, Waterfall, read
    from penstock.readers.faults import ReadError

__all__ = ["FiscalCalendar", "History", "InvalidHistory", "ReadError", "TieOutError", "Waterfall", "read"]


def __getattr__(name: str) -> Any:
    # Ibis takes a second to import; a command that only prints its help should not wait for it.
    if name == "FiscalCalendar":
        from penstock.ledger.calendar import FiscalCalendar

        return FiscalCalendar
    if name == "ReadError":
        from penstock.readers.faults import ReadError

        return ReadError
    if name in __all__:
        from penstock import library

        return getattr(library, name)
    raise AttributeError(f"module 'penstock' has no attribute {name!r}")
