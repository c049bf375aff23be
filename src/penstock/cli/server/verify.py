"""`penstock verify`: the proof that history and records agree."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from penstock.cli.server.ready import ready

NAME = "verify"
_SHOWN = 20


def command(
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    every: Annotated[bool, typer.Option("--all", help="Name every offender, not the first twenty of each check.")] = False,
) -> None:
    """Prove that versions replay to state, that every deal ties out, that stamps follow on and that nothing hangs loose.

    Exit code 0 where all is well, 1 where a check finds offenders; it names them.
    """
    if form not in ("table", "json"):
        raise typer.BadParameter(f"{form!r} is not known. There are: table and json.", param_hint="--format")
    with ready():
        from penstock.reports.verification import verify

        found: list[dict[str, Any]] = []
        for check, offenders in verify():
            found.append({"check": check.name, "proves": check.proves, "offenders": [vars(one) for one in offenders]})
            if form == "table":
                typer.echo(f"{'✗' if offenders else '✓'} {check.name}: {check.proves}")
                for one in offenders if every else offenders[:_SHOWN]:
                    typer.echo(f"    {one.record_type} {one.record_id}: {one.text}")
                if not every and len(offenders) > _SHOWN:
                    typer.echo(f"    … and {len(offenders) - _SHOWN} more; --all names them.")
        if form == "json":
            typer.echo(json.dumps({"checks": found}, indent=2, default=str))
        if any(check["offenders"] for check in found):
            raise typer.Exit(1)
