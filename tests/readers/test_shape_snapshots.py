"""One row per deal and day or week."""

from __future__ import annotations

from pathlib import Path

from tests.readers.reading import reading, refusal, rows, told, written

WEEKS = """
snapshot_date,deal_id,stage,amount,close_date,created_date,region
2026-01-05,A,Discovery,100,2026-03-31,2026-01-02,EMEA
2026-01-05,B,Discovery,50,2026-03-31,2026-01-03,EMEA
2026-01-12,A,Discovery,100,2026-03-31,2026-01-02,EMEA
2026-01-12,B,Proposal,50,2026-03-31,2026-01-03,EMEA
2026-01-12,C,Discovery,70,2026-06-30,2026-01-08,APAC
2026-01-19,A,Closed Won,110,2026-01-15,2026-01-02,EMEA
2026-01-19,C,Discovery,70,2026-06-30,2026-01-08,APAC
2026-01-26,C,Discovery,70,2026-06-30,2026-01-08,APAC
"""


WHOLE = "status,stage,stage_order,amount,currency,close_date,qualified,probability,forecast_category,region"


def test_a_version_stands_where_something_differs(tmp_path: Path) -> None:
    history = reading(written(tmp_path, WEEKS))
    assert history.reader == "snapshots"
    assert rows(history, "opportunity_id", "effective_at", "status", "stage", "amount", "reconstructed_fields") == [
        ("A", "2026-01-02", "open", "Discovery", 10000, WHOLE),
        ("A", "2026-01-05", "open", "Discovery", 10000, ""),
        ("A", "2026-01-19", "won", "Closed Won", 11000, "effective_at"),
        ("B", "2026-01-03", "open", "Discovery", 5000, WHOLE),
        ("B", "2026-01-05", "open", "Discovery", 5000, ""),
        ("B", "2026-01-12", "open", "Proposal", 5000, "effective_at"),
        ("B", "2026-01-19", "removed", "Proposal", 5000, "effective_at"),
        ("C", "2026-01-08", "open", "Discovery", 7000, WHOLE),
        ("C", "2026-01-12", "open", "Discovery", 7000, ""),
    ]  # fmt: skip


def test_a_deal_that_vanishes_is_removed_but_not_one_that_was_won(tmp_path: Path) -> None:
    assert "1 deal vanishes between two snapshots" in told(reading(written(tmp_path, WEEKS)))


def test_a_deal_may_come_back(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        snapshot_date,deal_id,stage,amount
        2026-01-05,A,Discovery,100
        2026-01-05,B,Discovery,100
        2026-01-12,B,Discovery,100
        2026-01-19,A,Discovery,100
        2026-01-19,B,Discovery,100
        """,
    )
    assert rows(reading(path), "opportunity_id", "effective_at", "status") == [
        ("A", "2026-01-05", "open"),
        ("A", "2026-01-12", "removed"),
        ("A", "2026-01-19", "open"),
        ("B", "2026-01-05", "open"),
    ]


def test_a_deal_twice_in_one_snapshot_is_refused(tmp_path: Path) -> None:
    fault = refusal(written(tmp_path, WEEKS + "2026-01-26,C,Discovery,71,2026-06-30,2026-01-08,APAC\n")).faults[0]
    assert "C in that of 2026-01-26" in fault.what
    assert tuple(fault.values) == ("C",)
