"""`python -m penstock.demo`: what a person sees, and may type again."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from penstock.demo.__main__ import latest_full_quarter, main


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stands in for the command line; holds the arguments that it was called with."""
    calls: list[list[str]] = []

    def app(arguments: list[str], *, standalone_mode: bool) -> int:
        assert standalone_mode is False
        calls.append(arguments)
        return 3 if arguments[0] == "check" else 0

    module = ModuleType("penstock.cli")
    module.app = app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "penstock.cli", module)
    return calls


def test_it_writes_the_history_and_prints_the_commands_that_it_runs(
    tmp_path: Path, asked: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([str(tmp_path)])
    file = tmp_path / "sample" / "history.csv"
    assert file.read_text().startswith("opportunity_id,effective_at,")
    assert asked == [
        ["waterfall", str(file), "--from", "2026-01-01", "--to", "2026-04-01", "--by", "region"],
        ["check", str(file)],
    ]
    printed = capsys.readouterr().out
    assert f"$ penstock waterfall {file} --from 2026-01-01 --to 2026-04-01 --by region\n" in printed
    assert f"$ penstock check {file}\n" in printed
    assert code == 3


def test_without_a_folder_it_writes_below_the_one_you_are_in(
    tmp_path: Path, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main([])
    assert (tmp_path / "penstock-sample" / "sample" / "history.csv").exists()
    assert len(asked) == 2


def test_the_latest_full_quarter_is_over() -> None:
    assert latest_full_quarter(date(2026, 4, 1)) == (date(2026, 1, 1), date(2026, 4, 1))
    assert latest_full_quarter(date(2026, 3, 31)) == (date(2025, 10, 1), date(2026, 1, 1))
