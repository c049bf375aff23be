"""Run pytest with the product's database on PostgreSQL: `python -m tests.on_postgres [options of pytest]`.

The server is the one of PENSTOCK_TEST_POSTGRES (a URL), or else one started for the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext

from tests.databases import postgres_server

# The parts of the product that have a database; the ledger's own tests choose theirs themselves.
FOLDERS = ["tests/org", "tests/crm", "tests/loop", "tests/reports", "tests/worker", "tests/crash", "tests/web"]


def main(arguments: list[str]) -> int:
    """The exit code of pytest."""
    given = os.environ.get("PENSTOCK_TEST_POSTGRES")
    paths = (
        [] if any(argument.startswith("tests/") for argument in arguments) else [path for path in FOLDERS if os.path.isdir(path)]
    )
    with nullcontext(given) if given else postgres_server() as url:
        environment = os.environ | {"DATABASE_URL": url}
        return subprocess.run([sys.executable, "-m", "pytest", *arguments, *paths], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
