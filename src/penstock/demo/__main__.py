"""`python -m penstock.demo [FOLDER]`: writes the sample company's history, then asks two questions of it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from penstock.demo.company import UNTIL, write_history
from penstock.demo.days import quarter_start


def commands(history: Path) -> list[list[str]]:
    """What to ask of the history, as arguments of `penstock`: the latest full quarter's waterfall by region, and the check."""
    start, end = latest_full_quarter(UNTIL)
    window = ["--from", start.isoformat(), "--to", end.isoformat()]
    return [["waterfall", str(history), *window, "--by", "region"], ["check", str(history)]]


def latest_full_quarter(until: date) -> tuple[date, date]:
    """The last calendar quarter that is over by `until`, as a half-open window."""
    end = quarter_start(until)
    return quarter_start(end - timedelta(days=1)), end


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes FOLDER/sample/history.csv, prints each command and then what it prints; the worst of their exit codes."""
    parser = argparse.ArgumentParser(
        prog="python -m penstock.demo", description="Write a sample company's history and look at it."
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("penstock-sample"), help="where to write (default: %(default)s)"
    )
    history = parser.parse_args(arguments).folder / "sample" / "history.csv"
    history.parent.mkdir(parents=True, exist_ok=True)
    write_history(history)
    print(f"Wrote {history}: nine quarters of Aquifer Systems, an invented company.", flush=True)
    return max(run(command) for command in commands(history))


def run(command: list[str]) -> int:
    """Prints one command of `penstock`, runs it in this process, and gives its exit code."""
    from penstock.cli import app

    print(f"\n$ penstock {shlex.join(command)}\n", flush=True)
    code = app(command, standalone_mode=False)
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    raise SystemExit(main())
