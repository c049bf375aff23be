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
    from penstock.library import History
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
    if net and (element or line or where):
        raise ValueError("--net gives one label per deal; leave out --element, --line and --where.")
    history = asked.read()
    start, end = asked.period(history)
    if net:
        from penstock.cli.net import deliver_net

        deliver_net(asked, history, history.net(start, end, **asked.view()))
        return
    options = asked.view()
    group = _group(where or [])
    options["by"] = [*options["by"], *(name for name in group if name not in options["by"])]
    found = history.postings(start, end, element=element, line=line, group=group, **options)
    exponent = 0 if found.measure == "count" else found.minor_unit

    def table(console: Console) -> Iterator[RenderableType]:
        yield from _pieces(found, history, asked.locale)

    def rows() -> Iterator[dict[str, Any]]:
        from penstock.ledger.money import NO_CURRENCY, minor_unit
        from penstock.library.postings import flat

        for posting in found.rows():
            row = with_majors(flat(posting), ("amount",), exponent)
            for side in ("before", "after"):  # in the deal's own currency
                row = with_majors(row, (f"{side}_amount",), minor_unit(row[f"{side}_currency"] or NO_CURRENCY))
            yield row

    deliver(asked, history, table=table, json_form=found.to_dict, csv_rows=rows, csv_columns=_columns(found))


def _columns(found: Postings) -> list[str]:
    """The columns of the CSV form, also where there is no posting."""
    from penstock.library.postings import flat_columns

    money = ("amount", "before_amount", "after_amount")
    return [column for name in flat_columns(found) for column in ((name, f"{name}_minor") if name in money else (name,))]


def _group(where: list[str]) -> dict[str, str | None]:
    group: dict[str, str | None] = {}
    for text in where:
        name, sign, value = text.partition("=")
        if not sign:
            raise ValueError(f"--where {text!r} is not of the form name=value, such as region=EMEA; region= is blank.")
        group[name.strip()] = value.strip() or None
    return group


def _pieces(found: Postings, history: History, locale: str | None) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of

    numbers = Numbers(locale_of(locale), found.minor_unit, counts=found.measure == "count")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("at", "opportunity", "posting", *(["group"] if found.by else [])):
        table.add_column(numbers.say(f"head.{name}"), no_wrap=name != "group", overflow="fold")
    table.add_column(numbers.say("head.amount"), justify="right", no_wrap=True)
    table.add_column(numbers.say("head.changed"))
    count = total = 0
    for posting in found.rows():
        count, total = count + 1, total + posting["amount"]
        if count <= _SHOWN:
            group = [numbers.group(posting["group"])] if found.by else []
            moved = _changed(posting["before"], posting["after"], (*_TOLD, *found.by), numbers)
            at = numbers.moment(posting["at"], history.calendar.timezone)
            line = numbers.line(posting["line"])
            amount = numbers.figure(posting["amount"])
            table.add_row(at, posting["opportunity_id"], line, *group, amount, moved)
    yield table
    if count > _SHOWN:
        yield Text(numbers.say("postings.more", count - _SHOWN), style="dim")
    unit = numbers.unit(found.measure, found.currency)
    yield Text(numbers.say("postings.total", count, total=numbers.figure(total), unit=unit), style="bold")
    for note in numbers.notes(history.remarks):
        yield Text(f"· {note}", style="dim")


def _changed(before: dict[str, Any] | None, after: dict[str, Any], told: Sequence[str], numbers: Numbers) -> str:
    """What differs between the two versions, in words; all that matters at birth."""
    if before is None:
        return f"{numbers.say('created')} " + ", ".join(
            filter(None, (_words(after, name, numbers) for name in ("status", "stage", "close_date")))
        )
    names = [name for name in told if name in after and before[name] != after[name]]
    if {"status", "stage"} <= set(names) and after["status"] != "open":
        names.remove("stage")
    moves = [(_named(name, numbers), *(_words(image, name, numbers) or "–" for image in (before, after))) for name in names]
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
        return numbers.say("yes" if value else "no")
    return numbers.say(f"status.{value}") if name == "status" else str(value)


def _named(name: str, numbers: Numbers) -> str:
    """A field in words; dimensions have their own names."""
    return numbers.say(f"field.{name}") if name in _TOLD else name.replace("_", " ")
