"""The stage figures for people: one small table for each question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from penstock.cli.numbers import Numbers, group_name, locale_of, unit

if TYPE_CHECKING:
    from rich.console import RenderableType

Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], str]]


def stage_pieces(report: Mapping[str, Any], locale: str | None, timezone: str) -> Iterator[RenderableType]:
    """All tables of a stage report in its machine-readable form."""
    n = Numbers(locale_of(locale), report["minor_unit"])
    start, end = (n.moment(report["window"][name], timezone) for name in ("start", "end"))
    yield Text(f"Stages · {start} to {end} · {unit('amount', report['currency'])}", style="bold")
    by = bool(report["by"])
    for title, rows, columns in (
        ("Conversion: of the deals that entered a stage in the window, how many got past it", _open(report), _conversion(n)),
        ("Time in stage, days (open deals censored)", report["time_in_stage"], _times(n)),
        ("Win rate of the period: won ÷ (won + lost) closed in the window", report["win_rate"]["period"], _period(n)),
        ("Win rate of the cohort: won ÷ created in the window", report["win_rate"]["cohort"], _cohort(n)),
        ("Win rate by age: share won, with open deals censored", report["win_rate"]["survival"], _survival(n)),
        ("Sales cycle, days from first counted to won", report["sales_cycle"], _cycle(n)),
        ("Age of open deals at the window's end, days", report["age"], _age(n)),
        ("Velocity: opportunities × win rate × average won ÷ cycle", report["velocity"], _velocity(n)),
        ("Slippage: due in the window at its start, and still open at its end", report["slippage"], _slippage(n)),
    ):
        yield Text(f"\n{title}", style="bold")
        yield _table(rows, columns, by) if rows else Text("  nothing in the window", style="dim")
    for note in report["notes"]:
        yield Text(f"· {note}", style="dim")


def _open(report: Mapping[str, Any]) -> list[Row]:
    return [row for row in report["conversion"] if row["outcome"] is None]


def _table(rows: Sequence[Row], columns: Sequence[Column], by: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 1), header_style="dim")
    shown: list[Column] = [("group", lambda row: group_name(row["group"]))] if by else []
    if "stage" in rows[0]:
        shown.append(("stage", lambda row: row["stage"] or "all"))
    for name, _ in (*shown, *columns):
        table.add_column(name, justify="left" if name in ("group", "stage") else "right", no_wrap=name not in ("group", "stage"))
    for row in rows:
        table.add_row(*[text(row) for _, text in (*shown, *columns)])
    return table


def _counts(n: Numbers, *names: str) -> list[Column]:
    return [(name.replace("_", " "), lambda row, name=name: n.count(row[name])) for name in names]  # type: ignore[misc]


def _days(n: Numbers, *names: str) -> list[Column]:
    return [(name, lambda row, name=name: n.days(row[name])) for name in names]  # type: ignore[misc]


def _rate(n: Numbers, name: str = "rate", key: str = "rate") -> Column:
    return name, lambda row: n.percent(row[key])


def _money(n: Numbers, name: str, key: str) -> Column:
    return name, lambda row: "–" if row[key] is None else n.money(round(row[key]))


def _conversion(n: Numbers) -> list[Column]:
    return [*_counts(n, "entered", "advanced", "pending", "lost", "back", "skipped"), _rate(n)]


def _times(n: Numbers) -> list[Column]:
    return [*_counts(n, "n", "completed", "open"), *_days(n, "median", "p90")]


def _period(n: Numbers) -> list[Column]:
    return [*_counts(n, "won", "lost"), _rate(n), _money(n, "won money", "won_money"), _rate(n, "by money", "money_rate")]


def _cohort(n: Numbers) -> list[Column]:
    return [*_counts(n, "created", "won", "lost", "removed", "open"), _rate(n), _rate(n, "by money", "money_rate")]


def _survival(n: Numbers) -> list[Column]:
    return [*_counts(n, "n"), *_days(n, "age"), _rate(n, "won by then"), _rate(n, "by money", "money_rate")]


def _cycle(n: Numbers) -> list[Column]:
    return [*_counts(n, "n"), *_days(n, "median", "p90", "mean"), *_counts(n, "uncounted")]


def _age(n: Numbers) -> list[Column]:
    return [*_counts(n, "n"), *_days(n, "median", "p90", "mean")]


def _velocity(n: Numbers) -> list[Column]:
    return [
        *_counts(n, "opportunities"),
        _rate(n, "win rate", "win_rate"),
        _money(n, "average won", "average_won"),
        ("cycle", lambda row: n.days(row["cycle"])),
        _money(n, "money per day", "per_day"),
    ]


def _slippage(n: Numbers) -> list[Column]:
    return [
        *_counts(n, "due", "slipped"),
        _rate(n),
        _money(n, "due money", "due_money"),
        _money(n, "slipped money", "slipped_money"),
        _rate(n, "by money", "money_rate"),
    ]
