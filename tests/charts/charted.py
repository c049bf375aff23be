"""Figures for charts, made to add up, and ways to look into a chart."""

from __future__ import annotations

import re
from typing import Any

LINES = (
    "increase decrease pulled_in pushed_out pulled_out reopened restored removed"
    " transferred_in transferred_out currency probability"
)
ELEMENTS = ("starting", "new", "change", "won", "lost", "ending")


def group(
    named: dict[str, str] | None = None,
    *,
    starting: int = 0,
    new: int = 0,
    won: int = 0,
    lost: int = 0,
    parts: bool = False,
    **lines: int,
) -> dict[str, Any]:
    """One group in the machine-readable form; change and ending follow from the rest."""
    every = {name: lines.get(name, 0) for name in LINES.split()}
    change = sum(every.values())
    ending = starting + new + change + won + lost
    halves = {
        key: {"this_quarter": level // 3, "next_three": level - level // 3}
        for key, level in (("starting", starting), ("ending", ending))
    }
    return {
        "group": named or {},
        "starting": starting,
        "new": new,
        "change": change,
        "won": won,
        "lost": lost,
        "ending": ending,
        "residual": 0,
        "lines": every | {"booked": won, "reversed": 0},
        "parts": halves if parts else {},
        "overdue": {"starting": 0, "ending": 0},
    }


def waterfall(total: dict[str, Any], groups: list[dict[str, Any]] | None = None, **others: Any) -> dict[str, Any]:
    """A waterfall's figures: the first quarter of 2026, in euros."""
    figures = {
        "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"},
        "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
        "measure": "amount",
        "currency": "EUR",
        "minor_unit": 2,
        "grouping": "as_was",
        "by": ["region"] if groups is not None else [],
        "groups": [total] if groups is None else groups,
        "total": total,
        "roll": {"entering": 0, "overdue": 0, "next_starting": 0},
        "evidence": {"observed": 1, "reconstructed": 0, "unknown": 0},
    }
    return figures | others


def summed(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """The total of groups without parts."""
    lines = {name: sum(one["lines"][name] for one in groups) for name in LINES.split()}
    plain = {key: sum(one[key] for one in groups) for key in ("starting", "new", "won", "lost")}
    return group(**plain, **lines)


def trend(points: list[tuple[str, dict[str, int]]], **others: Any) -> dict[str, Any]:
    """A trend's figures from (instant, amounts by stage)."""
    made = []
    for at, amounts in points:
        groups = [{"group": {"stage": name}, **_measures(amount)} for name, amount in amounts.items()]
        made.append({"at": at, "groups": groups, "total": _measures(sum(amounts.values()))})
    return {"measure": "amount", "currency": "EUR", "minor_unit": 2, "by": ["stage"], "points": made} | others


def _measures(amount: int) -> dict[str, int]:
    return {"amount": amount, "weighted": amount // 2, "count": amount // 100}


def rows(chart: Any, having: str) -> list[dict[str, Any]]:
    """The rows of the chart's data that have that field, in the order they are drawn."""
    found: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> None:
        data = node.get("data", {})
        given = spec.get("datasets", {}).get(data["name"], []) if "name" in data else data.get("values", [])
        found.extend(row for row in given if having in row)
        for key in ("layer", "concat"):
            for inner in node.get(key, []):
                walk(inner)

    spec = chart.to_dict()
    walk(spec)
    return found


def bars(chart: Any) -> list[dict[str, Any]]:
    """The bars of a waterfall from left to right; not the lighter part that lies on a bar."""
    drawn = [row for row in rows(chart, "minor") if "key" in row and " " not in row["key"] and "," not in row["element"]]
    return sorted(drawn, key=lambda row: row["x"])


def heading(chart: Any) -> tuple[str, str]:
    """Title and subtitle, each as one line with plain spaces."""
    title = chart.to_dict()["title"]
    return plain(" ".join(title["text"])), plain(" | ".join(title["subtitle"]))


def plain(text: str) -> str:
    """With plain spaces for hard and narrow ones."""
    return re.sub(r"[\u00a0\u202f]", " ", text)
