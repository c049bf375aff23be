"""From a file on disk to a `History`."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis

from penstock.ledger.calendar import FiscalCalendar
from penstock.ledger.money import currency_code
from penstock.ledger.rates import RateTable
from penstock.library.currencies import RateKind
from penstock.library.history import History
from penstock.readers.options import Options
from penstock.readers.reading import read as read_file

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

# From this size on (bytes) a file's history is kept on disk instead of in memory.
_LARGE = 50_000_000


def read(
    path: str | Path,
    *,
    history: str | Path | None = None,
    reader: str | None = None,
    map: Mapping[str, str] | None = None,
    mapping: str | Path | None = None,
    stages: str | Path | None = None,
    calendar: FiscalCalendar | None = None,
    currency: str | None = None,
    rates: str | Path | RateTable | None = None,
    rate: RateKind = "plan",
    date_order: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    rounding: bool = False,
    extracted_at: datetime | None = None,
    rejects: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
    threads: int | None = None,
    memory_limit: str | None = None,
    temp_directory: str | Path | None = None,
) -> History:
    """Read a file of opportunities, with their history as far as it tells, into a `History`.

    history: the file of changes beside a file of today. reader: a shape or a recipe by name, found out from the columns if
    absent. map: canonical field -> column. mapping: a YAML file of the same and more. stages: a table of stages. calendar: its
    time zone is that of instants without one. currency: of the reports, and of amounts that carry none. rates: a table of rates
    or its file. date_order (ymd, dmy, mdy), decimal ("." or ","): for columns that can be read in two ways. sheet: of a
    workbook. rounding: of amounts with too many decimals, half to even. rejects: unreadable rows go to this file and the rest is
    read. threads, memory_limit, temp_directory: DuckDB's; beyond the limit it spills.
    Raises ReadError, listing all that is wrong with the file; ValueError for rates or a history that can't be used.
    """
    calendar = calendar or FiscalCalendar()
    code = None if currency is None else currency_code(currency)
    table = rates if rates is None or isinstance(rates, RateTable) else RateTable.from_file(rates, to=code)
    backend = _connected((path, history), threads, memory_limit, temp_directory)
    options = Options(
        reader=reader,
        mapping=dict(map or {}),
        mapping_file=_path(mapping),
        stages=_path(stages),
        history=_path(history),
        timezone=calendar.timezone,
        date_order=date_order,
        decimal=decimal,
        currency=code,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        rounding=rounding,
        extracted_at=extracted_at,
        rejects=_path(rejects),
        progress=progress,
    )
    reading = read_file(backend.con, path, options)
    return History(
        backend.table(reading.table),
        calendar=calendar,
        currency=code,
        rates=table,
        rate=rate,
        notes=reading.notes,
        reader=reading.reader,
        stages=reading.stages,
        scratch=True,
    )


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)


def _connected(
    files: Iterable[str | Path | None], threads: int | None, memory_limit: str | None, temp_directory: str | Path | None
) -> Backend:
    """A DuckDB in memory, or for large files in a file that goes with it: its tables are then compressed, and need not fit."""
    large = sum(Path(file).stat().st_size for file in files if file is not None and Path(file).is_file()) >= _LARGE
    folder = Path(tempfile.mkdtemp(prefix="penstock-", dir=temp_directory)) if large else None
    spill = folder or temp_directory or Path(tempfile.gettempdir()) / f"penstock-{os.getpid()}"
    given = {"threads": threads, "memory_limit": memory_limit, "temp_directory": str(spill)}
    fixed = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    settings = fixed | {name: value for name, value in given.items() if value is not None}
    try:
        backend = ibis.duckdb.connect(":memory:" if folder is None else folder / "history.duckdb", **settings)
    except duckdb.Error as error:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise ValueError(f"DuckDB refused its settings (threads, memory_limit, temp_directory): {error}.") from error
    if folder is not None:
        weakref.finalize(backend, shutil.rmtree, folder, ignore_errors=True)
    # It would be drawn into the output.
    backend.raw_sql("SET enable_progress_bar = false")
    return backend
