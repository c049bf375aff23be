"""`penstock convert`: anything that can be read, to the canonical history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.options import WRITING, Asked, company, source
from penstock.cli.options import command as shared_options

NAME = "convert"


@shared_options(source, company)
def command(
    asked: Asked,
    out: Annotated[Path, typer.Option(help="The file to write: .parquet or .csv.", rich_help_panel=WRITING, show_default=False)],
) -> None:
    """Write the canonical history: one row per version, which every command reads again at once.

    The file is written whole or not at all. Amounts are decimals in major units.
    """
    from penstock.readers.wording import worded

    history = asked.read()
    history.write(out)
    versions = history.table.count().to_pyarrow().as_py()
    told = worded("Wrote {count} [version|versions] to {out} (read as {reader}).", versions, out=str(out), reader=history.reader)
    typer.echo(told, err=True)
    for note in history.notes:
        typer.echo(f"· {note}", err=True)
