"""The `penstock` command and its subcommands."""

from __future__ import annotations

from typing import Annotated

import typer

from penstock.cli import check, convert, postings, sample, snapshot, stages, trend, waterfall
from penstock.cli.server.lazy import LazyGroup

app = typer.Typer(
    name="penstock",
    help="A pipeline engine in which every number ties out: from a file of opportunity history to its waterfall.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=LazyGroup,
)
for module in (waterfall, postings, snapshot, trend, stages, check, convert, sample):
    app.command(module.NAME)(module.command)


def _print_version(asked: bool) -> None:
    if asked:
        from penstock import __version__

        typer.echo(f"penstock {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A pipeline engine in which every number ties out."""


def main() -> None:
    """Run the command line."""
    app()
