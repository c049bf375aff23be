"""The trend: a stack that adds up at every instant, named at its right edge, on an axis that fits its length."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.charts.dates import ticks
from penstock.charts.plane import nice_levels
from penstock.charts.trend import spread, trend_chart
from tests.charts.charted import heading, plain, rows, trend

POINTS = [
    ("2026-01-01T00:00:00Z", {"Discovery": 100_000_00, "Proposal": 50_000_01}),
    ("2026-01-08T00:00:00Z", {"Discovery": 120_000_00, "Proposal": 0, "Won deals": 7}),
    ("2026-01-15T00:00:00Z", {"Proposal": 90_000_00, "Won deals": 10_000_00}),
]


def ends(figures: dict, locale: str = "en") -> list[str]:
    """The words beside the right edge."""
    return [plain(row["text"]) for row in rows(trend_chart(figures, locale=locale), "text")]


def test_the_stack_adds_up_at_every_instant() -> None:
    stacked = rows(trend_chart(trend(POINTS)), "minor")
    for at, amounts in POINTS:
        place = datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() * 1000
        layers = {row["name"]: row for row in stacked if row["x"] == place}
        assert {name: row["minor"] for name, row in layers.items() if row["minor"]} == {k: v for k, v in amounts.items() if v}
        assert round(max(row["y2"] for row in layers.values()) * 100) == sum(amounts.values())
        assert all(round((row["y2"] - row["y"]) * 100) == row["minor"] for row in layers.values())


def test_groups_keep_the_order_given_from_the_bottom() -> None:
    """A stage that comes up later stands where it stands in its own point."""
    later = [
        ("2026-01-01T00:00:00Z", {"Discovery": 1_00, "Negotiation": 1_00}),
        ("2026-01-02T00:00:00Z", {"Discovery": 1_00, "Proposal": 1_00, "Negotiation": 1_00}),
    ]
    last = rows(trend_chart(trend(later)), "minor")
    order = list(dict.fromkeys(row["name"] for row in last))
    assert order == ["Discovery", "Proposal", "Negotiation"]


def test_each_group_is_named_with_its_last_value() -> None:
    words = ends(trend(POINTS))
    assert "Proposal  90.0 k" in words
    assert "Discovery  0" in words
    assert "Total  100 k €" in words


def test_many_groups_get_a_legend_with_all_of_them() -> None:
    many = {f"Owner {n}": (n + 1) * 1_000_00 for n in range(30)}
    words = ends(trend([(at, many) for at in ("2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z")]))
    assert sum(word.startswith("Owner ") for word in words) == 30


def test_the_measure_is_chosen_by_the_figures() -> None:
    title, _ = heading(trend_chart(trend(POINTS[:2], measure="count")))
    assert title.startswith("Pipeline fell by 30.0 k to 120 k deals")
    title, _ = heading(trend_chart(trend(POINTS[:2], measure="weighted")))
    assert title.startswith("Weighted pipeline fell by 15.0 k € to 60.0 k €")


def test_the_title_names_what_moved_most() -> None:
    title, subtitle = heading(trend_chart(trend(POINTS)))
    assert title == "Pipeline fell by 50.0 k € to 100 k €; Discovery moved most, −100 k"
    assert subtitle == "1 Jan 2026 – 15 Jan 2026 · amount (EUR), by stage"


def test_nothing_is_a_chart_that_says_so() -> None:
    title, _ = heading(trend_chart(trend([(at, {}) for at, _ in POINTS])))
    assert title == "No pipeline from 1 Jan 2026 to 15 Jan 2026"


def test_one_instant_is_one_bar() -> None:
    chart = trend_chart(trend(POINTS[:1]))
    bar = [row for row in rows(chart, "minor") if "fill" in row]
    assert [row["minor"] for row in bar] == [100_000_00, 50_000_01]
    assert all(row["x2"] > row["x"] for row in bar)


def test_a_trend_without_groups_is_its_total() -> None:
    figures = trend(POINTS)
    points = [point | {"groups": []} for point in figures["points"]]
    assert "100 k €" in ends(figures | {"points": points, "by": []})


def test_what_is_below_zero_lies_below_zero() -> None:
    chart = trend_chart(
        trend([(at, {"A": 300, "B": -200, "C": -100}) for at in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")])
    )
    lowest = {row["name"]: min(row["y"], row["y2"]) for row in rows(chart, "minor")}
    assert lowest == {"A": 0, "B": -2, "C": -3}


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([], "no points"),
        ([POINTS[1], POINTS[0]], "forward in time"),
        ([POINTS[0], POINTS[0]], "forward in time"),
    ],
)
def test_points_that_cannot_be_drawn_are_refused(points: list, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        trend_chart(trend(points))


def test_groups_that_miss_the_total_are_refused() -> None:
    figures = trend(POINTS)
    figures["points"][1]["total"]["amount"] += 1
    with pytest.raises(ValueError, match=r"2026-01-08.*add up to 12000007, the total is 12000008"):
        trend_chart(figures)


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (3, ["1 Jan 2025", "2 Jan", "3 Jan", "4 Jan"]),
        (21, ["1 Jan 2025", "8 Jan", "15 Jan", "22 Jan"]),
        (120, ["Jan 2025", "Feb", "Mar", "Apr", "May"]),
        (730, ["Jan 2025", "Apr", "Jul", "Oct", "Jan 2026", "Apr", "Jul", "Oct", "Jan 2027"]),
        (1500, ["2025", "2026", "2027", "2028", "2029"]),
    ],
)
def test_the_time_axis_fits_its_length(days: int, shown: list[str]) -> None:
    first = datetime(2025, 1, 1, tzinfo=UTC)
    assert [words for _, words in ticks(first, first + timedelta(days=days), "en")] == shown


@given(st.integers(0, 20_000), st.integers(0, 86_399))
def test_the_time_axis_is_never_crowded_nor_outside(days: int, second: int) -> None:
    first = datetime(2001, 5, 17, tzinfo=UTC) + timedelta(seconds=second)
    last = first + timedelta(days=days)
    found = ticks(first, last, "en")
    assert len(found) <= 14
    assert all(first <= moment <= last for moment, _ in found)


@given(st.floats(-1e12, 0, allow_subnormal=False), st.floats(0.01, 1e12))
def test_a_value_axis_holds_its_values_in_few_round_steps(low: float, high: float) -> None:
    levels = nice_levels(low, high)
    assert levels[0] <= low
    assert levels[-1] >= high
    assert 2 <= len(levels) <= 7


@given(st.lists(st.floats(0, 320), max_size=10))
def test_names_keep_their_order_and_do_not_touch(places: list[float]) -> None:
    moved = spread(places, 16, 320)
    order = sorted(range(len(places)), key=lambda at: places[at])
    for upper, lower in pairwise(order):
        assert moved[lower] - moved[upper] >= 16 - 1e-9
    assert all(place <= 312 + 1e-9 for place in moved)
