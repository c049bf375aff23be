"""A history that is written to a file and read again is the same history."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import penstock
from penstock.ledger.schema import CANONICAL
from penstock.library import History

_TYPES = {
    "string": pa.string(), "timestamp(6)": pa.timestamp("us"), "int64": pa.int64(), "int32": pa.int32(), "date": pa.date32(),
    "boolean": pa.bool_(),
}  # fmt: skip
DIMENSIONS = ("region", "owner")
SCHEMA = pa.schema([*((name, _TYPES[kind]) for name, kind in CANONICAL.items()), *((name, pa.string()) for name in DIMENSIONS)])

# What people write in such fields, and what files trip over.
TEXTS = st.sampled_from(
    [
        "Ada",
        "Zoë Ångström",
        "Søren, Kjær",
        '"quoted"',
        "semi;colon",
        "tab\there",
        "two\nlines",
        "日本",
        "0012",
        "1e5",
        "2026-01-01",
        "O'Neil",
        "true",
    ]
)
STAGES = {"Discovery": (1, "open"), "Négociation": (2, "open"), "Closed Won": (3, "won"), "Closed Lost": (4, "lost")}
LIMIT = 9 * 10**14
BIRTH = datetime(2024, 2, 29, 23, 59, 59, 999_999)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """One version, with every kind of blank that a version can have."""
    stage = draw(st.sampled_from(sorted(STAGES)))
    order, status = STAGES[stage]
    currency = draw(st.none() | st.sampled_from(["EUR", "JPY", "KWD"]))
    effective = BIRTH + timedelta(microseconds=draw(st.integers(0, 10**14)))
    return {
        "opportunity_id": draw(st.sampled_from(["A", "Ä-1", "006,7", '0"8', "007"])),
        "effective_at": effective,
        "recorded_at": effective + timedelta(seconds=draw(st.integers(0, 10**6))),
        "status": status,
        "stage": stage,
        "stage_order": order,
        "amount": draw(st.none() | st.integers(-LIMIT, LIMIT) | st.sampled_from([0, 1, -1, 5, 1000])),
        "currency": currency,
        "close_date": draw(st.none() | st.dates(date(1999, 12, 31), date(2100, 1, 1))),
        "created_at": draw(st.none() | st.just(BIRTH)),
        "qualified": draw(st.booleans()),
        "probability": draw(st.none() | st.integers(101, 10_000)),
        "forecast_category": draw(st.sampled_from([None, "omitted", "pipeline", "best_case", "commit", "closed"])),
        "reconstructed_fields": draw(st.sampled_from(["", "amount", "amount,close_date", "region"])),
        "unknown_fields": draw(st.sampled_from(["", "probability", "created_at,owner"])),
        "region": draw(st.none() | TEXTS),
        "owner": draw(st.none() | TEXTS),
    }


def canonical(versions: list[dict[str, Any]]) -> pa.Table:
    numbered = [{**version, "seq": number} for number, version in enumerate(versions, start=1)]
    return pa.Table.from_pylist(numbered, SCHEMA)


def told(history: History) -> list[dict[str, Any]]:
    """Every row with its marks as sets: their order means nothing."""
    found = history.table.order_by("seq").to_pyarrow().to_pylist()
    for row in found:
        for marks in ("reconstructed_fields", "unknown_fields"):
            row[marks] = frozenset(filter(None, (row[marks] or "").split(",")))
    return found


@pytest.fixture(scope="module")
def con():
    con = ibis.duckdb.connect()
    yield con
    con.disconnect()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@settings(max_examples=12)
@given(versions=st.lists(rows(), min_size=1, max_size=12))
def test_a_history_reads_back_the_same(con, tmp_path: Path, suffix: str, versions: list[dict[str, Any]]):
    history = History(con.create_table("written", canonical(versions), overwrite=True))
    path = tmp_path / f"history.{suffix}"
    history.write(path)
    again = penstock.read(path)
    assert again.dimensions == DIMENSIONS
    assert told(again) == told(history)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_probabilities_of_less_than_one_per_cent_read_back_the_same(con, tmp_path: Path, suffix: str):
    small = {"opportunity_id": "A", "effective_at": BIRTH, "status": "open", "probability": 50}
    history = History(con.create_table("small", canonical([small]), overwrite=True))
    history.write(tmp_path / f"small.{suffix}")
    assert [row["probability"] for row in told(penstock.read(tmp_path / f"small.{suffix}"))] == [50]


def test_money_in_a_file_is_in_major_units_with_its_currencys_digits(con, tmp_path: Path):
    shown = []
    for number, (currency, minor) in enumerate([("EUR", 123450), ("JPY", 1235), ("KWD", -1), ("EUR", None)]):
        shown.append(
            {"opportunity_id": f"O{number}", "effective_at": BIRTH, "status": "open", "amount": minor, "currency": currency}
        )
    history = History(con.create_table("money", canonical(shown), overwrite=True))
    history.write(tmp_path / "money.csv")
    lines = (tmp_path / "money.csv").read_text(encoding="utf-8").splitlines()
    column = lines[0].split(",").index("amount")
    assert [float(line.split(",")[column] or "nan") for line in lines[1:4]] == [1234.5, 1235, -0.001]
    assert lines[4].split(",")[column] == ""
    assert [row["amount"] for row in told(penstock.read(tmp_path / "money.csv"))] == [123450, 1235, -1, None]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_demo_company_gives_the_same_figures_after_a_round_trip(tmp_path: Path, suffix: str):
    from penstock.demo.company import write_history

    write_history(tmp_path / "demo.csv", deals=60)
    first = penstock.read(tmp_path / "demo.csv")
    first.write(tmp_path / f"again.{suffix}")
    again = penstock.read(tmp_path / f"again.{suffix}")
    quarter = str(first.latest_quarter)
    for by in ((), ("region", "stage")):
        assert again.waterfall(quarter, by=by).to_dict() == first.waterfall(quarter, by=by).to_dict()
    assert told(again) == told(first)


def test_a_file_is_written_whole_or_not_at_all(con, tmp_path: Path):
    history = History(
        con.create_table("whole", canonical([{"opportunity_id": "A", "effective_at": BIRTH, "status": "open"}]), overwrite=True)
    )
    with pytest.raises(ValueError, match="nowhere"):
        history.write(tmp_path / "nowhere" / "history.csv")
    with pytest.raises(ValueError, match=r"\.csv or \.parquet"):
        history.write(tmp_path / "history.xlsx")
    history.write(tmp_path / "history.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["history.parquet"]
