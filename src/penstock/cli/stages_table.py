"""The stage figures for people: one small table for each question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from penstock.cli.numbers import Numbers, locale_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from penstock.cli.options import Asked
    from penstock.library import History

Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], str]]


def stage_pieces(report: Mapping[str, Any], history: History, asked: Asked) -> Iterator[RenderableType]:
    """All tables of a stage report in its machine-readable form."""
    n = Numbers(locale_of(asked.locale), report["minor_unit"])
    start, end = (n.moment(report["window"][name], history.calendar.timezone) for name in ("start", "end"))
    yield Text(n.say("title.stages", start=start, end=end, unit=n.unit("amount", report["currency"])), style="bold")
    for title, rows, columns in (
        ("conversion", _open(report), _conversion(n)),
        ("time", report["time_in_stage"], _times(n)),
        ("period", report["win_rate"]["period"], _period(n)),
        ("cohort", report["win_rate"]["cohort"], _cohort(n)),
        ("survival", report["win_rate"]["survival"], _survival(n)),
        ("cycle", report["sales_cycle"], _cycle(n)),
        ("age", report["age"], _age(n)),
        ("velocity", report["velocity"], _velocity(n)),
        ("slippage", report["slippage"], _slippage(n)),
    ):
        yield Text("\n" + n.say(f"stages.{title}"), style="bold")
        yield _table(rows, columns, n, bool(report["by"])) if rows else Text(f"  {n.say('nothing')}", style="dim")
    for note in n.notes(history.remarks):
        yield Text(f"· {note}", style="dim")


def _open(report: Mapping[str, Any]) -> list[Row]:
    return [row for row in report["conversion"] if row["outcome"] is None]


def _table(rows: Sequence[Row], columns: Sequence[Column], n: Numbers, by: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 1), header_style="dim")
    words: list[Column] = [("group", lambda row: n.group(row["group"]))] if by else []
    if "stage" in rows[0]:
        words.append(("stage", lambda row: row["stage"] or n.say("all")))
    for name, _ in words:
        table.add_column(n.say(f"column.{name}"))
    for name, _ in columns:
        table.add_column(n.say(f"column.{name}"), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*[text(row) for _, text in (*words, *columns)])
    return table


def _counts(n: Numbers, *names: str) -> list[Column]:
    return [(name, lambda row, name=name: n.count(row[name])) for name in names]  # type: ignore[misc]


def _days(n: Numbers, *names: str) -> list[Column]:
    return [(name, lambda row, name=name: n.days(row[name])) for name in names]  # type: ignore[misc]


def _rate(n: Numbers, name: str = "rate", key: str = "rate") -> Column:
    return name, lambda row: n.percent(row[key])


def _money(n: Numbers, name: str) -> Column:
    return name, lambda row: "–" if row[name] is None else n.money(round(row[name]))


def _conversion(n: Numbers) -> list[Column]:
    return [*_counts(n, "entered", "advanced", "pending", "lost", "back", "skipped"), _rate(n)]


def _times(n: Numbers) -> list[Column]:
    return [*_counts(n, "n", "completed", "open"), *_days(n, "median", "p90")]


def _period(n: Numbers) -> list[Column]:
    return [*_counts(n, "won", "lost"), _rate(n), _money(n, "won_money"), _rate(n, "by_money", "money_rate")]


def _cohort(n: Numbers) -> list[Column]:
    return [*_counts(n, "created", "won", "lost", "removed", "open"), _rate(n), _rate(n, "by_money", "money_rate")]


def _survival(n: Numbers) -> list[Column]:
    return [*_counts(n, "n"), *_days(n, "age"), _rate(n, "won_by_then"), _rate(n, "by_money", "money_rate")]


def _cycle(n: Numbers) -> list[Column]:
    return [*_counts(n, "n"), *_days(n, "median", "p90", "mean"), *_counts(n, "uncounted")]


def _age(n: Numbers) -> list[Column]:
    return [*_counts(n, "n"), *_days(n, "median", "p90", "mean")]


def _velocity(n: Numbers) -> list[Column]:
    return [
        *_counts(n, "opportunities"),
        _rate(n, "win_rate", "win_rate"),
        _money(n, "average_won"),
        ("cycle", lambda row: n.days(row["cycle"])),
        _money(n, "per_day"),
    ]


def _slippage(n: Numbers) -> list[Column]:
    return [
        *_counts(n, "due", "slipped"),
        _rate(n),
        _money(n, "due_money"),
        _money(n, "slipped_money"),
        _rate(n, "by_money", "money_rate"),
    ]
