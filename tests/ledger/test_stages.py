"""The report of stage figures: its machine-readable form, and equal figures on every database."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from penstock.ledger.moments import closings, lifetimes
from penstock.ledger.schema import FOREVER, LOST, UNQUALIFIED, WON
from penstock.ledger.stages import conversion, slippage, summary
from tests.databases import rows_of
from tests.ledger.stage_versions import DAY, V, movements

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr import types as ir

VERSIONS = [
    V("A", -DAY, 1, stage="Lead", order=1, amount=100, close=20, region="EMEA"),
    V("A", 5 * DAY, 2, stage="Talks", order=4, amount=120, close=20, region="EMEA"),
    V("A", 9 * DAY, 3, state=WON, stage="Done", order=6, amount=110, close=9, region="EMEA"),
    V("B", 2 * DAY, 4, state=UNQUALIFIED, stage="Lead", order=1, amount=7, region="APAC"),
    V("B", 4 * DAY, 5, stage="Demo", order=2, amount=8, close=30, region="APAC", created=DAY),
    V("B", 4 * DAY, 6, stage="Lead", order=1, amount=8, close=30, region="EMEA", created=DAY),
    V("C", 1 * DAY, 7, stage="Demo", order=2, amount=50, close=5, region=None),
    V("C", 3 * DAY, 8, state=LOST, stage="Dropped", order=7, amount=0, close=3, region=None),
    V("D", 6 * DAY, 9, stage="Odd", amount=3),
]


def test_the_report_is_plain_json_with_its_keys() -> None:
    report = summary(movements(VERSIONS), 0, 10 * DAY, ("region",), first_day=0, end_day=10).to_dict()
    assert json.loads(json.dumps(report)) == report
    assert list(report) == [
        *("window", "by", "conversion", "time_in_stage", "win_rate", "sales_cycle", "age", "velocity", "slippage")
    ]
    assert report["window"] == {"start": "1970-01-01T00:00:00Z", "end": "1970-01-11T00:00:00Z"}
    assert list(report["win_rate"]) == ["period", "cohort", "survival"]
    for rows_ in (report["conversion"], *report["win_rate"].values(), report["sales_cycle"], report["age"], report["velocity"]):
        assert rows_
        assert all(list(row["group"]) == ["region"] for row in rows_)


def test_the_report_of_a_small_company() -> None:
    report = summary(movements(VERSIONS), 0, 10 * DAY, first_day=0, end_day=30).to_dict()
    stages = {(row["stage"], row["outcome"]): row for row in report["conversion"]}
    assert stages["Demo", None] == {
        "group": {}, "stage": "Demo", "stage_order": 2, "outcome": None,
        "entered": 3, "advanced": 1, "pending": 0, "lost": 1, "back": 1, "skipped": 1, "rate": 0.333333,
    }  # fmt: skip
    assert report["win_rate"]["period"] == [
        {"group": {}, "won": 1, "lost": 1, "rate": 0.5, "won_money": 110, "lost_money": 50, "money_rate": 0.6875}
    ]
    assert report["sales_cycle"] == [
        {"group": {}, "n": 1, "median": 10.0, "p90": 10.0, "mean": 10.0, "uncounted": 0,
         "survival": {"n": 3, "won": 0, "median": None, "p90": None}}
    ]  # fmt: skip
    assert report["velocity"] == [
        {"group": {}, "opportunities": 4, "open_at_start": 1, "new": 3, "win_rate": 0.5, "won": 1, "lost": 1,
         "average_won": 110, "won_money": 110, "cycle": 10.0, "cycles": 1, "per_day": 22}
    ]  # fmt: skip
    assert report["slippage"] == [
        {"group": {}, "due": 1, "slipped": 0, "due_money": 100, "slipped_money": 0, "rate": 0.0, "money_rate": 0.0}
    ]
    assert report["age"][-1] == {"group": {}, "stage": None, "stage_order": None, "n": 2, "median": 4.0, "p90": 8.0, "mean": 6.0}


def test_a_report_of_nothing_is_still_a_report() -> None:
    report = summary(movements(VERSIONS), 800 * DAY, FOREVER, first_day=800, end_day=900).to_dict()
    assert report["window"]["end"] is None
    assert report["conversion"] == report["time_in_stage"] == report["win_rate"]["survival"] == report["sales_cycle"] == []
    assert report["velocity"][0]["per_day"] is None


@pytest.mark.parametrize(
    "connection",
    [
        "sqlite_con",
        pytest.param("postgres_con", marks=pytest.mark.postgres),
        pytest.param("spark_con", marks=pytest.mark.spark),
    ],
)
def test_figures_are_the_same_on_every_database(
    connection: str, request: pytest.FixtureRequest, load: Callable[[BaseBackend, str, pa.Table], ir.Table]
) -> None:
    con = request.getfixturevalue(connection)
    there, here = load(con, "stage_movements", movements(VERSIONS).to_pyarrow()), movements(VERSIONS)
    by = ("region",)
    figures: list[Callable[[ir.Table], ir.Table]] = [
        lambda m: conversion(m, 0, FOREVER, by),
        lambda m: conversion(m, 0, 4 * DAY, known_until=5 * DAY),
        lambda m: closings(m, 0, FOREVER, by),
        lambda m: lifetimes(m, 8 * DAY, by),
        lambda m: slippage(m, 0, 8 * DAY, 0, 30, by),
    ]
    for table in figures:
        assert in_any_order(rows_of(table(there))) == in_any_order(table(here).to_pyarrow().to_pylist())
    asked: dict[str, Any] = {"by": by, "first_day": 0, "end_day": 30}
    assert summary(there, 0, 10 * DAY, **asked).to_dict() == summary(here, 0, 10 * DAY, **asked).to_dict()


def in_any_order(found: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in found)
