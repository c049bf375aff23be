"""What only a process of its own can show: exit codes, pipes that close, the two channels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli import files
from tests.cli.running import SCREEN

COMMAND = (sys.executable, "-W", "ignore", "-c", "from penstock.cli import main; main()")


def test_figures_on_one_channel_and_nothing_on_the_other(history: Path):
    done = subprocess.run(
        [*COMMAND, "waterfall", history, "--quarter", "2026Q1", "--format", "json"],
        capture_output=True, text=True, encoding="utf-8", env=os.environ | SCREEN, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert json.loads(done.stdout)["total"]["ending"] == files.TOTAL["ending"]


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path):
    """As in `penstock postings … | head -1`: no traceback, no complaint, however much there was to come."""
    head = files.HISTORY.splitlines()[0]
    rows = (
        f"D{n:05},2026-01-15T08:00:00Z,open,Discovery,1,1.00,EUR,2026-03-31,2026-01-15T08:00:00Z,20,EMEA,Ada"
        for n in range(5_000)
    )
    many = files.write(tmp_path, "many.csv", "\n".join([head, *rows]) + "\n")
    process = subprocess.Popen(
        [*COMMAND, "postings", many, "--quarter", "2026Q1", "--format", "csv"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=os.environ | SCREEN,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("opportunity_id,at,element")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=120) == 0


def test_a_refusal_is_told_on_standard_error(tmp_path: Path):
    done = subprocess.run(
        [*COMMAND, "check", "nothing.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | SCREEN,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no file nothing.csv." in done.stderr
