"""`penstock restore`: an installation as it was when a backup was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.server.ready import ready, refuse

NAME = "restore"


def command(
    file: Annotated[Path, typer.Argument(help="A file that `penstock backup` wrote.", show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Throw away what the installation holds now.")] = False,
) -> None:
    """Fill an installation from a backup, of SQLite or of PostgreSQL alike: all of it, or (where anything fails) nothing.

    Set the installation up first (penstock init), stop `serve` and `worker`, and run `penstock verify` afterwards.
    """
    with ready():
        from penstock.cli.server.archive import BadBackup, read
        from penstock.reports import segments

        try:
            rows = read(file, replace=replace)
        except BadBackup as fault:
            refuse(str(fault))
        segments.remove()
        typer.echo(f"Restored {rows:,} rows from {file}. `penstock verify` proves that they hold together.")
