"""Tables of stages: given, told by the data, by names, or asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.readers import ReadError
from penstock.readers.outcomes import may_be_an_end, outcome
from penstock.readers.stage_table import load_stages
from tests.readers.reading import reading, rows, told, written

VERSIONS = """
opportunity_id,effective_at,stage,amount
A,2026-01-01,First,10
A,2026-01-02,Second,10
A,2026-01-03,Third,10
B,2026-01-01,First,10
B,2026-01-04,Third,10
C,2026-01-01,First,10
C,2026-01-02,Second,10
C,2026-01-05,Closed Won,10
"""


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Closed Won", "won"), ("closedwon", "won"), ("6 - Closed Won", "won"), ("Won", "won"), ("Gewonnen", "won"),
        ("Closed - Lost (Price)", "lost"), ("Verloren", "lost"), ("Perdida", "lost"), ("Deleted", "removed"), ("Open", "open"),
        ("Proposal", None), ("Declined", None), ("Won or Lost", None), ("Wonderful", None), ("Contract won over", None),
    ],
)  # fmt: skip
def test_only_clear_words_say_what_became_of_a_deal(name: str, status: str | None) -> None:
    assert outcome(name) == status


def test_what_may_be_an_end_is_told_from_what_is_none() -> None:
    assert [may_be_an_end(name) for name in ("A_DECLINED", "Cancelled by customer", "Proposal", "Deadline set")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_given_table_goes_before_everything(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        """
        Stage,Order,Probability,Status,Counted,Forecast Category
        First,1,10%,open,no,Pipeline
        Second,2,40%,open,yes,Best Case
        Third,3,100%,won,yes,Closed
        """,
        "stages.csv",
    )
    history = reading(written(tmp_path, VERSIONS), stages=table)
    columns = ("status", "stage_order", "probability", "qualified", "forecast_category", "reconstructed_fields")
    assert rows(history, *columns)[:3] == [
        ("open", 1, 1000, False, "pipeline", "probability,forecast_category"),
        ("open", 2, 4000, True, "best_case", "probability,forecast_category"),
        ("won", 3, 10000, True, "closed", "probability,forecast_category"),
    ]
    assert {stage.known["status"] for stage in history.stages} == {"given", "name"}


def test_the_order_is_the_one_deals_most_often_pass(tmp_path: Path) -> None:
    history = reading(written(tmp_path, VERSIONS))
    assert [(stage.name, stage.order) for stage in history.stages] == [
        ("First", 1),
        ("Second", 2),
        ("Third", 3),
        ("Closed Won", 4),
    ]
    assert "as deals most often pass them: First, Second, Third." in told(history)


def test_the_order_may_come_from_the_probabilities(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        opportunity_id,effective_at,stage,probability
        A,2026-01-01,Zed,10
        B,2026-01-01,Mid,50
        C,2026-01-01,Alpha,80
        """,
    )
    assert [stage.name for stage in reading(path).stages] == ["Zed", "Mid", "Alpha"]


def test_an_order_that_nothing_tells_is_none_and_said(tmp_path: Path) -> None:
    history = reading(written(tmp_path, "opportunity_id,effective_at,stage\nA,2026-01-01,X\nB,2026-01-01,Y\n"))
    assert rows(history, "stage_order") == [(None,), (None,)]
    assert "The order of the stages is not known" in told(history, "unknown")


def test_every_fault_of_a_table_is_told(tmp_path: Path) -> None:
    table = written(tmp_path, "stage,order,status,probability\nA,first,open,10\nB,2,wonn,200\nB,3,won,50\n", "stages.csv")
    with pytest.raises(ReadError) as caught:
        load_stages(table)
    assert [fault.column for fault in caught.value.faults] == ["order", "status", "probability", "stage"]
