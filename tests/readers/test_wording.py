"""Sentences with a number in them, and columns that are suggested by what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.readers.likely_columns import quoted
from penstock.readers.wording import worded
from tests.readers.reading import reading, refusal, rows, told, written


@pytest.mark.parametrize(
    ("count", "language", "says"),
    [(1, "en", "1 deal is late"), (0, "en", "0 deals are late"), (2_500, "en", "2,500 deals are late"),
     (-1, "en", "-1 deal is late"), (0, "fr", "0 deal is late"), (1, "it", "1 deal is late"), (0, "it", "0 deals are late")],
)  # fmt: skip
def test_one_and_many(count: int, language: str, says: str) -> None:
    assert worded("{count} [deal is|deals are] late", count, language) == says


def test_values_are_filled_in_as_they_stand() -> None:
    assert worded("{count} [row|rows] of {file}", 2, file="{a} [b|c].csv") == "2 rows of {a} [b|c].csv"


def test_a_column_may_be_called_anything(tmp_path: Path) -> None:
    text = "Deal ID,Stage,Value {EUR} [net|gross],Created,Close Date\nD1,Open,abc,2026-01-03,2026-03-20\n"
    fault = refusal(written(tmp_path, text), mapping={"amount": "Value {EUR} [net|gross]"}).faults[0]
    assert fault.what == "Column Value {EUR} [net|gross]: 1 value is no number."


@pytest.mark.parametrize(
    ("name", "typed"), [("amount", "amount"), ("Deal size", '"Deal size"'), ('5" $x', '"5\\" \\$x"'), ("Wert(€)", '"Wert(€)"')]
)
def test_a_column_as_it_is_typed_in_a_shell(name: str, typed: str) -> None:
    assert quoted(name) == typed


MOVES = """\
Deal,Moved to,Moved on,By
D1,Discovery,2026-01-03 09:00,Ann
D1,Proposal,2026-01-20 09:00,Ann
D1,Closed Won,2026-02-10 09:00,Ann
D2,Discovery,2026-01-08 09:00,Ben
D2,Proposal,2026-02-01 09:00,Ben
"""


def test_a_stage_history_with_odd_names_is_suggested_and_can_then_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, MOVES)
    remedy = refusal(path).faults[0].remedy
    assert '--reader stage_history --map opportunity_id=Deal --map stage="Moved to" --map effective_at="Moved on"' in remedy
    mapping = {"opportunity_id": "Deal", "stage": "Moved to", "effective_at": "Moved on"}
    read = reading(path, reader="stage_history", mapping=mapping)
    assert [row[1] for row in rows(read, "opportunity_id", "status")] == ["open", "open", "won", "open", "open"]


@pytest.mark.parametrize(
    "text",
    [
        "Name,Phone\nAnn,1\nBen,2\n",
        "Person,Town,Born\nAnn,Rome,1990-01-01\nBen,Rome,1991-01-01\nCid,Bonn,1992-01-01\n",
        "Deal,Moved to,Moved on\n",
    ],
    ids=["no dates", "nobody twice", "no rows"],
)
def test_other_files_are_not_taken_for_one(tmp_path: Path, text: str) -> None:
    assert "stage_history" not in "".join(fault.remedy for fault in refusal(written(tmp_path, text)).faults)


@pytest.mark.parametrize(
    ("columns", "values", "suggested"),
    [
        ("Worth,Staff", '"€ 1,200.00",12', "Worth"),
        ("Staff,Deal budget,Zip", "12,1200,10115", '"Deal budget"'),
        ("Deal volume,Phone", "1200,5551234", '"Deal volume"'),
        ("Estimate,Staff count", "1200.50,12", "Estimate"),
    ],
)
def test_a_column_that_looks_like_money_is_suggested_as_the_amount(
    tmp_path: Path, columns: str, values: str, suggested: str
) -> None:
    text = f"Deal ID,Stage,Created,Close Date,{columns}\nD1,Proposal,2026-01-03,2026-03-20,{values}\n"
    assert f"--map amount={suggested} " in told(reading(written(tmp_path, text)), "unknown")


def test_a_typed_file_with_a_usual_name_of_the_amount_is_read_with_it(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "deals.parquet"
    duckdb.sql(
        f"COPY (SELECT 'A' AS opportunity_id, TIMESTAMP '2026-01-05' AS effective_at, 'open' AS status, 12.5 AS deal_value) "
        f"TO '{path}'"
    )
    assert rows(reading(path), "amount") == [(1250,)]
