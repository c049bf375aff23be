"""Funnel and win-by-age curves."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.charts.funnel import funnel_chart
from penstock.charts.survival import survival_chart
from tests.charts.charted import heading, plain, rows

STAGES: list[dict[str, Any]] = [
    {"stage": "Discovery", "entered": 1240, "advanced": 702, "pending": 180, "lost": 330, "rate": 702 / 1240},
    {"stage": "Proposal", "entered": 420, "advanced": 160, "pending": 61, "lost": 199, "rate": None},
    {"stage": "Verbal", "entered": 0, "advanced": 0, "pending": 0, "lost": 0, "rate": None},
]


def test_each_row_is_as_long_as_what_entered() -> None:
    parts = rows(funnel_chart(STAGES), "number")
    discovery = [part for part in parts if part["stage"] == "Discovery"]
    assert [(part["key"], part["number"]) for part in discovery] == [
        ("advanced", 702),
        ("pending", 180),
        ("lost", 330),
        ("other", 28),
    ]
    assert (discovery[0]["x"], discovery[-1]["x2"]) == (0, 1240)
    assert all(part["x2"] - part["x"] == part["number"] for part in parts)


def test_counts_and_rates_are_written() -> None:
    words = {plain(row["text"]) for row in rows(funnel_chart(STAGES), "text")}
    assert {"1,240 entered", "180 still there · 330 lost · 28 removed", "↓ 57% go on", "↓ 38% go on", "0 entered"} <= words


def test_the_title_names_the_narrowest_stage() -> None:
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}
    title, subtitle = heading(funnel_chart(STAGES, window=window))
    assert title == "Proposal lets the fewest through: 38% of 420"
    assert subtitle.startswith("1 Jan – 1 Apr 2026 · ")
    assert heading(funnel_chart([], locale="it"))[0] == "Nessuna trattativa è entrata in una fase"


def test_more_leaving_than_entering_is_refused() -> None:
    with pytest.raises(ValueError, match="stage Discovery: 10 entered, but 11"):
        funnel_chart([{"stage": "Discovery", "entered": 10, "advanced": 6, "pending": 0, "lost": 5, "rate": 0.6}])


CURVE = {
    "name": "EMEA",
    "points": [
        {"age": 30, "share": 0.1, "low": 0.05, "high": 0.2},
        {"age": 90, "share": 0.305, "low": 0.2, "high": 0.4},
        {"age": 200, "share": 0.305, "low": 0.2, "high": 0.4},
    ],
}


def test_a_curve_begins_with_nothing_won_and_says_what_it_reaches() -> None:
    chart = survival_chart({"curves": [CURVE], "level": 0.9})
    line = rows(chart, "high")
    assert [(row["x"], row["y"]) for row in line] == [(0, 0), (30, 0.1), (90, 0.305), (200, 0.305)]
    title, subtitle = heading(chart)
    assert title == "31% won within 90 days"
    assert subtitle.endswith("band: 90% confidence")


def test_curves_without_bands_and_without_wins() -> None:
    bare = {"curves": [{"name": "", "points": [{"age": 10, "share": 0.0, "low": None, "high": None}]}]}
    title, subtitle = heading(survival_chart(bare))
    assert title == "No deal was won yet"
    assert "band" not in subtitle
    assert heading(survival_chart({"curves": []}))[0] == "No deal was won yet"


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([{"age": 9, "share": 0.1}, {"age": 3, "share": 0.2}], "must not fall: 3 stands after 9"),
        ([{"age": 9, "share": 1.1}], "between 0 and 1"),
        ([{"age": 9, "share": 0.3, "low": 0.4, "high": 0.5}], "not in order"),
    ],
)
def test_curves_that_cannot_be_are_refused(points: list, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        survival_chart({"curves": [{"name": "", "points": points}]})
