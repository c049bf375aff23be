"""The waterfall for people: elements down, groups across, as many as the terminal holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from penstock.cli.numbers import Numbers, locale_of
from penstock.cli.writing import fitting

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.library import History
    from penstock.library.waterfall import Group, Waterfall

ELEMENTS = ("starting", "new", "change", "won", "lost", "ending")
# The lines under change in value; booked and reversed stand under closed won.
LINES = (
    "increase", "decrease", "pulled_in", "pushed_out", "pulled_out", "reopened", "restored", "removed", "transferred_in",
    "transferred_out", "currency", "probability",
)  # fmt: skip


def waterfall_pieces(result: Waterfall, history: History, locale: str | None, console: Console) -> Iterator[RenderableType]:
    """Heading, table, what stands beside the pipeline, the proof, and what the data could not tell."""
    numbers = Numbers(locale_of(locale), result.minor_unit, counts=result.measure == "count")
    yield Text(heading(result, numbers, history.calendar.timezone), style="bold")
    yield Text(_subheading(result, numbers), style="dim")
    columns = [(numbers.group(group.group), group) for group in result.groups] if result.by else []
    columns.append((numbers.say("total"), result.total))
    short = numbers.rounded
    forms = [form(columns, n) for n in (numbers, short) for form in (_across, _down)]
    table = fitting(console, *forms, _stacked(columns, numbers))
    yield table
    yield from _beside(result, numbers)
    yield _proof(result, numbers)
    yield from evidence_pieces(result.evidence, numbers.notes(history.remarks), numbers)


def heading(result: Waterfall, numbers: Numbers, timezone: str) -> str:
    """What is shown: the window and the currency."""
    start, end = (numbers.moment(result.window[name], timezone) for name in ("start", "end"))
    return numbers.say("title.waterfall", start=start, end=end, unit=numbers.unit(result.measure, result.currency))


def _subheading(result: Waterfall, numbers: Numbers) -> str:
    from datetime import date

    if result.horizon is None:
        dates = numbers.say("all_dates")
    else:
        first, last = (numbers.day(date.fromisoformat(result.horizon[name])) for name in ("start", "end"))
        dates = numbers.say("close_dates.between", first=first, last=last)
    by = f" · {numbers.say('by', names=', '.join(result.by))} {numbers.say(result.grouping)}" if result.by else ""
    return f"{numbers.say(f'measure.{result.measure}')} · {dates}{by}"


def _shown_lines(columns: Sequence[tuple[str, Group]]) -> list[str]:
    return [line for line in LINES if any(group.money.lines[line] or group.counts.lines[line] for _, group in columns)]


def _across(columns: Sequence[tuple[str, Group]], numbers: Numbers) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True)
    for name, _ in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(numbers.say("head.deals"), justify="right", style="dim")
    total = columns[-1][1]
    for element in ELEMENTS:
        label = numbers.say(f"element.{element}")
        strong = "bold" if element in ("starting", "ending") else ""
        cells = [numbers.figure(getattr(group.money, element)) for _, group in columns]
        table.add_row(label, *cells, numbers.count(getattr(total.counts, element)), style=strong, end_section=False)
        if element == "change":
            for line in _shown_lines(columns):
                cells = [numbers.figure(group.money.lines[line]) for _, group in columns]
                table.add_row(f"  {numbers.line(line)}", *cells, numbers.count(total.counts.lines[line]), style="dim")
        if element == "won" and any(group.counts.lines["reversed"] for _, group in columns):
            for line in ("booked", "reversed"):
                cells = [numbers.figure(group.money.lines[line]) for _, group in columns]
                table.add_row(f"  {numbers.line(line)}", *cells, numbers.count(total.counts.lines[line]), style="dim")
    return table


def _down(columns: Sequence[tuple[str, Group]], numbers: Numbers) -> Table:
    """Groups down, elements across: for more groups than fit beside each other."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", overflow="fold")
    for element in ELEMENTS:
        table.add_column(numbers.heading(element), justify="right", no_wrap=True)
    for name, group in columns:
        cells = [numbers.figure(getattr(group.money, element)) for element in ELEMENTS]
        table.add_row(name, *cells, style="bold" if group is columns[-1][1] else "")
    return table


def _stacked(columns: Sequence[tuple[str, Group]], numbers: Numbers) -> Table:
    """One group under the other: for screens that hold no more than one number across."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column("", overflow="fold")
    table.add_column("", justify="right", no_wrap=True)
    for name, group in columns:
        table.add_row(name, "", style="bold")
        for element in ELEMENTS:
            table.add_row(f"  {numbers.say(f'element.{element}')}", numbers.figure(getattr(group.money, element)))
    return table


def _beside(result: Waterfall, numbers: Numbers) -> Iterator[RenderableType]:
    if result.horizon is None:
        return
    total, roll = result.total, result.total.roll
    parts = {part: numbers.figure(figure) for part, figure in total.parts["ending"].items()}
    yield Text("\n" + numbers.say("beside.parts", **parts))
    overdue = {
        end: f"{numbers.figure(total.overdue[end])} ({numbers.say('deals', total.overdue_counts[end])})"
        for end in ("starting", "ending")
    }
    yield Text(numbers.say("beside.overdue", **overdue))
    rolled = {"next": roll["next_starting"], "entering": roll["entering"], "overdue": roll["overdue"]}
    yield Text(numbers.say("beside.roll", **{name: numbers.figure(figure) for name, figure in rolled.items()}))


def _proof(result: Waterfall, numbers: Numbers) -> Text:
    return Text(numbers.say(f"proof.{result.proved}", residual=numbers.figure(result.residual)), style="green")


def evidence_pieces(evidence: Mapping[str, int], notes: Sequence[str], numbers: Numbers) -> Iterator[RenderableType]:
    """How much of the money is observed, reconstructed and unknown, and what the reader noted."""
    gross = sum(evidence.values())
    if gross:
        shares = [
            f"{numbers.percent(money / gross)} {numbers.say(f'grade.{grade}')}" for grade, money in evidence.items() if money
        ]
        yield Text(numbers.say("evidence", shares=", ".join(shares)), style="dim")
    for note in notes:
        yield Text(f"· {note}", style="dim")
