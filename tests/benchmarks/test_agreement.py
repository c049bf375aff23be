"""The benchmark compares answers to the same question: pandas and a table of snapshots are oracles of Penstock's figures here."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from benchmarks import peers, questions
from benchmarks.asked import QUESTIONS, Answer
from benchmarks.generate import generate
from benchmarks.run import Results, agreement, cell
from benchmarks.setting import Setting

DEALS = 1_500


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    setting = Setting(tmp_path_factory.mktemp("benchmark"), threads=2, memory="1GB")
    generate(setting.history, deals=DEALS, memory="1GB")
    questions.build(setting)
    for contender in ("weekly", "daily"):
        peers.CONTENDERS[contender].build(setting)
    return setting


def answer(contender: str, question: str, setting: Setting) -> Answer:
    side = questions if contender == "penstock" else peers.CONTENDERS[contender]
    found: Answer = side.asking(question, setting)()
    return found


def test_the_same_deals_are_made_again_and_they_are_shuffled(setting: Setting, tmp_path: Path) -> None:
    again = tmp_path / "again.parquet"
    versions = generate(again, deals=DEALS, threads=1, memory="1GB")
    assert again.read_bytes() == setting.history.read_bytes()
    assert versions == pytest.approx(10 * DEALS, rel=0.05)
    ids = [row[0] for row in duckdb.sql(f"SELECT opportunity_id FROM '{again}'").fetchall()]
    assert sum(here == there for here, there in pairwise(ids)) < 50


def test_deals_live_as_deals_do(setting: Setting) -> None:
    last = f"SELECT opportunity_id, arg_max(status, seq) AS status FROM '{setting.history}' GROUP BY 1"
    counts = dict(duckdb.sql(f"SELECT status, count(*) FROM ({last}) GROUP BY 1").fetchall())
    assert 0.2 < counts["won"] / (counts["won"] + counts["lost"]) < 0.3
    assert counts["open"] > 0.03 * DEALS
    steps = (
        f"SELECT stage_order - lag(stage_order) OVER (PARTITION BY opportunity_id ORDER BY seq) AS step FROM '{setting.history}'"
    )
    forward, back = duckdb.sql(f"SELECT count(*) FILTER (step > 0), count(*) FILTER (step < 0) FROM ({steps})").fetchall()[0]
    assert forward > 5 * back > 0


@pytest.mark.parametrize("contender", ["pandas", "daily"])
def test_the_quarter_starts_and_ends_with_the_same_pipeline(setting: Setting, contender: str) -> None:
    ours, theirs = answer("penstock", "waterfall", setting), answer(contender, "waterfall", setting)
    assert agreement(ours, theirs) == "same figures"
    assert all(ending > 0 for _, ending in ours.values())
    assert len(ours) == 5


@pytest.mark.parametrize("contender", ["pandas", "weekly", "daily"])
def test_the_trend_is_the_same(setting: Setting, contender: str) -> None:
    ours = answer("penstock", "trend", setting)
    assert agreement(ours, answer(contender, "trend", setting)) == "same figures"
    assert set(ours) == {"Qualified", "Free trial", "Closing", "Commit"}


def test_conversion_differs_from_the_simple_cohort_by_the_deals_that_come_back_only(setting: Setting) -> None:
    ours, theirs = answer("penstock", "conversion", setting), answer("pandas", "conversion", setting)
    assert ours.keys() == theirs.keys()
    for stage, (entered, passed) in ours.items():
        assert (entered, passed) == pytest.approx(theirs[stage], rel=0.08)


def test_the_scan_can_be_asked_everything(setting: Setting) -> None:
    assert [answer("scan", question, setting) for question in QUESTIONS] == [{}, {}, {}]


def test_a_cell_tells_ratio_memory_and_agreement() -> None:
    results: Results = {
        ("penstock", "trend"): {"seconds": [0.2, 0.1, 0.3, 0.2, 0.2], "rss": 150e6, "answer": {"Closing": [10]}},
        ("pandas", "trend"): {"seconds": [40.0], "rss": 6e9, "answer": {"Closing": [11]}},
        ("weekly", "trend"): {"failed": "out of memory"},
        ("scan", "trend"): {"seconds": [0.1] * 5, "rss": 80e6, "answer": {}},
    }
    assert cell(results, "penstock", "trend") == "200 ms (best 100 ms), 2.0 times the floor, 150 MB"
    assert (
        cell(results, "pandas", "trend")
        == "40.0 s (best 40.0 s), 400.0 times the floor, 6,000 MB, 1 run(s), figures differ by up to 10.00%"
    )
    assert cell(results, "weekly", "trend") == "out of memory"
    assert cell(results, "daily", "trend") == "not asked"
