"""The pipeline of a history over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from penstock.ledger import trend as ledger_trend
from penstock.ledger.calendar import FiscalCalendar
from penstock.ledger.instants import iso, to_micros
from penstock.library.figures import Trend
from penstock.library.pipeline import group_order, group_values, horizon_dict
from penstock.library.view import Moment, View, horizon_at, instant, period

if TYPE_CHECKING:
    from penstock.library.history import History

EVERY = ("day", "week", "month", "quarter")
_MEASURES = ("amount", "weighted", "count")
_MOST_POINTS = 4_000


def trend(history: History, start: Moment, end: Moment, view: View, *, every: str, instants: Sequence[Moment]) -> Trend:
    """Open pipeline just before each instant. Raises ValueError for a step that there is not, or for too many instants."""
    calendar = history.calendar
    points = sorted({instant(moment, calendar) for moment in instants}) or _instants(start, end, every, calendar)
    if len(points) > _MOST_POINTS:
        raise ValueError(f"A trend of {len(points)} points cannot be read. Take a longer step, or a shorter window.")
    question = history.question(period(points[0], points[-1], calendar), view)
    choice = history.horizon_choice(view)
    horizons = [horizon_at(calendar.local_date(point), choice, calendar) for point in points]
    micros = [to_micros(point) for point in points]
    table = ledger_trend.trend(history.movements(view.known_at), micros, horizons, question)
    by_position: dict[int, list[dict[str, Any]]] = {}
    for row in table.to_pyarrow().to_pylist():
        group = {"group": group_values(row, question.by)} | {measure: row[measure] for measure in _MEASURES}
        by_position.setdefault(row["position"], []).append(group)
    return Trend(
        measure=question.measure,
        currency=history.currencies.report,
        minor_unit=history.currencies.minor_unit,
        grouping="as_is" if question.as_is else "as_was",
        by=question.by,
        points=tuple(_point(history, point, by_position.get(place, [])) for place, point in enumerate(points)),
        horizon={"rolling": "4q"} if choice == "4q" else horizon_dict(horizons[0]),
        notes=history.notes,
    )


def _point(history: History, at: datetime, groups: list[dict[str, Any]]) -> dict[str, Any]:
    ordered = sorted(groups, key=lambda group: group_order(history, group["group"]))
    total = {measure: sum(group[measure] for group in groups) for measure in _MEASURES}
    return {"at": iso(at), "groups": ordered, "total": total}


def _instants(start: Moment, end: Moment, every: str, calendar: FiscalCalendar) -> list[datetime]:
    """The starts of the steps inside the window, in the company's zone, with the window's own ends."""
    first, last = instant(start, calendar), instant(end, calendar)
    if last <= first:
        raise ValueError(f"The window ends ({end}) before it starts ({start}). Swap the two.")
    days = _days(calendar.local_date(first), calendar.local_date(last), every, calendar)
    return sorted({first, last, *(at for at in map(calendar.midnight, days) if first < at < last)})


def _days(first: date, last: date, every: str, calendar: FiscalCalendar) -> list[date]:
    if every not in EVERY:
        raise ValueError(f"There is no step {every!r}. There are: {', '.join(EVERY)}.")
    if every in ("day", "week"):
        step = timedelta(days=1 if every == "day" else 7)
        return [first + step * number for number in range((last - first) // step + 1)]
    days, quarter = [], calendar.quarter_of(first)
    while quarter.start <= last:
        days += [quarter.start] if every == "quarter" else [begin for begin, _ in calendar.periods(quarter)]
        quarter = calendar.shift(quarter, 1)
    return days
