"""`penstock sample`: what a person sees, and may type again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penstock.cli import app
from penstock.cli.sample import latest_full_quarter


def test_it_writes_the_history_and_prints_the_commands_that_it_runs(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["sample", str(tmp_path)])
    file = tmp_path / "sample" / "history.csv"
    assert done.exit_code == 0, done.output
    assert file.read_text().startswith("opportunity_id,effective_at,")
    asked = f"$ penstock waterfall {file} --from 2026-01-01 --to 2026-04-01 --by region\n"
    assert asked in done.output
    shown, checked = done.output.split(asked)[1].split(f"$ penstock check {file}\n")
    assert "✓ Residual 0.00" in shown
    assert checked.strip()


def test_without_a_folder_it_writes_below_the_one_you_are_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(app, ["sample"])
    assert (tmp_path / "penstock-sample" / "sample" / "history.csv").exists()


def test_the_latest_full_quarter_is_over() -> None:
    assert latest_full_quarter(date(2026, 4, 1)) == (date(2026, 1, 1), date(2026, 4, 1))
    assert latest_full_quarter(date(2026, 3, 31)) == (date(2025, 10, 1), date(2026, 1, 1))
