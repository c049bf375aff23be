"""Django made ready for a command, with refusals in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer

REFUSED = 2


@contextmanager
def ready(*, migrated: bool = True) -> Iterator[None]:
    """Set Django up, and say what is refused inside on standard error with exit code 2.

    migrated: refuse where tables are missing or older than this version.
    """
    from penstock.config.environment import BadSettings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "penstock.config.settings")
    try:
        import django

        django.setup()
    except (BadSettings, ValueError) as fault:
        refuse(str(fault))
    from django.db import Error

    from penstock.org.refusals import Refusal

    try:
        if migrated and pending():
            refuse("The tables are not those of this version of Penstock. Run `penstock migrate` (make a backup first).")
        yield
    except Refusal as refusal:
        refuse(refusal.message)
    except Error as fault:
        refuse(f"The database does not do it: {fault}")


def pending() -> list[str]:
    """The migrations that are still to be applied."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def refuse(text: str) -> None:
    """Say why on standard error, and end with exit code 2."""
    typer.echo(text, err=True)
    raise typer.Exit(REFUSED)
