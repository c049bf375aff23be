"""Answers as CSV: major units as decimals, minor units as integers under <name>_minor, one header whatever the rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli import files
from tests.cli.running import Ran, penstock

QUARTER = ("--quarter", "2026Q1", "--format", "csv")


def rows(ran: Ran) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_waterfall(history: Path):
    found = rows(penstock("waterfall", history, *QUARTER, "--by", "region"))
    assert [(row["row"], row["region"]) for row in found] == [("group", "AMER"), ("group", "EMEA"), ("total", "")]
    assert {name: int(found[2][f"{name}_minor"]) for name in files.TOTAL} == files.TOTAL
    assert {name: found[2][name] for name in files.TOTAL} == {
        "starting": "185000.50", "new": "20000.00", "change": "10000.00", "won": "-100000.00", "lost": "-30000.00",
        "ending": "85000.50",
    }  # fmt: skip
    assert (found[1]["booked"], found[1]["booked_minor"], found[1]["count_booked"]) == ("-100000.00", "-10000000", "-1")


def test_a_dimension_named_like_a_line_keeps_its_values(history: Path):
    found = rows(penstock("waterfall", history, *QUARTER, "--by", "currency"))
    assert [(row["group_currency"], row["currency"], row["ending"]) for row in found] == [
        ("EUR", "0.00", "85000.50"),
        ("", "0.00", "85000.50"),
    ]


def test_counts_have_no_decimals(history: Path):
    (group, _) = rows(penstock("waterfall", history, *QUARTER, "--measure", "count"))
    assert (group["starting"], group["won"], group["ending"], group["ending_minor"]) == ("4", "-1", "3", "3")
    found = rows(penstock("postings", history, *QUARTER, "--measure", "count"))
    booked = next(row for row in found if row["line"] == "booked")
    assert (booked["amount"], booked["before_amount"], booked["before_amount_minor"]) == ("-1", "100000.00", "10000000")


def test_postings_have_the_same_header_whatever_is_in_them(history: Path):
    births = penstock("postings", history, *QUARTER, "--element", "new").out
    wins = penstock("postings", history, *QUARTER, "--element", "won").out
    assert births.splitlines()[0] == wins.splitlines()[0]
    (born,) = csv.DictReader(io.StringIO(births))
    assert (born["amount"], born["before_amount"], born["before_amount_minor"]) == ("20000.00", "", "")


def test_amounts_before_and_after_are_in_the_deals_own_currency(tmp_path: Path):
    yen = files.write(tmp_path, "yen.csv", files.HISTORY.replace("20000.00,EUR", "2000000,JPY"))
    rates = files.write(tmp_path, "rates.csv", "currency,fiscal_year,rate\nJPY,2026,0.006\n")
    (new,) = rows(penstock("postings", yen, *QUARTER, "--element", "new", "--currency", "EUR", "--rates", rates))
    assert (new["amount"], new["amount_minor"]) == ("12000.00", "1200000")
    assert (new["after_amount"], new["after_amount_minor"], new["after_currency"]) == ("2000000", "2000000", "JPY")


def test_snapshot(history: Path):
    found = rows(penstock("snapshot", history, "--at", "2026-02-14T09:00Z", "--by", "stage", "--format", "csv"))
    assert [(row["row"], row["stage"], row["amount"], row["amount_minor"], row["count"]) for row in found] == [
        ("group", "Discovery", "25000.00", "2500000", "2"),
        ("group", "Proposal", "80000.50", "8000050", "2"),
        ("total", "", "105000.50", "10500050", "4"),
    ]
    assert (found[1]["weighted"], found[1]["overdue_amount"], found[1]["overdue_amount_minor"]) == (
        "40000.25",
        "7000.00",
        "700000",
    )


def test_net(history: Path):
    found = rows(penstock("waterfall", history, *QUARTER, "--net"))
    assert [(row["opportunity_id"], row["label"], row["amount"], row["amount_minor"]) for row in found][:2] == [
        ("O1", "won", "-100000.00", "-10000000"),
        ("O4", "lost", "-30000.00", "-3000000"),
    ]


def test_trend_and_stages(history: Path):
    points = rows(penstock("trend", history, "--quarterly", *QUARTER))
    assert [(row["at"], row["row"], row["amount"]) for row in points if row["row"] == "total"] == [
        ("2026-01-01T00:00:00Z", "total", "185000.50"),
        ("2026-04-01T00:00:00Z", "total", "66000.50"),
    ]
    stages = rows(penstock("stages", history, *QUARTER))
    (due,) = (row["value"] for row in stages if (row["section"], row["figure"]) == ("slippage", "due_money"))
    assert due == "10000000"


def test_a_file_is_the_same_as_the_screen(history: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    screen = penstock("waterfall", history, *QUARTER, "--by", "region").out
    assert (
        penstock("waterfall", history, "--quarter", "2026Q1", "--by", "region", "--out", out).out == ""
    )  # the suffix says the format
    assert out.read_bytes() == screen.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


LATER = ("--from", "2027-06-01", "--to", "2027-06-02")


@pytest.mark.parametrize(
    ("hit", "none"),
    [
        (("postings", "--quarter", "2026Q1"), ("postings", *LATER)),
        (("postings", "--quarter", "2026Q1", "--by", "region"), ("postings", *LATER, "--by", "region")),
        (("postings", "--quarter", "2026Q1", "--net"), ("postings", "--from", "2020-01-01", "--to", "2020-02-01", "--net")),
        (("waterfall", "--quarter", "2026Q1", "--net"), ("waterfall", "--from", "2020-01-01", "--to", "2020-02-01", "--net")),
        (("snapshot", "--at", "2026-02-14"), ("snapshot", "--at", "2020-01-01")),
        (("snapshot", "--at", "2026-02-14", "--by", "stage"), ("snapshot", "--at", "2020-01-01", "--by", "stage")),
        (("snapshot", "--at", "2026-02-14", "--deals"), ("snapshot", "--at", "2020-01-01", "--deals")),
        (("snapshot", "--at", "2026-02-14", "--deals", "--by", "owner"),
         ("snapshot", "--at", "2020-01-01", "--deals", "--by", "owner")),
        (("trend", "--quarter", "2026Q1", "--by", "region"), ("trend", *LATER, "--by", "region")),
        (("stages", "--quarter", "2026Q1", "--by", "region"), ("stages", *LATER, "--by", "region")),
        (("check",), ("check", "--only", "missing_id")),
    ],
    ids=lambda value: " ".join(value),
)  # fmt: skip
def test_the_header_is_there_without_a_single_hit(history: Path, hit: tuple[str, ...], none: tuple[str, ...]):
    some, empty = (penstock(name, history, *options, "--format", "csv").out.splitlines() for name, *options in (hit, none))
    assert len(some) > len(empty) or hit[0] in ("trend", "snapshot", "stages")
    assert empty[:1] == some[:1]
