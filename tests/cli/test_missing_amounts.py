"""A file of deals without a column of amounts: it is said before any figure, with the option that mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import files
from tests.cli.running import penstock

DEALS = """\
Deal ID,Stage,Worth of deal,Staff,Opened,Close Date
D1,Discovery,"$12,000.00",12,2026-01-03,2026-03-20
D2,Closed Won,"$2,000.00",40,2026-01-08,2026-02-20
"""
OPTION = '--map amount="Worth of deal"'


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    return files.write(tmp_path, "deals.csv", DEALS)


@pytest.mark.parametrize("command", ["waterfall", "postings", "snapshot", "trend", "stages", "check"])
def test_it_stands_above_the_table(deals: Path, command: str):
    ran = penstock(command, deals, columns=200)
    assert OPTION in ran.out.splitlines()[0]
    assert (ran.out + ran.err).count(OPTION) == 1


def test_it_is_told_on_the_error_channel_when_the_table_goes_to_a_file(deals: Path, tmp_path: Path):
    out = tmp_path / "out.txt"
    assert OPTION in penstock("waterfall", deals, "--out", out).err
    assert OPTION in out.read_text(encoding="utf-8").splitlines()[0]


def test_it_stands_in_json_first_and_in_csv_beside_it(deals: Path):
    ran = penstock("waterfall", deals, "--format", "json")
    assert OPTION in ran.form["notes"][0]
    assert ran.err == ""
    ran = penstock("waterfall", deals, "--format", "csv")
    assert OPTION not in ran.out
    assert OPTION in ran.err


def test_the_drills_tell_it_in_json_too(deals: Path):
    assert OPTION in penstock("postings", deals, "--format", "json").form["notes"][0]
    assert OPTION in penstock("snapshot", deals, "--deals", "--format", "json").form["notes"][0]


def test_the_option_it_names_settles_it(deals: Path):
    ran = penstock("snapshot", deals, "--map", "amount=Worth of deal", "--format", "json")
    assert ran.form["total"]["amount"] == 1200000
    assert "amount" not in ran.form["notes"][0]


def test_who_counts_deals_need_not_know(deals: Path):
    ran = penstock("waterfall", deals, "--measure", "count")
    assert "--map amount" not in ran.out + ran.err


def test_a_file_without_anything_like_money_says_so_too(tmp_path: Path):
    path = files.write(tmp_path, "bare.csv", "Deal ID,Stage,Opened,Close Date\nD1,Discovery,2026-01-03,2026-03-20\n")
    assert "--map amount=COLUMN" in penstock("waterfall", path, columns=200).out.splitlines()[0]
