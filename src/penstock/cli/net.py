"""The net view on the command line: labels with their deals and money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from penstock.cli.options import Asked
from penstock.cli.writing import deliver, with_majors

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.library.figures import Net


def deliver_net(asked: Asked, net: Net, timezone: str) -> None:
    """Give the net view in the format asked for."""

    def table(console: Console) -> Iterator[RenderableType]:
        yield from _pieces(net, asked.locale, timezone)

    exponent = 0 if net.measure == "count" else net.minor_unit

    def rows() -> Iterator[dict[str, Any]]:
        for deal in net.deals:
            yield with_majors(deal, ("amount", "starting", "ending"), exponent)

    deliver(asked, table=table, json_form=net.to_dict, csv_rows=rows)


def _pieces(net: Net, locale: str | None, timezone: str) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of, unit

    numbers = Numbers(locale_of(locale), net.minor_unit, counts=net.measure == "count")
    start, end = (numbers.moment(net.window[name], timezone) for name in ("start", "end"))
    yield Text(f"Net view (end points) · {start} to {end} · {unit(net.measure, net.currency)}", style="bold")
    yield Text("Each deal compared at the two ends only; what happened between them is not seen.", style="dim")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", "Amount", "Deals"):
        table.add_column(name, justify="right" if name else "left")
    table.add_row("Starting pipeline", numbers.figure(net.starting), "", style="bold")
    for label, figures in net.labels.items():
        table.add_row(f"  {label.replace('_', ' ')}", numbers.figure(figures["amount"]), numbers.count(figures["count"]))
    table.add_row("Ending pipeline", numbers.figure(net.ending), "", style="bold")
    yield table
