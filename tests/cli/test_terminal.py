"""What a person sees: numbers that are never cut, in the person's locale, at any width; help for every command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli import files
from tests.cli.running import penstock

QUARTER = ("--quarter", "2026Q1")
COMMANDS = ("waterfall", "postings", "snapshot", "trend", "stages", "check", "convert")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company a thousand times as large, with long names of regions."""
    text = re.sub(r"(\d+)\.(\d\d),EUR", r"\g<1>000.\g<2>,EUR", files.HISTORY)
    text = text.replace("EMEA", "Europe, Middle East and Africa").replace("AMER", "North and South America")
    text = text.replace("Europe, Middle East and Africa", '"Europe, Middle East and Africa"')
    return files.write(tmp_path_factory.mktemp("large"), "large.csv", text)


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_waterfall_fits_and_shows_every_number_whole(large: Path, columns: int):
    shown = penstock("waterfall", large, *QUARTER, "--by", "region", columns=columns).out
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= columns
    for figure in ("155,000,000", "30,000,000", "−100,000,000", "60,000,000", "185,000,000", "85,000,000"):
        assert figure in shown


@pytest.mark.parametrize("columns", [60, 200])
@pytest.mark.parametrize("command", ["postings", "snapshot", "trend", "stages"])
def test_no_number_is_cut_in_the_other_commands(large: Path, command: str, columns: int):
    options = {"postings": QUARTER, "snapshot": ("--at", "2026-02-14"), "trend": (*QUARTER, "--monthly"), "stages": QUARTER}[
        command
    ]
    whole = {
        "postings": ("20,000,000.00", "−100,000,000.00", "−30,000,000.00"),
        "snapshot": ("55,000,000.50", "80,000,000.50", "7,000,000.00"),
        "trend": ("185,000,000.50", "205,000,000.50"),
        "stages": ("100,000,000.00",),
    }[command]
    by = () if command in ("postings", "stages") else ("--by", "stage")
    shown = penstock(command, large, *options, *by, columns=columns).out
    if command == "snapshot":
        whole = ("25,000,000.00", "80,000,000.50", "105,000,000.50")
    assert [figure for figure in whole if figure not in shown and figure[:-3] not in shown] == []
    assert not re.search(r"\d…|…\d", shown)


@pytest.mark.parametrize(
    ("locale", "starting", "won"),
    [
        ("fr", "185 000,50", "−100 000,00"),
        ("it", "185.000,50", "−100.000,00"),
        ("en", "185,000.50", "−100,000.00"),
        ("de-CH", "185’000.50", "−100’000.00"),
    ],
)
def test_numbers_are_written_as_in_the_locale(history: Path, locale: str, starting: str, won: str):
    shown = re.sub(r"[\u00a0\u202f]", " ", penstock("waterfall", history, *QUARTER, "--locale", locale).out)
    assert starting in shown
    assert won in shown


def test_a_locale_changes_nothing_for_machines(history: Path):
    plain = penstock("waterfall", history, *QUARTER, "--format", "csv").out
    assert penstock("waterfall", history, *QUARTER, "--format", "csv", "--locale", "fr").out == plain


def test_times_are_shown_in_the_companys_zone(history: Path):
    shown = penstock("snapshot", history, "--at", "2026-02-14T09:00Z", "--timezone", "America/New_York").out
    assert "14 Feb 2026 04:00" in shown


def test_a_table_in_a_file_is_the_table_without_a_screen(history: Path, tmp_path: Path):
    out = tmp_path / "waterfall.txt"
    penstock("waterfall", history, *QUARTER, "--out", out, columns=60)
    text = out.read_text(encoding="utf-8")
    assert "185,000.50" in text
    assert not any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(command: str):
    shown = penstock(command, "--help").out
    assert f"penstock {command}" in shown
    assert len(shown.splitlines()) > 10
    wanted = {"convert": ("--out", "--map"), "check": ("--now", "--format")}.get(
        command, ("--by", "--measure", "--known-at", "--out")
    )
    assert [option for option in (*wanted, "--fiscal-start", "--history") if option not in shown] == []


def test_help_and_version():
    shown = penstock("--help").out
    assert [command for command in COMMANDS if command not in shown] == []
    assert re.fullmatch(r"penstock \d+\.\d+\.\d+\S*\n", penstock("--version").out)
