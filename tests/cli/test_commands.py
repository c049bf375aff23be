"""The command lines of the issue, each run on small files whose figures were reached by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli import files
from tests.cli.running import penstock

QUARTER = ("--quarter", "2026Q1")


def test_waterfall_by_region(history: Path):
    shown = penstock("waterfall", history, "--from", "2026-01-01", "--to", "2026-04-01", "--by", "region").out
    rows = {" ".join(line.split()) for line in shown.splitlines()}
    assert "AMER EMEA Total Deals" in rows
    assert "Starting pipeline 30,000.00 155,000.50 185,000.50 4" in rows
    assert "New 20,000.00 0.00 20,000.00 1" in rows
    assert "Change in value 5,000.00 5,000.00 10,000.00 0" in rows
    assert "increase 0.00 10,000.00 10,000.00 0" in rows
    assert "transferred out 0.00 −5,000.00 −5,000.00 −1" in rows
    assert "Closed won 0.00 −100,000.00 −100,000.00 −1" in rows
    assert "Closed lost −30,000.00 0.00 −30,000.00 −1" in rows
    assert "Ending pipeline 25,000.00 60,000.50 85,000.50 3" in rows
    text = " ".join(shown.split())
    assert "20,000.00 this quarter, 65,000.50 next three" in text
    assert "7,000.00 (1 deal) at the start" in text
    assert "Next quarter starts with 66,000.50" in text
    assert "Residual 0.00, for every deal and group" in text
    assert not any(line in shown for line in ("pulled in", "reopened", "currency"))  # lines that nothing posted are not shown


def test_waterfall_of_two_exports_in_a_fiscal_quarter(given: Path):
    ran = penstock(
        "waterfall", given / "opportunities.csv", "--history", given / "field_history.csv", *QUARTER, "--fiscal-start", "2",
        "--format", "json",
    )  # fmt: skip
    form = ran.form
    assert form["window"] == {"start": "2026-02-01T00:00:00Z", "end": "2026-05-01T00:00:00Z"}
    assert form["horizon"] == {"start": "2026-02-01", "end": "2027-02-01"}
    total = form["total"]
    assert {name: total[name] for name in files.TOTAL} == {
        "starting": 18000, "new": 0, "change": 2000, "won": -8000, "lost": 0, "ending": 12000,
    }  # fmt: skip
    assert total["lines"]["increase"] == 2000
    # No close date's change was logged: those of the past are reconstructed, under all that started (180), rose (20), won (80).
    assert form["evidence"] == {"observed": 0, "reconstructed": 28000, "unknown": 0}


def test_postings_of_won_by_owner_to_a_file(history: Path, tmp_path: Path):
    out = tmp_path / "won.csv"
    ran = penstock("postings", history, *QUARTER, "--element", "won", "--by", "owner", "--out", out)
    assert ran.out == ""
    rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    assert [(row["opportunity_id"], row["at"], row["element"], row["line"], row["owner"]) for row in rows] == [
        ("O1", "2026-02-01T08:00:00Z", "won", "booked", "Ada")
    ]
    assert (rows[0]["amount"], rows[0]["amount_minor"]) == ("-100000.00", "-10000000")
    assert (rows[0]["before_stage"], rows[0]["after_stage"]) == ("Discovery", "Closed Won")
    assert [path.name for path in tmp_path.iterdir()] == ["won.csv"]  # written whole: no temporary file is left


def test_snapshot_by_stage(history: Path):
    shown = penstock("snapshot", history, "--at", "2026-02-14T09:00Z", "--by", "stage").out
    rows = [" ".join(line.split()) for line in shown.splitlines()]
    discovery, proposal, total = (rows.index(row) for row in (
        "Discovery 25,000.00 5,000.00 2 0.00 0",
        "Proposal 80,000.50 40,000.25 2 7,000.00 1",
        "Total 105,000.50 45,000.25 4 7,000.00 1",
    ))  # fmt: skip
    assert discovery < proposal < total


def test_trend_by_week_with_a_chart(history: Path, tmp_path: Path):
    chart = tmp_path / "trend.svg"
    window = ("--from", "2026-01-01", "--to", "2026-02-01")
    ran = penstock("trend", history, "--weekly", *window, "--by", "stage", "--chart", chart, "--format", "json")
    points = ran.form["points"]
    assert [point["at"][:10] for point in points] == [
        "2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22", "2026-01-29", "2026-02-01",
    ]  # fmt: skip
    assert [point["total"]["amount"] for point in points] == [18500050] * 3 + [20500050] * 3
    svg = chart.read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "Discovery" in svg


@pytest.mark.parametrize(("name", "start"), [("w.png", b"\x89PNG"), ("w.html", b"<!DOCTYPE html>"), ("w.SVG", b"<svg")])
def test_waterfall_as_a_chart(history: Path, tmp_path: Path, name: str, start: bytes):
    penstock("waterfall", history, *QUARTER, "--chart", tmp_path / name)
    assert (tmp_path / name).read_bytes().lstrip().startswith(start)


def test_stages(history: Path, tmp_path: Path):
    funnel = tmp_path / "funnel.svg"
    report = penstock("stages", history, "--from", "2026-01-01", "--to", "2026-04-01", "--format", "json", "--chart", funnel).form
    (period,) = report["win_rate"]["period"]
    assert (period["won"], period["lost"], period["won_money"]) == (1, 1, 10000000)
    (cycle,) = report["sales_cycle"]
    assert (cycle["n"], cycle["median"]) == (1, 62.0)  # 1 December to 1 February
    (slippage,) = report["slippage"]
    assert (slippage["due"], slippage["slipped"], slippage["due_money"]) == (1, 0, 10000000)
    assert funnel.read_text(encoding="utf-8").startswith("<svg")
    shown = penstock("stages", history, "--from", "2026-01-01", "--to", "2026-04-01").out
    assert "Sales cycle" in shown
    assert "62.0" in shown


def test_check_of_a_sound_history(history: Path):
    ran = penstock("check", history)
    assert "7 opportunities, 11 versions" in ran.out
    assert "Open deals whose close date has passed: 1" in ran.out
    assert "O5" in ran.out
    assert "0 errors" in ran.out


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_convert_gives_a_file_with_the_same_figures(given: Path, tmp_path: Path, suffix: str):
    out = tmp_path / f"history.{suffix}"
    arguments = (given / "opportunities.csv", "--history", given / "field_history.csv")
    ran = penstock("convert", *arguments, "--out", out)
    assert ran.out == ""
    assert "5 versions" in ran.err
    options = (*QUARTER, "--by", "region", "--format", "json")
    before, after = penstock("waterfall", *arguments, *options).form, penstock("waterfall", out, *options).form
    assert {**after, "notes": None} == {**before, "notes": None}
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_the_window_is_the_quarter_of_the_last_change_if_none_is_named(history: Path):
    assert penstock("waterfall", history, "--format", "json").form["window"]["start"] == "2026-01-01T00:00:00Z"


def test_by_is_repeated_or_has_commas(history: Path):
    twice = penstock("waterfall", history, *QUARTER, "--by", "region", "--by", "owner", "--format", "json").form
    commas = penstock("waterfall", history, *QUARTER, "--by", "region,owner", "--format", "json").form
    assert twice == commas
    assert [list(group["group"].values()) for group in twice["groups"]] == [
        ["AMER", "Ada"],
        ["AMER", "Bo"],
        ["EMEA", "Ada"],
        ["EMEA", "Bo"],
    ]


def test_a_drill_adds_up_to_its_cell(history: Path):
    drill = penstock("postings", history, *QUARTER, "--where", "region=EMEA", "--element", "change", "--format", "json").form
    assert [(p["opportunity_id"], p["line"], p["amount"]) for p in drill["postings"]] == [
        ("O6", "transferred_out", -500000),
        ("O2", "increase", 1000000),
    ]
    assert drill["total"] == files.EMEA["change"]


def test_deals_under_a_snapshot(history: Path):
    listed = penstock("snapshot", history, "--at", "2026-02-14T09:00Z", "--deals", "--format", "json").form["deals"]
    assert [(deal["opportunity_id"], deal["place"], deal["amount"]) for deal in listed] == [
        ("O2", "pipeline", 5000050), ("O3", "pipeline", 2000000), ("O4", "pipeline", 3000000), ("O5", "overdue", 700000),
        ("O6", "pipeline", 500000), ("O7", "beyond", 100000),
    ]  # fmt: skip


def test_snapshot_of_chosen_close_dates(history: Path):
    chosen = ("--close-from", "2026-06-01", "--close-to", "2026-09-30")
    found = penstock("snapshot", history, "--at", "2026-02-14T09:00Z", *chosen, "--format", "json").form
    assert found["horizon"] == {"start": "2026-06-01", "end": "2026-09-30"}
    assert (found["total"]["amount"], found["total"]["count"]) == (
        5000050,
        1,
    )  # O2 alone: O6 closes on the day that no longer counts


def test_times_without_a_zone_are_local(history: Path):
    at = penstock("snapshot", history, "--at", "2026-02-14 04:00", "--timezone", "America/New_York", "--format", "json").form[
        "at"
    ]
    assert at == "2026-02-14T09:00:00Z"
