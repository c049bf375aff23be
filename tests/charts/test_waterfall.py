"""The waterfall: what is drawn is what the figures say, and it ties out on the picture too."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.charts.waterfall import waterfall_chart
from tests.charts.charted import bars, group, heading, plain, rows, summed, waterfall

QUARTER = group(
    starting=521_234_000,
    new=213_045_099,
    won=-81_200_000,
    lost=-30_512_000,
    increase=41_000_001,
    decrease=-18_025_000,
    pulled_in=26_000_000,
    pushed_out=-39_000_000,
    parts=True,
)


def minor(place: float) -> int:
    return round(place * 100)


def test_every_bar_begins_where_the_last_one_ended() -> None:
    drawn = bars(waterfall_chart(waterfall(QUARTER)))
    keys = ["starting", "new", "increase", "decrease", "pulled_in", "pushed_out", "won", "lost", "ending"]
    assert [bar["key"] for bar in drawn] == keys
    for earlier, later in pairwise(drawn[:-1]):
        assert minor(later["y"]) == minor(earlier["y2"])
    for bar in drawn[1:-1]:
        assert minor(bar["y2"]) - minor(bar["y"]) == bar["minor"] == (QUARTER | QUARTER["lines"])[bar["key"]]
    assert (minor(drawn[0]["y"]), minor(drawn[0]["y2"])) == (0, QUARTER["starting"])
    assert (minor(drawn[-1]["y"]), minor(drawn[-1]["y2"])) == (0, QUARTER["ending"])
    assert sum(bar["minor"] for bar in drawn[:-1]) == drawn[-1]["minor"]


amounts = st.integers(-(10**13), 10**13)


@settings(max_examples=40, deadline=None)
@given(starting=amounts, new=amounts, won=amounts, lost=amounts, increase=amounts, removed=amounts, detail=st.booleans())
def test_any_figures_that_tie_out_tie_out_on_the_picture(detail: bool, **figures: Any) -> None:
    total = group(**figures)
    drawn = bars(waterfall_chart(waterfall(total), detail=detail))
    assert minor(drawn[-2]["y2"]) == minor(drawn[-1]["y2"]) == total["ending"]
    assert sum(bar["minor"] for bar in drawn[:-1]) == total["ending"]


def test_without_detail_change_is_one_bar() -> None:
    drawn = bars(waterfall_chart(waterfall(QUARTER), detail=False))
    assert [bar["key"] for bar in drawn] == ["starting", "new", "change", "won", "lost", "ending"]
    assert drawn[2]["minor"] == QUARTER["change"]


def test_bars_carry_signed_values_and_exact_ones_on_hover() -> None:
    drawn = {bar["key"]: bar for bar in bars(waterfall_chart(waterfall(QUARTER)))}
    assert plain(drawn["new"]["value"]) == "+2.1 M"
    assert plain(drawn["won"]["value"]) == "−0.8 M"
    assert drawn["new"]["exact"] == "+2,130,450.99"
    assert plain(drawn["lost"]["said"]) == "Lost: −305,120.00 EUR"


def test_the_title_states_the_finding_and_the_subtitle_the_definition() -> None:
    title, subtitle = heading(waterfall_chart(waterfall(QUARTER)))
    assert title == "Pipeline grew by 1.1 M € to 6.3 M €: 2.1 M new, +100 k change, 0.8 M won, 0.3 M lost"
    expected = "1 Jan – 1 Apr 2026 · close dates 1 Jan 2026 – 1 Jan 2027 · amount (EUR), as was · residual 0.00 EUR"
    assert subtitle == expected
    title, subtitle = heading(waterfall_chart(waterfall(QUARTER), locale="fr"))
    assert title.startswith("Le pipeline a augmenté de 1,1 M € pour atteindre 6,3 M €")
    assert "écart 0,00 EUR" in subtitle
    assert heading(waterfall_chart(waterfall(QUARTER), title="Q1"))[0] == "Q1"


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (group(), "No pipeline and no movement in this window"),
        (group(new=500_00), "Pipeline grew from nothing to 500 €: 500 new"),
        (group(starting=500_00, lost=-500_00), "Pipeline fell by 500 € to nothing: 500 lost"),
        (group(starting=500_00), "Pipeline held at 500 €"),
        (group(new=500_00, won=-500_00), "Pipeline ended as it began, empty: 500 new, 500 won"),
        (group(starting=100_00, won=700_00, lost=-200_00), "Pipeline grew by 500 € to 600 €: 700 of wins taken back, 200 lost"),
    ],
)
def test_titles_at_the_edges(total: dict[str, Any], said: str) -> None:
    assert heading(waterfall_chart(waterfall(total)))[0] == said


def test_deals_are_counted_in_deals() -> None:
    title, subtitle = heading(waterfall_chart(waterfall(group(starting=64, new=21, won=-8), measure="count")))
    assert title == "Pipeline grew by 13 to 77 deals: 21 new, 8 won"
    assert "number of deals, as was" in subtitle


def test_overdue_and_evidence_are_told_where_there_is_any() -> None:
    overdue = QUARTER | {"overdue": {"starting": 3_100_000_00, "ending": 0}}
    evidence = {"observed": 72, "reconstructed": 20, "unknown": 8}
    _, subtitle = heading(waterfall_chart(waterfall(overdue, evidence=evidence)))
    assert "Overdue, beside the pipeline: 3.1 M € at start, 0 € at end" in subtitle
    assert "72% observed, 20% reconstructed, 8% unknown" in subtitle


def test_a_window_is_told_in_the_days_of_its_time_zone() -> None:
    rome = waterfall(QUARTER, timezone="Europe/Rome", window={"start": "2025-12-31T23:00:00Z", "end": "2026-03-31T22:00:00Z"})
    assert heading(waterfall_chart(rome))[1].startswith("1 Jan – 1 Apr 2026 ·")


def test_the_two_parts_of_a_level_add_up_to_its_bar() -> None:
    chart = waterfall_chart(waterfall(QUARTER))
    lighter = [row for row in rows(chart, "minor") if row.get("element", "").endswith("next three")]
    assert [minor(row["y2"]) for row in lighter] == [QUARTER["starting"], QUARTER["ending"]]
    assert [minor(row["y"]) for row in lighter] == [QUARTER["starting"] // 3, QUARTER["ending"] // 3]


def test_moves_in_and_out_are_hatched_inside_their_bars() -> None:
    chart = waterfall_chart(waterfall(QUARTER))
    moved = next(bar for bar in bars(chart) if bar["key"] == "pushed_out")
    slanted = [row for row in rows(chart, "y2") if row["x"] != row["x2"] and row["y"] != row["y2"] and "fill" not in row]
    inside = [
        row for row in slanted if moved["x"] - 1e-4 <= min(row["x"], row["x2"]) <= max(row["x"], row["x2"]) <= moved["x2"] + 1e-4
    ]
    assert len(inside) > 3
    low, high = sorted((moved["y"], moved["y2"]))
    assert all(low - 1 <= row[edge] <= high + 1 for row in inside for edge in ("y", "y2"))


REGIONS = [
    group({"region": "EMEA"}, starting=210_000_00, new=83_000_00, won=-41_000_00, transferred_out=-9_000_00),
    group({"region": "Americas"}, starting=90_000_00, lost=-12_000_00, transferred_in=9_000_00),
    group({"region": ""}, starting=0),
]


def test_groups_are_small_multiples_on_one_scale() -> None:
    chart = waterfall_chart(waterfall(summed(REGIONS), REGIONS))
    panels = chart.to_dict()["concat"]
    assert [panel["title"]["text"] for panel in panels] == ["EMEA", "Americas", "(none)"]
    assert plain(panels[0]["title"]["subtitle"]) == "243 k € (+33.0 k)"
    assert pixels_of_a_unit(panels) == pytest.approx([pixels_of_a_unit(panels)[0]] * 3)
    endings = [bar["minor"] for bar in bars(chart) if bar["key"] == "ending"]
    assert sum(endings) == summed(REGIONS)["ending"]


def test_more_than_twelve_groups_are_eleven_and_the_rest_together() -> None:
    owners = [group({"owner": f"Owner {n}"}, starting=(n + 1) * 10_000_00, new=n * 100, lost=-n) for n in range(20)]
    chart = waterfall_chart(waterfall(summed(owners), owners, by=["owner"]))
    panels = chart.to_dict()["concat"]
    assert [panel["title"]["text"] for panel in panels] == [f"Owner {n}" for n in range(9, 20)] + ["Other (9)"]
    assert pixels_of_a_unit(panels) == pytest.approx([pixels_of_a_unit(panels)[0]] * 12)
    for key in ("starting", "new", "lost", "ending"):
        assert sum(bar["minor"] for bar in bars(chart) if bar["key"] == key) == summed(owners)[key]


def pixels_of_a_unit(panels: list[dict[str, Any]]) -> list[float]:
    found = []
    for panel in panels:
        low, high = panel["layer"][0]["encoding"]["y"]["scale"]["domain"]
        found.append(panel["height"] / (high - low))
    return found


def test_a_grouped_waterfall_without_groups_is_its_total() -> None:
    drawn = bars(waterfall_chart(waterfall(group(), [])))
    assert {bar["minor"] for bar in drawn} == {0}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (waterfall(QUARTER | {"ending": 1}), "does not tie out"),
        (waterfall(QUARTER | {"residual": 5}), "residual of 5"),
        (waterfall(QUARTER | {"lines": {}}), "the lines add up to 0"),
        (waterfall(QUARTER | {"parts": {"ending": {"this_quarter": 1, "next_three": 1}}}), "parts of ending add up to 2"),
        (waterfall(QUARTER, REGIONS), "the groups do not add up to the total: starting"),
        (waterfall({"starting": 1}), "new, change, won, lost, ending missing"),
        ({"at": "2026-01-01T00:00:00Z"}, "window, total missing"),
    ],
)
def test_figures_that_do_not_add_up_are_an_error_and_no_chart(broken: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        waterfall_chart(broken)
