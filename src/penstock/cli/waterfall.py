"""`penstock waterfall`: the six elements of a window, by any grouping, proved to add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import WRITING, Asked, company, output, source, view, window
from penstock.cli.options import command as shared_options
from penstock.cli.writing import deliver, with_majors

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.library.figures import Net
    from penstock.library.waterfall import Waterfall

NAME = "waterfall"


@shared_options(source, company, window, view, output)
def command(
    asked: Asked,
    net: Annotated[
        bool, typer.Option("--net", help="Compare each deal at the two ends only, with one label.", rich_help_panel=WRITING)
    ] = False,
    chart: Annotated[
        Path | None, typer.Option(help="Draw it: .svg, .png, .html, .pdf or .json.", rich_help_panel=WRITING)
    ] = None,
    theme: Annotated[str, typer.Option(help="Of the chart: light or dark.", rich_help_panel=WRITING)] = "light",
) -> None:
    """Show starting pipeline, new, change in value, won, lost and ending pipeline of a window.

    The window is a fiscal quarter or [from, to); by default the quarter of the last change. Ends with exit code 3, naming the
    deals, if the figures don't add up.
    """
    if chart is not None:
        from penstock.charts.save import check_path

        check_path(chart)
    history = asked.read()
    start, end = asked.period(history)
    if net:
        if chart is not None:
            raise ValueError("--chart draws the waterfall; leave out --net.")
        from penstock.cli.net import deliver_net

        deliver_net(asked, history, history.net(start, end, **asked.view()))
        return
    result = history.waterfall(start, end, **asked.view())
    if chart is not None:
        from penstock.charts.save import save
        from penstock.cli.numbers import chart_locale

        save(result.chart(theme=theme, locale=chart_locale(asked.locale)), chart)

    def table(console: Console) -> Iterator[RenderableType]:
        from penstock.cli.waterfall_table import waterfall_pieces

        yield from waterfall_pieces(result, history, asked.locale, console)

    deliver(asked, history, table=table, json_form=lambda: json_form(result), csv_rows=lambda: csv_rows(result))


def json_form(result: Waterfall) -> dict[str, Any]:
    """The machine-readable form, with the elements also in major units as decimal strings."""
    form = result.to_dict()
    for group in (*form["groups"], form["total"]):
        group["major"] = majors(group, _exponent(result))
    return form


def majors(group: Mapping[str, Any], exponent: int) -> dict[str, str]:
    """The elements of a group as decimal strings."""
    from penstock.ledger.money import to_major
    from penstock.library.waterfall import ELEMENTS

    return {name: to_major(group[name], exponent) for name in ELEMENTS}


def csv_rows(result: Waterfall) -> Iterator[dict[str, Any]]:
    """A row per group, then the total: elements and lines as decimals, as minor units, and as counts of deals."""
    from penstock.library.figures import named_beside

    for kind, group in (*(("group", group) for group in result.groups), ("total", result.total)):
        money, counts = group.money.to_dict(), group.counts.to_dict()
        figures = {name: value for name, value in money.items() if name != "lines"} | money["lines"]
        overdue = {f"overdue_{end}": value for end, value in group.overdue.items()}
        by = named_beside(figures, {name: group.group.get(name) for name in result.by})
        row = {"row": kind, **by, **figures, **overdue}
        row |= {f"count_{name}": value for name, value in counts.items() if name != "lines"}
        row |= {f"count_{name}": value for name, value in counts["lines"].items()}
        yield with_majors(row, (*figures, *overdue), _exponent(result))


def _exponent(result: Waterfall | Net) -> int:
    return 0 if result.measure == "count" else result.minor_unit
