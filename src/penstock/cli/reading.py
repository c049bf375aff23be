"""Reading the file that a command is about, with progress on the screen's error channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from penstock.cli.options import Asked

if TYPE_CHECKING:
    from penstock.library import History


def read_history(asked: Asked) -> History:
    """The history that the options of `source` describe. Raises ReadError or ValueError in words."""
    from penstock.ledger.calendar import FiscalCalendar
    from penstock.ledger.instants import parse_instant
    from penstock.library import read

    calendar = FiscalCalendar.parse(asked.calendar, start_month=asked.fiscal_start, timezone=asked.timezone)
    with progress() as say:
        return read(
            asked.path,
            history=asked.history,
            reader=asked.reader,
            map=_pairs(asked.map or []),
            mapping=asked.mapping,
            stages=asked.stages,
            calendar=calendar,
            currency=asked.currency,
            rates=asked.rates,
            rate=asked.rate,
            date_order=asked.date_order,
            decimal=asked.decimal,
            encoding=asked.encoding,
            delimiter=asked.delimiter,
            sheet=asked.sheet,
            rounding=asked.round,
            extracted_at=parse_instant(asked.extracted_at, asked.timezone) if asked.extracted_at else None,
            rejects=asked.rejects,
            threads=asked.threads,
            memory_limit=asked.memory_limit,
            progress=say,
        )


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A way to say what is being done; silent where nobody watches."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what: None
        return
    with console.status("Reading") as status:
        yield lambda what: status.update(what)


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        field, sign, column = text.partition("=")
        if not (sign and field.strip() and column.strip()):
            raise ValueError(f"--map {text!r} is not of the form field=column, such as amount=Deal_Size.")
        pairs[field.strip()] = column.strip()
    return pairs
