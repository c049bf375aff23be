"""`penstock migrate`: the tables of this version."""

from __future__ import annotations

import typer

from penstock.cli.server.ready import pending, ready

NAME = "migrate"


def command() -> None:
    """Bring the tables up to this version of Penstock. Make a backup first: there is no way back but the backup."""
    with ready(migrated=False):
        from django.core.management import call_command

        waiting = pending()
        call_command("migrate", verbosity=0)
        for migration in waiting:
            typer.echo(f"Applied {migration}.")
        typer.echo("The tables are those of this version.")
