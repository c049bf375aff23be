"""`penstock backup`: everything that the installation has recorded, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.server.ready import ready

NAME = "backup"


def command(
    file: Annotated[Path, typer.Argument(help="Where to write, such as penstock-2026-11-22.zip.", show_default=False)],
) -> None:
    """Write one file with all data, as of one moment, while people go on working.

    The file is written whole or not at all; what was there under its name stays until then. It holds password hashes and
    customers' data, but not the secret key: keep it as you would the database.
    """
    with ready():
        from penstock.cli.server.archive import write

        rows = write(file)
        typer.echo(f"Wrote {file}: {rows:,} rows.")
