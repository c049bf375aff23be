"""The folder of small files that the commands of these tests are run on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import files


@pytest.fixture(scope="package")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """history.csv, opportunities.csv with field_history.csv, rates.csv: only read, never written to."""
    folder = tmp_path_factory.mktemp("given")
    files.write(folder, "history.csv", files.HISTORY)
    files.write(folder, "opportunities.csv", files.OPPORTUNITIES)
    files.write(folder, "field_history.csv", files.FIELD_HISTORY)
    files.write(folder, "rates.csv", files.RATES)
    return folder


@pytest.fixture
def history(given: Path) -> Path:
    """The canonical history."""
    return given / "history.csv"
