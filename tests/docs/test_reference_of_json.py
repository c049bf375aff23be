"""Every key that the commands print in JSON, and every column in CSV, is on the page of the machine-readable form."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from penstock.cli import app
from penstock.demo import write_history
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
# Under these keys stand names of the data, not of the form.
FREE = {"group", "subjects"}
ASKED = {
    "waterfall": ["waterfall", "--quarter", "2026Q1", "--by", "region"],
    "waterfall --net": ["waterfall", "--quarter", "2026Q1", "--net"],
    "postings": ["postings", "--quarter", "2026Q1", "--line", "reopened", "--by", "region"],
    "snapshot": ["snapshot", "--at", "2026-02-14", "--by", "region"],
    "snapshot --deals": ["snapshot", "--at", "2026-02-14", "--by", "region", "--deals"],
    "trend": ["trend", "--from", "2026-01-01", "--to", "2026-03-01", "--monthly", "--by", "region"],
    "stages": ["stages", "--from", "2025-01-01", "--to", "2026-01-01", "--by", "region"],
    "check": ["check"],
}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "history.csv"
    write_history(path, deals=150)
    return path


def documented(section: str) -> set[str]:
    """The names in backticks of a command's section and of what is common to all."""
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    return set(re.findall(r"`(\w+)`", sections["Common to all"] + sections[section]))


def keys(value: Any) -> Iterator[str]:
    """Every key at any depth that belongs to the form."""
    if isinstance(value, list):
        for item in value:
            yield from keys(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in FREE:
                yield from keys(inner)


def dimensions(history: Path) -> set[str]:
    with history.open(newline="", encoding="utf-8") as file:
        header = next(csv.reader(file))
    return set(header[header.index("region") :])


def answer(history: Path, section: str, form: str) -> str:
    verb, *options = ASKED[section]
    done = CliRunner().invoke(app, [verb, str(history), *options, "--format", form])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("section", ASKED)
def test_every_key_is_documented(history: Path, section: str) -> None:
    found = json.loads(answer(history, section, "json"))
    if section == "check":
        for finding in found["findings"]:
            assert set(finding.pop("amount")) <= {"EUR"}
        assert "amount" in documented(section)
    unknown = set(keys(found)) - documented(section) - dimensions(history)
    assert not unknown, f"docs/reference/json.md, section {section!r}, lacks {sorted(unknown)}"


@pytest.mark.parametrize("section", ASKED)
def test_every_column_is_documented(history: Path, section: str) -> None:
    header = next(csv.reader(answer(history, section, "csv").splitlines()))
    affixes = r"^(?:count|before|after|overdue)_|_minor$"
    plain = {re.sub(affixes, "", re.sub(r"_minor$", "", name)) for name in header}
    unknown = plain - documented(section) - dimensions(history)
    assert not unknown, f"docs/reference/json.md, section {section!r}, lacks {sorted(unknown)}"
