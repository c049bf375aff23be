"""Runs what a page shows: its files, its `$ penstock ...` transcripts and its Python.

In a page, ```csv NAME (or yaml NAME, and so on) is a file that the page's commands find; ```console holds commands after
`$ ` with what they print, where a line `...` stands for any lines; ```python is executed, with its `>>>` lines as in doctest.
All of a page runs in one folder, which begins with `sample/history.csv` as `penstock sample .` writes it.
"""

from __future__ import annotations

import difflib
import doctest
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

_FENCE = re.compile(r"^```(?P<kind>\w+)?(?:[ \t]+(?P<name>\S+))?[ \t]*\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: what it is, the file it names if any, its text, and the line it begins at."""

    kind: str
    name: str
    text: str
    line: int


def pages() -> list[Path]:
    """Every page for people, without the generated ones."""
    generated = {"cli.md", "python.md", "settings.md"}
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if not (page.parent.name == "reference" and page.name in generated)]


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match["kind"] or "", match["name"] or "", match["text"], line)


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a console block (continued lines joined), with what the page says it prints."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = part.split("\n")
        command = [lines.pop(0)]
        while command[-1].endswith("\\"):
            command[-1] = command[-1][:-1].rstrip()
            command.append(lines.pop(0).strip())
        yield " ".join(command), "\n".join(lines)


def run_command(command: str, before: int) -> tuple[str, int]:
    """What one command of a transcript prints, on both channels, and its exit code. before: that of the command before it."""
    program, *arguments = shlex.split(command)
    if program == "cat":
        return "".join(Path(name).read_text(encoding="utf-8") for name in arguments), 0
    if command == "echo $?":
        return f"{before}\n", 0
    if program == "head":
        count, name = arguments
        return "\n".join(Path(name).read_text(encoding="utf-8").splitlines()[: int(count.lstrip("-"))]) + "\n", 0
    assert program == "penstock", f"a transcript may hold penstock, cat, head -N and echo $?; not {program}"
    from typer.testing import CliRunner

    from penstock.cli import app

    done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output, done.exit_code


def trimmed(text: str) -> str:
    """Text without the space that nobody sees: at the ends of lines, and blank lines at the ends."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).rstrip()


def told(expected: str, printed: str) -> bool:
    """Whether a transcript says what was printed; `...` stands for any lines, at the end of a line for its rest."""
    lines = []
    for line in trimmed(expected).splitlines():
        if line == "...":
            lines.append(r"(?s:.*\n)?")
        else:
            lines.append(re.escape(line.removesuffix("...")) + (r"[^\n]*\n" if line.endswith("...") else r"\n"))
    seen = "".join(f"{line}\n" for line in trimmed(printed).splitlines())
    return re.fullmatch("".join(lines), seen) is not None


def run_page(page: Path, mended: Callable[[str, str, str], None] | None = None) -> list[str]:
    """Run a page in the current folder; what it gets wrong, in words.

    mended: called with command, expected and printed where a transcript differs, instead of reporting it.
    """
    wrong: list[str] = []
    names: dict[str, Any] = {}
    code = 0
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.kind == "console":
            for command, expected in commands(block):
                printed, code = run_command(command, code)
                if not told(expected, printed):
                    if mended:
                        mended(command, expected, printed)
                    wrong.append(f"{where}: $ {command}\n{_difference(expected, printed)}")
        elif block.kind == "python":
            wrong += _run_python(block, where, names)
        elif block.name:
            Path(block.name).write_text(block.text, encoding="utf-8")
    return wrong


def _run_python(block: Block, where: str, names: dict[str, Any]) -> list[str]:
    if ">>> " not in block.text:
        exec(compile("\n" * block.line + block.text, where, "exec"), names)
        return []
    test = doctest.DocTestParser().get_doctest(block.text, names, where, where, block.line)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    return said


def _difference(expected: str, printed: str) -> str:
    lines = difflib.unified_diff(
        trimmed(expected).splitlines(), trimmed(printed).splitlines(), "the page says", "it prints", lineterm="", n=1
    )
    return "\n".join(lines)
