"""What columns look like, and setting faulty rows aside."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from penstock.readers.columns import date_sql, looks_like, money_sql, split_rejects
from penstock.readers.faults import ReadError
from penstock.readers.files import load
from tests.readers.sheets import column, connect, faults, rows, typed, write


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2021-04-15", "16 Apr 2021"], "date"),
        (["01/02/2026"], "date"),
        (["2021-04-15", "2021-04-16 10:00"], "instant"),
        (["1618477500123"], "instant"),
        (["1618477500", "5551234567"], "number"),
        (["5", "6.5"], "number"),
        (["1", "0"], "number"),
        (["$5", "6"], "money"),
        (["1.234,50 €"], "money"),
        (["yes", "no"], "boolean"),
        (["Q1", "Q2"], "text"),
        (["D1", "5"], "text"),
        (["", ""], "empty"),
        (["2021-04-15"] * 19 + ["soon"], "date"),
    ],
)
def test_a_column_looks_like_its_values(tmp_path: Path, values: list[str], form: str) -> None:
    assert looks_like(column(tmp_path, values), "value") == form


def test_a_long_column_is_drawn_from(tmp_path: Path) -> None:
    assert looks_like(column(tmp_path, ["", "2021-04-15"] * 50_000), "value") == "date"


def test_a_files_own_types_are_taken(tmp_path: Path) -> None:
    con = connect()
    con.execute(f"COPY (SELECT 'a' AS id, 1.234::DOUBLE AS n, DATE '2021-04-15' AS d) TO '{tmp_path}/a.parquet' (FORMAT parquet)")
    sheet = load(con, tmp_path / "a.parquet")
    assert [looks_like(sheet, name) for name in sheet.columns] == ["text", "number", "date"]
    # A number is no text: its point is the decimal mark, and nothing is asked.
    assert typed(sheet, money_sql(sheet, "n", exponent=3).sql) == [1234]


def test_faulty_rows_go_to_a_file_that_can_be_mended_and_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "deals.csv", 'id,day,amount\nD1,2021-04-15,5\nD2,soon,"6 ""x"""\n,,\nD3,2021-02-30,7\nD4,2021-04-16,8\n'
    )
    sheet = load(connect(), path)
    found = [*faults(lambda: date_sql(sheet, "day")), *faults(lambda: money_sql(sheet, "amount"))]
    kept = split_rejects(sheet, found, tmp_path / "rejects.csv")
    assert [row[:2] for row in rows(kept)] == [(1, "D1"), (5, "D4")]
    assert kept.rows == 2
    assert kept.notes[-1].count == 2
    with (tmp_path / "rejects.csv").open(newline="") as stream:
        rejected = list(csv.DictReader(stream))
    assert [(row["id"], row["day"], row["amount"], row["_row"]) for row in rejected] == [
        ("D2", "soon", '6 "x"', "2"),
        ("D3", "2021-02-30", "7", "4"),
    ]
    assert "no form of a date" in rejected[0]["_reason"]
    assert "no currency" in rejected[0]["_reason"]
    assert "does not exist" in rejected[1]["_reason"]
    assert len(typed(kept, date_sql(kept, "day"))) == 2
    mended = (
        (tmp_path / "rejects.csv").read_text().replace("soon", "2021-05-01").replace("02-30", "02-28").replace('6 ""x""', "6")
    )
    again = load(connect(), write(tmp_path / "mended.csv", mended))
    assert again.columns == ("id", "day", "amount")
    assert rows(again) == [(1, "D2", "2021-05-01", "6"), (2, "D3", "2021-02-28", "7")]
    assert again.notes[0].kind == "set_aside"


def test_a_fault_of_the_whole_column_cannot_be_set_aside(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["01/02/2026"])
    found = faults(lambda: date_sql(sheet, "value"))
    with pytest.raises(ReadError):
        split_rejects(sheet, found, tmp_path / "rejects.csv")
    assert not (tmp_path / "rejects.csv").exists()
