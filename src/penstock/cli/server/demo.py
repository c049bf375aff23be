"""`penstock demo`: the invented company, three years of it, in an empty installation."""

from __future__ import annotations

from typing import Annotated

import typer

from penstock.cli.server.ready import ready, refuse

NAME = "demo"


def command(
    deals: Annotated[int, typer.Option(min=60, help="How many opportunities; everything else follows from it.")] = 12_000,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
) -> None:
    """Enter Aquifer Systems, an invented company: its people, accounts, deals, touches and quotas of three years up to today.

    It goes through the same actions as everything else. The installation must not have a company yet. At the end it prints
    who can log in. The same seed on the same day gives the same company.
    """
    with ready():
        from penstock.demo.firm.build import build
        from penstock.demo.firm.organisation import PASSWORD
        from penstock.demo.firm.staff import STAFF

        def said(what: str, count: int) -> None:
            typer.echo(f"  {count:>9,} {what}", err=True)

        try:
            build(seed=seed, size=deals, said=said)
        except RuntimeError as refused:
            refuse(str(refused))
        shown = {person.role: person.email for person in reversed(STAFF)}
        typer.echo(f"Log in with the password {PASSWORD} as, for example:")
        for role in ("admin", "revops", "manager", "ae", "sdr", "marketing", "read_only"):
            typer.echo(f"  {role:<10} {shown[role]}")
