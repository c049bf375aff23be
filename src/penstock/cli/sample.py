"""`penstock sample`: the invented company's history as a file, and two questions asked of it."""

from __future__ import annotations

import shlex
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

NAME = "sample"


def command(
    folder: Annotated[Path, typer.Argument(help="Where to write; sample/history.csv is made in it.")] = Path("penstock-sample"),
) -> None:
    """Write a sample company's history as a file, and show its waterfall and what is wrong with its data.

    The company is invented, and the file is the same on every machine.
    """
    from penstock.demo.company import write_history

    history = folder / "sample" / "history.csv"
    history.parent.mkdir(parents=True, exist_ok=True)
    write_history(history)
    typer.echo(f"Wrote {history}: nine quarters of Aquifer Systems, an invented company.")
    raise typer.Exit(max(_run(arguments) for arguments in questions(history)))


def questions(history: Path) -> list[list[str]]:
    """What to ask of the history, as arguments of `penstock`: the latest full quarter's waterfall by region, and the check."""
    from penstock.demo.company import UNTIL

    start, end = latest_full_quarter(UNTIL)
    window = ["--from", start.isoformat(), "--to", end.isoformat()]
    return [["waterfall", str(history), *window, "--by", "region"], ["check", str(history)]]


def latest_full_quarter(until: date) -> tuple[date, date]:
    """The last calendar quarter that is over by `until`, as a half-open window."""
    from penstock.demo.days import quarter_start

    end = quarter_start(until)
    return quarter_start(end - timedelta(days=1)), end


def _run(arguments: list[str]) -> int:
    """Print one command of `penstock`, run it in this process, and give its exit code."""
    from penstock.cli.app import app

    typer.echo(f"\n$ penstock {shlex.join(arguments)}\n")
    code = app(arguments, standalone_mode=False)
    return code if isinstance(code, int) else 0
