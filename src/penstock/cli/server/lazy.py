"""The commands of an installation, loaded when one is called: their names and first lines are known without them."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
import typer.core
import typer.main

# Command -> what it does, as help has it.
COMMANDS = {
    "init": "Set an installation up: data folder, secret key, tables, company, administrator.",
    "serve": "Serve the pages, and with --with-worker do the background work too.",
    "worker": "Do the background work: events, jobs, the clock.",
    "migrate": "Bring the tables of an installation up to this version of Penstock.",
    "demo": "Enter an invented company with three years of history.",
    "verify": "Prove that history replays to state and that every deal ties out.",
    "backup": "Write the whole installation's data to one file, while it runs.",
    "restore": "Bring an installation's data back from a backup.",
    "user": "Add, list and deactivate users, and give them new passwords.",
    "mirror": "Bring the ledger's copy of the history up to date, or make it anew.",
}


class LazyGroup(typer.core.TyperGroup):
    """The commands of the program, with those of COMMANDS loaded on demand."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The file commands, then those of an installation."""
        return [*super().list_commands(ctx), *COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name; help of the whole program asks for each, but only for its name and first line."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        if cmd_name not in sys.argv and not _asked(ctx, cmd_name):
            return typer.core.TyperCommand(cmd_name, help=COMMANDS[cmd_name])
        return load(cmd_name)


def load(name: str) -> Any:
    """The command itself."""
    module: Any = importlib.import_module(f"penstock.cli.server.{name}")
    if hasattr(module, "app"):
        return typer.main.get_command(module.app)
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    made.command(name)(module.command)
    return typer.main.get_command(made)


def _asked(ctx: Any, name: str) -> bool:
    """Whether the program was called with this command other than through its own arguments, as tests do."""
    return name in [*getattr(ctx, "_protected_args", []), *ctx.args]
