"""`penstock snapshot`: open pipeline as of any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import VIEWING, WRITING, Asked, company, output, source, view
from penstock.cli.options import command as shared_options
from penstock.cli.writing import deliver, with_majors

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.library import History
    from penstock.library.figures import Snapshot

NAME = "snapshot"
_MONEY = ("amount", "weighted")
_OF_A_DEAL = ("place", "stage", "close_date", "since", *_MONEY)


@shared_options(source, company, view, output)
def command(
    asked: Asked,
    at: Annotated[
        str | None, typer.Option(help="The moment; by default just after the last change.", rich_help_panel=VIEWING)
    ] = None,
    close_from: Annotated[str | None, typer.Option(help="First close date to count.", rich_help_panel=VIEWING)] = None,
    close_to: Annotated[str | None, typer.Option(help="First one no longer to count.", rich_help_panel=VIEWING)] = None,
    deals: Annotated[bool, typer.Option("--deals", help="List the deals behind it.", rich_help_panel=WRITING)] = False,
) -> None:
    """Show open pipeline just before a moment: amount, weighted and count, with the overdue beside it.

    --close-from and --close-to choose the close dates that count; without them it is the horizon.
    """
    history = asked.read()
    moment: Any = at or _after_all(history)
    options = asked.view()
    if close_from or close_to:
        if options["horizon"] is not None:
            raise ValueError("Give either a horizon, or --close-from and --close-to.")
        options["horizon"] = (close_from or "1900-01-01", close_to or "2200-01-01")
    if deals:
        _deliver_deals(asked, history, moment, options)
        return
    found = history.snapshot(moment, **options)

    def table(console: Console) -> Iterator[RenderableType]:
        yield from _pieces(found, history, asked)

    def rows() -> Iterator[dict[str, Any]]:
        from penstock.library.figures import flat_group

        total = {"group": dict.fromkeys(found.by), **found.total}
        for kind, group in (*(("group", group) for group in found.groups), ("total", total)):
            row = {"row": kind, **flat_group(group)}
            yield with_majors(row, (*_MONEY, *(f"overdue_{name}" for name in _MONEY)), found.minor_unit)

    deliver(asked, history, table=table, json_form=found.to_dict, csv_rows=rows)


def _after_all(history: History) -> Any:
    from datetime import timedelta

    if history.span is None:
        raise ValueError("The history has no rows. Name a moment with --at.")
    return history.span[1] + timedelta(microseconds=1)


def _pieces(found: Snapshot, history: History, asked: Asked) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of
    from penstock.cli.waterfall_table import evidence_pieces

    numbers = Numbers(locale_of(asked.locale), found.minor_unit)
    at, unit = numbers.moment(found.at, history.calendar.timezone), numbers.unit("amount", found.currency)
    yield Text(numbers.say("title.snapshot", at=at, unit=unit), style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for name in ("amount", "weighted", "deals", "overdue", "overdue_deals"):
        table.add_column(numbers.say(f"head.{name}"), justify="right", no_wrap=True)
    named = [(numbers.group(group["group"]), group) for group in found.groups] if found.by else []
    for name, group in (*named, (numbers.say("total"), found.total)):
        money = [numbers.money(group[measure]) for measure in _MONEY]
        overdue = [numbers.money(group["overdue"]["amount"]), numbers.count(group["overdue"]["count"])]
        table.add_row(name, *money, numbers.count(group["count"]), *overdue, style="bold" if group is found.total else "")
    yield table
    yield from evidence_pieces(found.evidence, numbers.notes(history.remarks), numbers)


def _deliver_deals(asked: Asked, history: History, moment: Any, options: Any) -> None:
    from penstock.ledger.instants import iso
    from penstock.library.view import instant

    listed = [_deal(row) for row in history.deals(moment, **options).order_by("opportunity_id").to_pyarrow().to_pylist()]
    columns = tuple(dict.fromkeys(("opportunity_id", *options["by"], *_OF_A_DEAL)))
    currency, exponent, at = history.currencies.report, history.currencies.minor_unit, iso(instant(moment, history.calendar))

    def table(console: Console) -> Iterator[RenderableType]:
        yield from _deal_pieces(listed, columns, at, history, asked)

    form = {"at": at, "currency": currency, "minor_unit": exponent, "deals": listed, "notes": list(history.notes)}
    deliver(
        asked,
        history,
        table=table,
        json_form=lambda: form,
        csv_rows=lambda: (with_majors(deal, _MONEY, exponent) for deal in listed),
        csv_columns=list(with_majors(dict.fromkeys(columns), _MONEY, exponent)),
    )


def _deal(row: dict[str, Any]) -> dict[str, Any]:
    from penstock.library.postings import iso_micros
    from penstock.library.view import from_day

    groups = {name.removeprefix("group_"): value for name, value in row.items() if name.startswith("group_")}
    own = {name: row[name] for name in ("place", "stage", "amount", "weighted")}
    own |= {"close_date": None if row["close"] is None else from_day(row["close"]).isoformat(), "since": iso_micros(row["since"])}
    return {"opportunity_id": row["opportunity_id"], **groups, **{name: own[name] for name in _OF_A_DEAL}}


def _deal_pieces(
    listed: list[dict[str, Any]], columns: Sequence[str], at: str, history: History, asked: Asked
) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of

    numbers, zone = Numbers(locale_of(asked.locale), history.currencies.minor_unit), history.calendar.timezone
    unit = numbers.unit("amount", history.currencies.report)
    yield Text(numbers.say("title.deals", at=numbers.moment(at, zone), unit=unit), style="bold")
    written: dict[str, Callable[[Any], str]] = {
        "amount": numbers.money,
        "weighted": numbers.money,
        "since": lambda value: numbers.moment(value, zone),
        "close_date": lambda value: "" if value is None else numbers.day(date.fromisoformat(value)),
        "place": lambda value: numbers.say(f"place.{value}"),
    }
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        head = "opportunity" if name == "opportunity_id" else name
        own = name in (*_OF_A_DEAL, "opportunity_id")
        table.add_column(
            numbers.say(f"head.{head}") if own else name,
            justify="right" if name in _MONEY else "left",
            no_wrap=name in _MONEY,
            overflow="fold",
        )
    for deal in listed:
        table.add_row(*[written.get(name, lambda value: str(value or ""))(deal[name]) for name in columns])
    yield table
    yield Text(numbers.say("deals", len(listed)), style="bold")
    for note in numbers.notes(history.remarks):
        yield Text(f"· {note}", style="dim")
