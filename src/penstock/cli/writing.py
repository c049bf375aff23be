"""Where an answer goes: the screen or a file, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.cli.options import Asked

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from penstock.library import History

_WIDE = 200


def deliver(
    asked: Asked,
    history: History,
    *,
    table: Callable[[Console], Iterable[RenderableType]],
    json_form: Callable[[], Any],
    csv_rows: Callable[[], Iterable[Mapping[str, Any]]],
    csv_columns: Sequence[str] = (),
) -> None:
    """Give the answer in the format asked for, on the screen or in the file of --out.

    csv_columns: the columns of the CSV form where no row may tell them. That the history has no amounts is said above a
    table, and on the error channel where figures go to a file or have no place for words.
    """
    form, warnings = _form(asked), _warnings(asked, history)
    if form == "csv" or (form == "table" and asked.out is not None):
        for warning in warnings:
            sys.stderr.write(f"{warning}\n")

    def warned(console: Console) -> Iterable[RenderableType]:
        from rich.text import Text

        yield from (Text(f"● {warning}", style="yellow") for warning in warnings)
        yield from table(console)

    if form == "json":
        _write(asked.out, json.dumps(json_form(), indent=2, ensure_ascii=False) + "\n")
    elif form == "csv":
        _write(asked.out, csv_text(csv_rows(), csv_columns))
    elif asked.out is None:
        from rich.console import Console

        show(Console(soft_wrap=False), warned)
    else:
        _write(asked.out, printed(warned))


def _warnings(asked: Asked, history: History) -> list[str]:
    """What is to be known before any figure is: that there are no amounts, unless deals are counted."""
    from penstock.cli.numbers import Numbers, locale_of, without_amounts

    if asked.values.get("measure") == "count":
        return []
    numbers = Numbers(locale_of(asked.locale), 0)
    return [numbers.note(note) for note in history.remarks if without_amounts(note)]


def _form(asked: Asked) -> str:
    """The format; where only a file is named, its suffix decides."""
    suffix = asked.out.suffix.lower().lstrip(".") if asked.out is not None else ""
    form: str = suffix if asked.format == "table" and suffix in ("json", "csv") else asked.format
    return form


def show(console: Console, table: Callable[[Console], Iterable[RenderableType]]) -> None:
    """Print the pieces of an answer for people."""
    for piece in table(console):
        console.print(piece)


def fitting(console: Console, *candidates: Table) -> Table:
    """The first of several forms of a table that is no wider than the screen, if need be with names folded; else the last."""
    from rich.measure import Measurement

    options = console.options.update(max_width=10_000)
    widths = [Measurement.get(console, options, candidate) for candidate in candidates]
    unfolded = [table for table, width in zip(candidates, widths, strict=True) if width.maximum <= console.width]
    folded = [table for table, width in zip(candidates, widths, strict=True) if width.minimum <= console.width]
    return (*unfolded, *folded, candidates[-1])[0]


def printed(table: Callable[[Console], Iterable[RenderableType]]) -> str:
    """The answer for people as plain text."""
    from rich.console import Console

    text = io.StringIO()
    show(Console(file=text, width=_WIDE, no_color=True), table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """Rows as CSV, with a header made of `columns` and then of all their keys in order of appearance."""
    listed = list(rows)
    names = list(dict.fromkeys([*columns, *(name for row in listed for name in row)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for row in listed:
        writer.writerow({name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()})
    return text.getvalue()


def _write(out: Path | None, text: str) -> None:
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from penstock.library.whole_file import whole_file

    with whole_file(out) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def with_majors(row: Mapping[str, Any], money: Sequence[str], exponent: int) -> dict[str, Any]:
    """A row with each of its `money` columns as a decimal string in major units, and as an integer under <name>_minor."""
    from penstock.ledger.money import to_major

    changed: dict[str, Any] = {}
    for name, value in row.items():
        if name in money:
            # Both columns also where there is no value, so that the header does not depend on the rows.
            changed |= {name: None if value is None else to_major(value, exponent), f"{name}_minor": value}
        else:
            changed[name] = value
    return changed
