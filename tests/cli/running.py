"""Runs `penstock` as a user does: inside this process, where starting one would take longer than the command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from penstock.cli import app

# The screen of the tests: English, 100 columns, no colours.
SCREEN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "LANGUAGE": "en", "LC_ALL": "en_US.UTF-8", "LC_MONETARY": "en_US"}


@dataclass(frozen=True)
class Ran:
    """What a command answered: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def form(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def penstock(*arguments: str | Path, columns: int = 100, fails: bool = False) -> Ran:
    """Run a command. An exit code other than 0 is a failed test unless `fails`; an unexpected error is always one."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env=SCREEN | {"COLUMNS": str(columns)})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if not fails:
        assert result.exit_code == 0, result.stderr
    return Ran(result.exit_code, result.stdout, result.stderr)


def refused(*arguments: str | Path) -> str:
    """Run a command that is to be refused: code 2, nothing on standard output, no traceback; the words on standard error."""
    ran = penstock(*arguments, fails=True)
    assert (ran.code, ran.out) == (2, ""), (ran.code, ran.out, ran.err)
    assert ran.err.strip()
    assert "Traceback" not in ran.err
    return ran.err
