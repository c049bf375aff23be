"""`penstock snapshot`: open pipeline as of any moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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
        yield from _pieces(found, asked.locale, history.calendar.timezone)

    def rows() -> Iterator[dict[str, Any]]:
        from penstock.library.figures import flat_group

        total = {"group": dict.fromkeys(found.by), **found.total}
        for kind, group in (*(("group", group) for group in found.groups), ("total", total)):
            row = {"row": kind, **flat_group(group)}
            yield with_majors(row, (*_MONEY, *(f"overdue_{name}" for name in _MONEY)), found.minor_unit)

    deliver(asked, table=table, json_form=found.to_dict, csv_rows=rows)


def _after_all(history: History) -> Any:
    from datetime import timedelta

    if history.span is None:
        raise ValueError("The history has no rows. Name a moment with --at.")
    return history.span[1] + timedelta(microseconds=1)


def _pieces(found: Snapshot, locale: str | None, timezone: str) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from penstock.cli.numbers import Numbers, group_name, locale_of, unit
    from penstock.cli.waterfall_table import evidence_pieces

    numbers = Numbers(locale_of(locale), found.minor_unit)
    yield Text(f"Open pipeline · {numbers.moment(found.at, timezone)} · {unit('amount', found.currency)}", style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", "Amount", "Weighted", "Deals", "Overdue", "Overdue deals"):
        table.add_column(name, justify="right" if name else "left", no_wrap=bool(name))
    named = [(group_name(group["group"]), group) for group in found.groups] if found.by else []
    for name, group in (*named, ("Total", found.total)):
        money = [numbers.money(group[measure]) for measure in _MONEY]
        overdue = [numbers.money(group["overdue"]["amount"]), numbers.count(group["overdue"]["count"])]
        table.add_row(name, *money, numbers.count(group["count"]), *overdue, style="bold" if name == "Total" else "")
    yield table
    yield from evidence_pieces(found.evidence, found.notes, replace(numbers))


def _deliver_deals(asked: Asked, history: History, moment: Any, options: Any) -> None:
    from penstock.ledger.instants import iso
    from penstock.library.postings import iso_micros
    from penstock.library.view import from_day, instant

    listed = []
    for row in history.deals(moment, **options).order_by("opportunity_id").to_pyarrow().to_pylist():
        close = None if row["close"] is None else from_day(row["close"]).isoformat()
        groups = {name.removeprefix("group_"): value for name, value in row.items() if name.startswith("group_")}
        listed.append(
            {
                "opportunity_id": row["opportunity_id"],
                **groups,
                "place": row["place"],
                "stage": row["stage"],
                "close_date": close,
                "since": iso_micros(row["since"]),
                "amount": row["amount"],
                "weighted": row["weighted"],
            }
        )
    exponent, at = history.currencies.minor_unit, iso(instant(moment, history.calendar))

    def table(console: Console) -> Iterator[RenderableType]:
        from rich.table import Table

        from penstock.cli.numbers import Numbers, locale_of

        numbers = Numbers(locale_of(asked.locale), exponent)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for name in listed[0] if listed else ():
            table.add_column(name, justify="right" if name in _MONEY else "left", overflow="fold")
        for deal in listed:
            table.add_row(*[numbers.money(value) if name in _MONEY else str(value or "") for name, value in deal.items()])
        yield table

    deliver(
        asked,
        table=table,
        json_form=lambda: {"at": at, "currency": history.currencies.report, "minor_unit": exponent, "deals": listed},
        csv_rows=lambda: (with_majors(deal, _MONEY, exponent) for deal in listed),
    )
