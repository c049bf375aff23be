"""Asks every contender everything and prints one table, also written as Markdown.

    python -m benchmarks.run --folder benchmarks/data                # a million deals, ten million versions
    python -m benchmarks.run --folder benchmarks/data --deals 20000  # a minute, to see that it works
    python -m benchmarks.run --folder benchmarks/data --memory 2GB --only penstock

Every measurement is a process of its own. Pandas is stopped at the same memory that DuckDB is given. A daily snapshot table of
every deal is too large for this machine beside the rest, so it is made for a tenth of them; the weekly one is made for all.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.asked import QUESTIONS
from benchmarks.measure import Measured, measured
from benchmarks.setting import Setting

CONTENDERS: Final = {
    "penstock": "Penstock",
    "pandas": "pandas",
    "weekly": "weekly snapshots",
    "daily": "daily snapshots, a tenth of the deals",
    "scan": "bare scan (floor)",
}
_MEGABYTE: Final = 1e6

Results = dict[tuple[str, str], Measured]


def collect(setting: Setting, deals: int, only: list[str], console: Console) -> Results:
    """Makes the data that is not there yet, then builds and asks. Keys of the answer: contender and step."""
    tenth = Setting(setting.folder / "tenth", setting.threads, setting.memory)
    for place, number in ((setting, deals), (tenth, deals // 10)):
        if not place.history.exists() and (place is setting or "daily" in only):
            console.print(f"making {number:,} deals: {place.history}")
            make(place, number)
    results: Results = {}
    # In this order, because the scan reads the movements that Penstock built.
    for contender in [name for name in CONTENDERS if name in only]:
        steps = ["import"] if contender == "penstock" else []
        steps += [*(["build"] if contender != "scan" else []), *QUESTIONS]
        for step in steps:
            console.print(f"{CONTENDERS[contender]}: {step}", end=" ", highlight=False)
            result = measured(contender, step, tenth if contender == "daily" else setting)
            results[contender, step] = result
            console.print(_briefly(result), highlight=False)
            if step == "build" and "failed" in result:
                break
    return results


def make(place: Setting, deals: int) -> None:
    """The data, in a process of its own: a child's peak memory is counted from its parent's, so the parent has to stay small."""
    command = [sys.executable, "-m", "benchmarks.generate", "--deals", str(deals), "--out", str(place.history)]
    subprocess.run([*command, "--threads", str(place.threads), "--memory", place.memory], check=True)


def cell(results: Results, contender: str, question: str) -> str:
    """Seconds (median, and best), times the floor, peak memory, and whether the figures are Penstock's."""
    result = results.get((contender, question))
    if result is None:
        return "not asked"
    if "failed" in result:
        return str(result["failed"])
    middle = median(result["seconds"])
    parts = [f"{_seconds(middle)} (best {_seconds(min(result['seconds']))})"]
    floor = results.get(("scan", question), {})
    if contender not in ("scan", "daily") and floor.get("seconds"):
        parts.append(f"{middle / median(floor['seconds']):.1f} times the floor")
    parts.append(f"{result['rss'] / _MEGABYTE:,.0f} MB")
    if len(result["seconds"]) < 5:
        parts.append(f"{len(result['seconds'])} run(s)")
    ours = results.get(("penstock", question), {}).get("answer")
    if contender in ("pandas", "weekly") and ours is not None:
        parts.append(agreement(ours, result["answer"]))
    return ", ".join(parts)


def agreement(ours: dict[str, list[int]], theirs: dict[str, list[int]]) -> str:
    """How far the figures of the other answer (which may hold more) are from Penstock's."""
    if ours.keys() != theirs.keys():
        return "other groups"
    pairs = [pair for name, values in ours.items() for pair in zip(values, theirs[name], strict=False)]
    apart = max((abs(here - there) / max(abs(here), 1) for here, there in pairs), default=0.0)
    return "same figures" if apart == 0 else f"figures differ by up to {max(apart, 0.0001):.2%}"


def built(results: Results, contender: str) -> str:
    result = results.get((contender, "build"))
    if result is None:
        return "reads Penstock's movements" if contender == "scan" else "not asked"
    if "failed" in result:
        return str(result["failed"])
    size = f", {result['bytes'] / _MEGABYTE:,.0f} MB on disk" if "bytes" in result else ""
    return f"{_seconds(result['seconds'][0])}, {result['rows']:,} rows{size}, {result['rss'] / _MEGABYTE:,.0f} MB"


def rows(results: Results) -> list[list[str]]:
    """The table without its heading: what is built, then a row per question."""
    table = [["Made once", *(built(results, contender) for contender in CONTENDERS)]]
    table += [[title, *(cell(results, contender, question) for contender in CONTENDERS)] for question, title in QUESTIONS.items()]
    return table


def markdown(table: list[list[str]], heading: list[str], notes: list[str]) -> str:
    lines = ["# Benchmark", "", *(f"- {note}" for note in notes), ""]
    lines += ["| " + " | ".join(line) + " |" for line in (heading, ["---"] * len(heading), *table)]
    return "\n".join(lines) + "\n"


def notes(results: Results, setting: Setting, deals: int) -> list[str]:
    import duckdb

    started = results.get(("penstock", "import"), {}).get("seconds")
    said = [
        (
            f"{deals:,} opportunities; {setting.threads} threads; {setting.memory} of memory for DuckDB and for pandas alike; "
            f"DuckDB {duckdb.__version__}, Python {platform.python_version()}, {platform.machine()}."
        ),
        (
            "Seconds: the median of five runs after a first one (fewer where a run is long), then the best. "
            "MB: the peak resident memory of the process."
        ),
        (
            "Penstock's time holds everything from the question to its figures. Its waterfall is compiled at the first asking "
            "and kept, as the package does it. Opening the database is not in it, nor is loading the file in the time of pandas."
        ),
        (
            "A weekly table has no snapshot on the quarter's last midnight, so its waterfall ends on the Thursday before, and it "
            "does not see stages that are passed between two snapshots."
        ),
        (
            "The conversion of pandas and of the snapshots takes a deal's first arrival at each stage; Penstock's also sees it "
            "come back."
        ),
        "Two snapshots, however made, give one label per deal: what happened between them is not in them.",
    ]
    return [*said, f"Importing Penstock's ledger with Ibis and DuckDB: {_seconds(started[0])}."] if started else said


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def _briefly(result: Measured) -> str:
    if "failed" in result:
        return str(result["failed"])
    return f"{_seconds(median(result['seconds']))}, {result['rss'] / _MEGABYTE:,.0f} MB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, required=True, help="for data, databases and spilled memory; 20 GB for a million deals"
    )
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="8GB", help="as DuckDB writes it, in GB")
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="ask only this contender (repeatable)")
    parser.add_argument("--out", type=Path, help="the Markdown file (default: benchmark.md in the folder)")
    given = parser.parse_args()
    console = Console()
    setting = Setting(given.folder / str(given.deals), given.threads, given.memory)
    results = collect(setting, given.deals, given.only or list(CONTENDERS), console)
    heading = ["", *CONTENDERS.values()]
    table = Table(*heading, show_lines=True)
    for line in rows(results):
        table.add_row(*line)
    console.print(table)
    out = given.out or given.folder / "benchmark.md"
    out.write_text(markdown(rows(results), heading, notes(results, setting, given.deals)), encoding="utf-8")
    console.print(f"Written to {out}.")
    return 1 if any("failed" in result for (contender, _), result in results.items() if contender == "penstock") else 0


if __name__ == "__main__":
    sys.exit(main())
