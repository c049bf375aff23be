"""The waterfall for people: elements down, groups across, as many as the terminal holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from penstock.cli.numbers import Numbers, group_name, locale_of, unit
from penstock.cli.writing import fitting

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.library.waterfall import Group, Waterfall

ELEMENTS = {
    "starting": "Starting pipeline",
    "new": "New",
    "change": "Change in value",
    "won": "Closed won",
    "lost": "Closed lost",
    "ending": "Ending pipeline",
}
LINES = {
    "increase": "increase",
    "decrease": "decrease",
    "pulled_in": "pulled in",
    "pushed_out": "pushed out",
    "pulled_out": "pulled out",
    "reopened": "reopened",
    "restored": "restored",
    "removed": "removed",
    "transferred_in": "transferred in",
    "transferred_out": "transferred out",
    "currency": "currency",
    "probability": "probability",
}


def waterfall_pieces(result: Waterfall, locale: str | None, timezone: str, console: Console) -> Iterator[RenderableType]:
    """Heading, table, what stands beside the pipeline, the proof, and what the data could not tell."""
    numbers = Numbers(locale_of(locale), result.minor_unit, counts=result.measure == "count")
    yield Text(heading(result, numbers, timezone), style="bold")
    yield Text(_subheading(result, numbers), style="dim")
    columns = [(group_name(group.group), group) for group in result.groups] if result.by else []
    columns.append(("Total", result.total))
    short = numbers.rounded
    forms = [form(columns, n) for n in (numbers, short) for form in (_across, _down)]
    table = fitting(console, *forms, _stacked(columns, numbers))
    yield table
    yield from _beside(result, numbers)
    yield _proof(result, numbers)
    yield from evidence_pieces(result.evidence, result.notes, numbers)


def heading(result: Waterfall, numbers: Numbers, timezone: str) -> str:
    """What is shown: the window and the currency."""
    start, end = (numbers.moment(result.window[name], timezone) for name in ("start", "end"))
    return f"Pipeline waterfall · {start} to {end} · {unit(result.measure, result.currency)}"


def _subheading(result: Waterfall, numbers: Numbers) -> str:
    from datetime import date

    if result.horizon is None:
        dates = "all close dates"
    else:
        first, last = (numbers.day(date.fromisoformat(result.horizon[name])) for name in ("start", "end"))
        dates = f"close dates from {first} to before {last}"
    grouping = f" · by {', '.join(result.by)} {'as is' if result.grouping == 'as_is' else 'as was'}" if result.by else ""
    return f"{result.measure} · {dates}{grouping}"


def _shown_lines(columns: Sequence[tuple[str, Group]]) -> list[str]:
    return [line for line in LINES if any(group.money.lines[line] or group.counts.lines[line] for _, group in columns)]


def _across(columns: Sequence[tuple[str, Group]], numbers: Numbers) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True)
    for name, _ in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Deals", justify="right", style="dim")
    total = columns[-1][1]
    for element, label in ELEMENTS.items():
        strong = "bold" if element in ("starting", "ending") else ""
        cells = [numbers.figure(getattr(group.money, element)) for _, group in columns]
        table.add_row(label, *cells, numbers.count(getattr(total.counts, element)), style=strong, end_section=False)
        if element == "change":
            for line in _shown_lines(columns):
                cells = [numbers.figure(group.money.lines[line]) for _, group in columns]
                table.add_row(f"  {LINES[line]}", *cells, numbers.count(total.counts.lines[line]), style="dim")
        if element == "won" and any(group.counts.lines["reversed"] for _, group in columns):
            for line in ("booked", "reversed"):
                cells = [numbers.figure(group.money.lines[line]) for _, group in columns]
                table.add_row(f"  {line}", *cells, numbers.count(total.counts.lines[line]), style="dim")
    return table


def _down(columns: Sequence[tuple[str, Group]], numbers: Numbers) -> Table:
    """Groups down, elements across: for more groups than fit beside each other."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", overflow="fold")
    for label in ("Starting", "New", "Change", "Won", "Lost", "Ending"):
        table.add_column(label, justify="right", no_wrap=True)
    for name, group in columns:
        cells = [numbers.figure(getattr(group.money, element)) for element in ELEMENTS]
        table.add_row(name, *cells, style="bold" if name == "Total" else "")
    return table


def _stacked(columns: Sequence[tuple[str, Group]], numbers: Numbers) -> Table:
    """One group under the other: for screens that hold no more than one number across."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column("", overflow="fold")
    table.add_column("", justify="right", no_wrap=True)
    for name, group in columns:
        table.add_row(name, "", style="bold")
        for element, label in ELEMENTS.items():
            table.add_row(f"  {label}", numbers.figure(getattr(group.money, element)))
    return table


def _beside(result: Waterfall, numbers: Numbers) -> Iterator[RenderableType]:
    if result.horizon is None:
        return
    total, roll = result.total, result.total.roll
    parts = total.parts["ending"]
    yield Text(
        f"\nEnding pipeline: {numbers.figure(parts['this_quarter'])} this quarter, "
        f"{numbers.figure(parts['next_three'])} next three."
    )
    overdue = [
        f"{numbers.figure(total.overdue[end])} ({numbers.count(total.overdue_counts[end])} deals) at the {label}"
        for end, label in (("starting", "start"), ("ending", "end"))
    ]
    yield Text(f"Overdue beside it, open with a close date passed: {', '.join(overdue)}.")
    yield Text(
        f"Next quarter starts with {numbers.figure(roll['next_starting'])}: ending + {numbers.figure(roll['entering'])} entering "
        f"the horizon − {numbers.figure(roll['overdue'])} overdue."
    )


def _proof(result: Waterfall, numbers: Numbers) -> Text:
    per = "every deal and group" if result.proved == "deals" else "every group"
    return Text(f"✓ Residual {numbers.figure(result.residual)}, for {per}.", style="green")


def evidence_pieces(evidence: Mapping[str, int], notes: Sequence[str], numbers: Numbers) -> Iterator[RenderableType]:
    """How much of the money is observed, reconstructed and unknown, and what the reader noted."""
    gross = sum(evidence.values())
    if gross:
        shares = [f"{numbers.percent(money / gross)} {grade}" for grade, money in evidence.items() if money]
        yield Text(f"Money rests on values {', '.join(shares)}.", style="dim")
    for note in notes:
        yield Text(f"· {note}", style="dim")
