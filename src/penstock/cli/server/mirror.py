"""`penstock mirror`: the copy of the history that the ledger reads."""

from __future__ import annotations

from typing import Annotated

import typer

from penstock.cli.server.ready import ready

NAME = "mirror"


def command(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Throw the copy away and read the database again.")] = False,
) -> None:
    """Bring the ledger's copy of the history up to date, and say how far it reaches.

    The copy can always be thrown away: the database has it all. Running processes keep what they hold; it stays right.
    """
    with ready():
        from penstock.reports import segments
        from penstock.reports.mirror import VERSIONS, mirror

        if rebuild:
            segments.remove()
        with mirror().reading() as held:
            count = held.con.raw_sql(f"SELECT count(*) FROM {VERSIONS}").fetchone()[0]
            typer.echo(f"{count:,} versions, up to number {held.mark.seq:,}.")
