"""The objects that answers come in: they add up to each other, become frames and charts, and drill down to the deals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import penstock
from penstock import History, Waterfall
from penstock.demo.company import write_history
from penstock.ledger.postings import ELEMENTS, LINES

QUARTER = "2025Q4"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """The demo company."""
    path = tmp_path_factory.mktemp("demo") / "history.csv"
    write_history(path, deals=150)
    return penstock.read(path)


@pytest.fixture(scope="module")
def waterfall(history: History) -> Waterfall:
    return history.waterfall(QUARTER, by="region")


def test_the_company_has_something_to_show(waterfall: Waterfall):
    """Without that the tests below would prove little."""
    assert len(waterfall.groups) >= 3
    assert all((waterfall.starting, waterfall.new, waterfall.change, waterfall.won, waterfall.lost, waterfall.ending))
    assert sum(1 for line in LINES if waterfall.total.counts.lines[line]) >= 4


def test_a_waterfall_adds_up(waterfall: Waterfall):
    assert waterfall.starting + waterfall.new + waterfall.change + waterfall.won + waterfall.lost == waterfall.ending
    assert waterfall.residual == 0
    assert waterfall.proved == "deals"
    for name in ("starting", "new", "change", "won", "lost", "ending"):
        assert getattr(waterfall, name) == sum(getattr(group.money, name) for group in waterfall.groups)


def cells(waterfall: Waterfall) -> Iterator[tuple[dict[str, str | None], str, str, int]]:
    """Every figure between the two ends: group, what to narrow by, its name, its money."""
    for group in waterfall.groups:
        for element in ELEMENTS:
            yield dict(group.group), "element", element, getattr(group.money, element)
        for line, money in group.money.lines.items():
            yield dict(group.group), "line", line, money


def test_the_drill_under_each_cell_adds_up_to_it(history: History, waterfall: Waterfall):
    """One drill for each group, narrowed here as the library narrows; a few cells are asked of the library itself."""
    for group in waterfall.groups:
        rows = list(waterfall.postings(group=group.group).rows())
        assert all(row["group"] == group.group for row in rows)
        for named, narrow, name, money in cells(waterfall):
            if named == group.group:
                assert sum(row["amount"] for row in rows if row[narrow] == name) == money
    asked = [cell for cell in cells(waterfall) if cell[3]][::6]
    assert len(asked) >= 3
    for group_values, narrow, name, money in asked:
        only: dict[str, Any] = {narrow: name}
        assert history.postings(QUARTER, by="region", group=group_values, **only).total == money


def test_a_drill_for_something_that_there_is_not(history: History, waterfall: Waterfall):
    for wrong, says in (({"element": "gained"}, "gained"), ({"line": "up"}, "up"), ({"group": {"owner": "Ada"}}, "owner")):
        with pytest.raises(ValueError, match=says):
            waterfall.postings(**wrong)


def test_deals_under_a_snapshot_add_up_to_it(history: History):
    for at in ("2025-10-15", "2026-01-01"):
        snapshot = history.snapshot(at, by=("region", "stage"))
        deals = history.deals(at, by=("region", "stage")).to_pyarrow().to_pylist()
        assert len({deal["opportunity_id"] for deal in deals}) == len(deals)
        for group in (*snapshot.groups, {"group": {}, **snapshot.total}):
            for place, figures in (("pipeline", group), ("overdue", group["overdue"])):
                held = [
                    deal
                    for deal in deals
                    if deal["place"] == place and all(deal[f"group_{name}"] == value for name, value in group["group"].items())
                ]
                assert {name: sum(deal[name] for deal in held) for name in ("amount", "weighted", "count")} == {
                    name: figures[name] for name in ("amount", "weighted", "count")
                }


def test_snapshot_waterfall_and_trend_agree(history: History, waterfall: Waterfall):
    start, end = history.quarter(QUARTER)
    at_end = history.snapshot(end, by="region", horizon=(start, history.quarter("2026Q3")[1]))
    assert at_end.total["amount"] == waterfall.ending
    assert at_end.total["overdue"]["amount"] == waterfall.total.overdue["ending"]
    trend = history.trend(start, end, every="quarter", by="region")
    assert [point["total"]["amount"] for point in trend.points] == [waterfall.starting, waterfall.total.roll["next_starting"]]


def test_net_labels_add_up(history: History, waterfall: Waterfall):
    net = history.net(QUARTER)
    assert (net.starting, net.ending) == (waterfall.starting, waterfall.ending)
    assert sum(label["amount"] for label in net.labels.values()) == net.ending - net.starting
    assert (
        sum(label["count"] for label in net.labels.values())
        == len(net.deals)
        == len({deal["opportunity_id"] for deal in net.deals})
    )


def test_frames(history: History, waterfall: Waterfall):
    frame = waterfall.to_frame()
    assert list(frame["region"]) == [group.group["region"] for group in waterfall.groups]
    assert int(frame["ending"].sum()) == waterfall.ending
    assert int(frame["booked"].sum()) == waterfall.lines["booked"]
    assert int(frame["count_won"].sum()) == waterfall.total.counts.won
    assert (frame["residual"] == 0).all()
    postings = waterfall.postings().to_frame()
    assert int(postings["amount"].sum()) == waterfall.ending - waterfall.starting
    assert {"opportunity_id", "at", "element", "line", "region", "before_stage", "after_stage"} <= set(postings.columns)
    snapshot = history.snapshot("2026-01-01", by="region")
    assert int(snapshot.to_frame()["weighted"].sum()) == snapshot.total["weighted"]
    assert int(snapshot.to_frame()["overdue_count"].sum()) == snapshot.total["overdue"]["count"]
    trend = history.trend("2025-10-01", "2026-01-01", every="month", by="region")
    sums = trend.to_frame().groupby("at")["amount"].sum()
    assert [int(money) for money in sums] == [point["total"]["amount"] for point in trend.points]
    net = history.net(QUARTER)
    assert int(net.to_frame()["amount"].sum()) == net.ending - net.starting


def test_a_frame_keeps_a_dimension_that_is_named_like_a_line(history: History):
    frame = history.waterfall(QUARTER, by="currency").to_frame()
    assert list(frame["group_currency"]) == ["EUR"]
    assert list(frame["currency"]) == [0]


def test_answers_are_plain_data(history: History, waterfall: Waterfall):
    for answer in (waterfall, history.net(QUARTER), history.snapshot("2026-01-01"), history.trend("2025-12-01", "2026-01-01")):
        assert json.loads(json.dumps(answer.to_dict())) == answer.to_dict()


def test_charts(history: History, waterfall: Waterfall):
    for chart in (
        waterfall.chart(title="Last quarter"),
        history.trend("2025-10-01", "2026-01-01", by="stage").chart(theme="dark"),
    ):
        spec = chart.to_dict()
        assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
        assert (
            "Last quarter" in json.dumps(spec) or "dark" in json.dumps(spec).lower() or spec["config"]["background"] != "#ffffff"
        )


def test_all_groups_at_once_or_one_after_the_other(history: History, waterfall: Waterfall):
    """By two dimensions, each group's parts add up to the group by one."""
    both = history.waterfall(QUARTER, by=("region", "owner"))
    for group in waterfall.groups:
        parts = [part for part in both.groups if part.group["region"] == group.group["region"]]
        assert sum(part.money.ending for part in parts) == group.money.ending
        assert sum(part.money.starting for part in parts) == group.money.starting


def test_a_waterfall_without_the_proof_of_every_deal_says_so(history: History):
    assert history.waterfall(QUARTER, prove=False).proved == "groups"


def test_nothing_is_computed_until_it_is_asked_for(history: History):
    """The lazy tables are Ibis tables: they can be narrowed further where the data is."""
    wins = history.postings(QUARTER, line="booked").table
    assert wins.count().to_pyarrow().as_py() == -history.waterfall(QUARTER).total.counts.lines["booked"]
    large = history.deals("2026-01-01").filter(lambda deal: deal.amount > 10**6)
    assert 0 < large.count().to_pyarrow().as_py() < history.snapshot("2026-01-01").total["count"] + 100


def test_charts_and_tables_are_written_where_told(waterfall: Waterfall, tmp_path: Path):
    from penstock.charts.save import save

    save(waterfall.chart(), tmp_path / "chart.svg")
    assert (tmp_path / "chart.svg").read_text(encoding="utf-8").startswith("<svg")
