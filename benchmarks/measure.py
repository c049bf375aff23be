"""One contender, one step, in this process: prints its seconds, peak memory and answer as one line of JSON.

python -m benchmarks.measure penstock waterfall FOLDER --threads 2 --memory 8GB
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from benchmarks import peers, questions
from benchmarks.asked import QUESTIONS
from benchmarks.setting import Setting

# A question is asked five times, fewer if that would take longer than this many seconds, but always once.
_PATIENCE: Final = 90.0
_TIMES: Final = 5

Measured = dict[str, Any]


def measured(contender: str, step: str, setting: Setting) -> Measured:
    """The same, in a process of its own; {"failed": reason} where it did not get to its end."""
    command = [sys.executable, "-m", "benchmarks.measure", contender, step, str(setting.folder)]
    command += ["--threads", str(setting.threads), "--memory", setting.memory]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return dict(json.loads(done.stdout.splitlines()[-1]))
    said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return {"failed": "out of memory" if _starved(done.returncode, done.stderr) else said[-1]}


def _starved(code: int, errors: str) -> bool:
    return code == -9 or any(word in errors for word in ("MemoryError", "ArrowMemoryError", "OutOfMemoryException", "bad_alloc"))


def measure(contender: str, step: str, setting: Setting) -> Measured:
    """seconds: of every run. first: of the run before them, which warms the cache. rss: peak resident bytes of the process."""
    if step == "import":
        return _timed_import()
    side = questions if contender == "penstock" else peers.CONTENDERS[contender]
    if contender == "pandas":
        # DuckDB keeps to its limit by itself; pandas is stopped at the same one.
        limit = int(float(setting.memory.removesuffix("GB")) * 1e9)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    began = time.perf_counter()
    if step == "build":
        told = side.build(setting)
        return {"seconds": [time.perf_counter() - began], "rss": _peak(), **told}
    ask = side.asking(step, setting)
    began = time.perf_counter()
    answer = ask()
    first = time.perf_counter() - began
    seconds = [] if first < _PATIENCE / 2 else [first]
    while len(seconds) < _TIMES and sum(seconds) + first < _PATIENCE:
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds, "first": first, "rss": _peak(), "answer": answer}


def _timed_import() -> Measured:
    began = time.perf_counter()
    import ibis

    import penstock.ledger.waterfall

    ibis.duckdb.connect()
    return {"seconds": [time.perf_counter() - began], "rss": _peak(), "module": penstock.ledger.waterfall.__name__}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contender", choices=["penstock", *peers.CONTENDERS])
    parser.add_argument("step", choices=["import", "build", *QUESTIONS])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="8GB")
    given = parser.parse_args()
    print(json.dumps(measure(given.contender, given.step, Setting(given.folder, given.threads, given.memory))))


if __name__ == "__main__":
    main()
