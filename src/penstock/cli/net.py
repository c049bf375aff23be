"""The net view on the command line: labels with their deals and money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from penstock.cli.options import Asked
from penstock.cli.writing import deliver, with_majors

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.library import History
    from penstock.library.figures import Net


def deliver_net(asked: Asked, history: History, net: Net) -> None:
    """Give the net view in the format asked for."""

    def table(console: Console) -> Iterator[RenderableType]:
        yield from _pieces(net, history, asked.locale)

    exponent = 0 if net.measure == "count" else net.minor_unit

    def rows() -> Iterator[dict[str, Any]]:
        for deal in net.deals:
            yield with_majors(deal, ("amount", "starting", "ending"), exponent)

    columns = ("opportunity_id", "label", "amount", "amount_minor", "starting", "starting_minor", "ending", "ending_minor")
    deliver(asked, history, table=table, json_form=net.to_dict, csv_rows=rows, csv_columns=columns)


def _pieces(net: Net, history: History, locale: str | None) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of

    numbers = Numbers(locale_of(locale), net.minor_unit, counts=net.measure == "count")
    start, end = (numbers.moment(net.window[name], history.calendar.timezone) for name in ("start", "end"))
    unit = numbers.unit(net.measure, net.currency)
    yield Text(numbers.say("title.net", start=start, end=end, unit=unit), style="bold")
    yield Text(numbers.say("net.about"), style="dim")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", numbers.say("head.amount"), numbers.say("head.deals")):
        table.add_column(name, justify="right" if name else "left")
    table.add_row(numbers.say("element.starting"), numbers.figure(net.starting), "", style="bold")
    for label, figures in net.labels.items():
        table.add_row(f"  {numbers.line(label)}", numbers.figure(figures["amount"]), numbers.count(figures["count"]))
    table.add_row(numbers.say("element.ending"), numbers.figure(net.ending), "", style="bold")
    yield table
    for note in numbers.notes(history.remarks):
        yield Text(f"· {note}", style="dim")
