"""The README: its table of commands can be typed, and its picture is of the sample. The page of Python names is up to date."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

import penstock
from penstock.cli import app
from penstock.cli.server.lazy import COMMANDS as SERVER_COMMANDS
from penstock.demo import write_history
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
OF_FILES, OF_AN_INSTALLATION = README.split("Of an installation:")
COMMANDS = re.findall(r"^\| `penstock ([^`]+)` \|", OF_FILES, re.MULTILINE)


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_reference", ROOT / "docs" / "build_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(svg: str) -> list[str]:
    """The words and figures of a picture, in its order."""
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


def test_every_command_of_the_program_is_on_the_front_page() -> None:
    of_files = {command.name for command in app.registered_commands}
    assert {command.split()[0] for command in COMMANDS} == of_files - {"sample"}
    assert "make sample" in README
    assert set(re.findall(r"`penstock (\w+)", OF_AN_INSTALLATION)) >= set(SERVER_COMMANDS)


def test_the_commands_of_the_front_page_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample").mkdir()
    write_history(tmp_path / "sample" / "history.csv")
    monkeypatch.chdir(tmp_path)
    failed = []
    for command in COMMANDS:
        done = CliRunner().invoke(app, shlex.split(command))
        if done.exit_code:
            failed.append(f"{command}: {done.output}")
    assert not failed
    assert (tmp_path / "trend.svg").stat().st_size
    assert (tmp_path / "history.parquet").stat().st_size


def test_the_picture_is_of_the_sample(tmp_path: Path) -> None:
    write_history(tmp_path / "history.csv")
    drawn = tmp_path / "waterfall.svg"
    options = ["--quarter", "2026Q1", "--locale", "en", "--chart", str(drawn)]
    assert CliRunner().invoke(app, ["waterfall", str(tmp_path / "history.csv"), *options]).exit_code == 0
    kept = (ROOT / "docs" / "images" / "waterfall.svg").read_text(encoding="utf-8")
    assert texts(kept) == texts(drawn.read_text(encoding="utf-8"))
    assert len(texts(kept)) > 10


def test_the_page_of_python_is_up_to_date(builder: ModuleType) -> None:
    written = builder.PYTHON_PAGE.read_text(encoding="utf-8")
    assert written == builder.python_page(), "run `make docs` and commit what it writes"


def test_every_public_name_is_on_the_page_of_python(builder: ModuleType) -> None:
    assert set(penstock.__all__) == set(builder.LIBRARY["penstock"])
