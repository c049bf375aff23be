"""`penstock trend`: open pipeline over time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import VIEWING, WRITING, Asked, company, output, source, view, window
from penstock.cli.options import command as shared_options
from penstock.cli.writing import deliver, fitting, with_majors

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from penstock.cli.numbers import Numbers
    from penstock.library import History
    from penstock.library.figures import Trend

NAME = "trend"


@shared_options(source, company, window, view, output)
def command(
    asked: Asked,
    daily: Annotated[bool, typer.Option("--daily", help="A point a day.", rich_help_panel=VIEWING)] = False,
    weekly: Annotated[bool, typer.Option("--weekly", help="A point a week (the default).", rich_help_panel=VIEWING)] = False,
    monthly: Annotated[bool, typer.Option("--monthly", help="A point a fiscal month.", rich_help_panel=VIEWING)] = False,
    quarterly: Annotated[bool, typer.Option("--quarterly", help="A point a fiscal quarter.", rich_help_panel=VIEWING)] = False,
    chart: Annotated[
        Path | None, typer.Option(help="Draw it: .svg, .png, .html, .pdf or .json.", rich_help_panel=WRITING)
    ] = None,
    theme: Annotated[str, typer.Option(help="Of the chart: light or dark.", rich_help_panel=WRITING)] = "light",
) -> None:
    """Show open pipeline at the start of every day, week, month or quarter of a window.

    Each point is what `penstock snapshot` shows at that moment, with the horizon of that moment.
    """
    steps = {"day": daily, "week": weekly, "month": monthly, "quarter": quarterly}
    chosen = [step for step, asked_for in steps.items() if asked_for]
    if len(chosen) > 1:
        raise ValueError("Give one of --daily, --weekly, --monthly and --quarterly.")
    if chart is not None:
        from penstock.charts.save import check_path

        check_path(chart)
    history = asked.read()
    start, end = asked.period(history)
    found = history.trend(start, end, every=chosen[0] if chosen else "week", **asked.view())
    if chart is not None:
        from penstock.charts.save import save
        from penstock.cli.numbers import chart_locale

        save(found.chart(theme=theme, locale=chart_locale(asked.locale)), chart)

    def table(console: Console) -> Iterator[RenderableType]:
        yield from _pieces(found, history, asked.locale, console)

    def rows() -> Iterator[dict[str, Any]]:
        from penstock.library.figures import flat_group

        for point in found.points:
            total = {"group": dict.fromkeys(found.by), **point["total"]}
            for kind, group in (*(("group", group) for group in point["groups"]), ("total", total)):
                yield with_majors({"at": point["at"], "row": kind, **flat_group(group)}, ("amount", "weighted"), found.minor_unit)

    deliver(asked, history, table=table, json_form=found.to_dict, csv_rows=rows)


def _pieces(found: Trend, history: History, locale: str | None, console: Console) -> Iterator[RenderableType]:
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of

    timezone = history.calendar.timezone
    numbers = Numbers(locale_of(locale), found.minor_unit, counts=found.measure == "count")
    measure, unit = numbers.say(f"measure.{found.measure}"), numbers.unit(found.measure, found.currency)
    yield Text(numbers.say("title.trend", measure=measure, unit=unit), style="bold")
    yield fitting(console, *(_wide(found, n, timezone) for n in (numbers, numbers.rounded)), _long(found, numbers, timezone))
    for note in numbers.notes(history.remarks):
        yield Text(f"· {note}", style="dim")


def _wide(found: Trend, numbers: Numbers, timezone: str) -> Table:
    """Instants down, groups across."""
    names = list(dict.fromkeys(numbers.group(group["group"]) for point in found.points for group in point["groups"]))
    table = _empty("", *(names if found.by else ()), numbers.say("total"), numbers.say("head.deals"))
    for point in found.points:
        held = {numbers.group(group["group"]): group[found.measure] for group in point["groups"]}
        cells = [numbers.figure(held.get(name, 0)) for name in names] if found.by else []
        total = point["total"]
        at = numbers.moment(point["at"], timezone)
        table.add_row(at, *cells, numbers.figure(total[found.measure]), numbers.count(total["count"]))
    return table


def _long(found: Trend, numbers: Numbers, timezone: str) -> Table:
    """A row for each instant and group."""
    heads = [numbers.say(f"head.{name}") for name in ("group", "pipeline", "deals")]
    table = _empty("", *(heads if found.by else heads[1:]), left=1 + bool(found.by))
    for point in found.points:
        at = numbers.moment(point["at"], timezone)
        rows = [*((numbers.group(group["group"]), group) for group in point["groups"]), (numbers.say("total"), point["total"])]
        for name, group in rows if found.by else rows[-1:]:
            table.add_row(at, *([name] if found.by else []), numbers.figure(group[found.measure]), numbers.count(group["count"]))
            at = ""
    return table


def _empty(*names: str, left: int = 1) -> Table:
    """A table of these headings, the first `left` of them of words, the others of figures."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place, name in enumerate(names):
        table.add_column(name, justify="left" if place < left else "right", no_wrap=True)
    return table
