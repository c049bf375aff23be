"""`penstock postings`: the drill, every posting behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import VIEWING, WRITING, Asked, company, output, source, view, window
from penstock.cli.options import command as shared_options
from penstock.cli.writing import deliver, with_majors

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.cli.numbers import Numbers
    from penstock.library.postings import Postings

NAME = "postings"
_SHOWN = 200
_TOLD = ("status", "stage", "amount", "currency", "close_date", "qualified")


@shared_options(source, company, window, view, output)
def command(
    asked: Asked,
    element: Annotated[str | None, typer.Option(help="Only new, change, won or lost.", rich_help_panel=VIEWING)] = None,
    line: Annotated[
        str | None, typer.Option(help="Only this line, such as increase or pushed_out.", rich_help_panel=VIEWING)
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only this group: name=value of a --by; repeat it.", metavar="NAME=VALUE", rich_help_panel=VIEWING),
    ] = None,
    net: Annotated[
        bool, typer.Option("--net", help="One label per deal instead, compared at the two ends only.", rich_help_panel=WRITING)
    ] = False,
) -> None:
    """List the postings behind a waterfall: deal, moment, element, line, amount, before and after.

    They add up to the figures of `penstock waterfall` with the same options, to the cent.
    """
    history = asked.read()
    start, end = asked.period(history)
    if net:
        from penstock.cli.net import deliver_net

        deliver_net(asked, history.net(start, end, **asked.view()), history.calendar.timezone)
        return
    options = asked.view()
    group = _group(where or [])
    options["by"] = [*options["by"], *(name for name in group if name not in options["by"])]
    found = history.postings(start, end, element=element, line=line, group=group, **options)
    exponent = 0 if found.measure == "count" else found.minor_unit

    def table(console: Console) -> Iterator[RenderableType]:
        yield from _pieces(found, asked.locale, history.calendar.timezone)

    def rows() -> Iterator[dict[str, Any]]:
        from penstock.ledger.money import NO_CURRENCY, minor_unit
        from penstock.library.postings import flat

        for posting in found.rows():
            row = with_majors(flat(posting), ("amount",), exponent)
            for side in ("before", "after"):  # in the deal's own currency
                row = with_majors(row, (f"{side}_amount",), minor_unit(row[f"{side}_currency"] or NO_CURRENCY))
            yield row

    deliver(asked, table=table, json_form=found.to_dict, csv_rows=rows)


def _group(where: list[str]) -> dict[str, str | None]:
    group: dict[str, str | None] = {}
    for text in where:
        name, sign, value = text.partition("=")
        if not sign:
            raise ValueError(f"--where {text!r} is not of the form name=value, such as region=EMEA; region= is blank.")
        group[name.strip()] = value.strip() or None
    return group


def _pieces(found: Postings, locale: str | None, timezone: str) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from penstock.cli.numbers import Numbers, group_name, locale_of, unit

    numbers = Numbers(locale_of(locale), found.minor_unit, counts=found.measure == "count")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("At", "Opportunity", "Posting", *(["Group"] if found.by else [])):
        table.add_column(name, no_wrap=name != "Group", overflow="fold")
    table.add_column("Amount", justify="right", no_wrap=True)
    table.add_column("What changed")
    count = total = 0
    for posting in found.rows():
        count, total = count + 1, total + posting["amount"]
        if count <= _SHOWN:
            group = [group_name(posting["group"])] if found.by else []
            moved = _changed(posting["before"], posting["after"], (*_TOLD, *found.by), numbers)
            at = numbers.moment(posting["at"], timezone)
            line = posting["line"].replace("_", " ")
            amount = numbers.figure(posting["amount"])
            table.add_row(at, posting["opportunity_id"], line, *group, amount, moved)
    yield table
    if count > _SHOWN:
        yield Text(f"… and {numbers.count(count - _SHOWN)} more; --format csv gives them all.", style="dim")
    yield Text(f"{numbers.count(count)} postings, {numbers.figure(total)} {unit(found.measure, found.currency)}", style="bold")


def _changed(before: dict[str, Any] | None, after: dict[str, Any], told: Sequence[str], numbers: Numbers) -> str:
    """What differs between the two versions, in words; all that matters at birth."""
    if before is None:
        return "created " + ", ".join(filter(None, (_words(after, name, numbers) for name in ("status", "stage", "close_date"))))
    names = [name for name in told if name in after and before[name] != after[name]]
    if {"status", "stage"} <= set(names) and after["status"] != "open":
        names.remove("stage")
    moves = [(name.replace("_", " "), *(_words(image, name, numbers) or "–" for image in (before, after))) for name in names]
    return "; ".join(f"{name} {was} → {became}" for name, was, became in moves)


def _words(image: dict[str, Any], name: str, numbers: Numbers) -> str:
    value = image[name]
    if value is None:
        return ""
    if name == "amount":
        from penstock.ledger.money import NO_CURRENCY, minor_unit

        return replace(numbers, exponent=minor_unit(image["currency"] or NO_CURRENCY), counts=False).money(value)
    if name == "probability":
        return numbers.percent(value / 10_000)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
