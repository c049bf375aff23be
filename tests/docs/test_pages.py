"""What the pages show is what happens: every command with its output, every example in Python."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from penstock.demo import write_history
from tests.docs.pages import Block, blocks, commands, pages, run_page, told


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company's history, written once."""
    folder = tmp_path_factory.mktemp("sample")
    write_history(folder / "history.csv")
    return folder


@pytest.fixture
def desk(tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the reader of a page has it, on a screen of 100 columns, in English."""
    shutil.copytree(sample, tmp_path / "sample")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    for name in ("LANGUAGE", "FORCE_COLOR", "PENSTOCK_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_pages_are_found() -> None:
    assert {"README.md", "tutorial.md", "definitions.md"} <= {page.name for page in pages()}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_what_a_page_shows_is_what_happens(page: Path, desk: Path) -> None:
    wrong = run_page(page)
    assert not wrong, "\n\n".join(wrong)


def test_a_transcript_is_taken_apart() -> None:
    text = "Words.\n\n```csv a.csv\nx\n1\n```\n\n```console\n$ penstock check \\\n    a.csv\nfine\n\n$ cat a.csv\nx\n```\n"
    file, transcript = blocks(text)
    assert file == Block("csv", "a.csv", "x\n1\n", 3)
    assert list(commands(transcript)) == [("penstock check a.csv", "fine\n\n"), ("cat a.csv", "x\n")]


def test_a_wrong_transcript_is_noticed() -> None:
    assert told("a\n...\nd", "a\nb\nc\nd\n")
    assert told("a  \nb", "a\nb   \n\n")
    assert not told("a\n...\nd", "a\nb\nc\n")
    assert not told("a\nb", "a\nb\nc")
