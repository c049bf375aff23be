"""`penstock init`: a new installation, or the same one again."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from penstock.cli.server.ready import ready, refuse

NAME = "init"


def command(
    company: Annotated[str | None, typer.Option(help="The company's name; without it only the tables are made.")] = None,
    currency: Annotated[str, typer.Option(help="The corporate currency.")] = "EUR",
    timezone: Annotated[str, typer.Option(help="The company's time zone.")] = "UTC",
    admin: Annotated[str | None, typer.Option(help="E-mail address of the first administrator.")] = None,
    name: Annotated[str, typer.Option(help="The administrator's name.")] = "Administrator",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the administrator's password from standard input.")
    ] = False,
) -> None:
    """Make the data folder, the secret key and the tables; then, if they are named, the company and its first administrator.

    It can be repeated: what is there stays as it is. The data folder is ./penstock-data, or the one of PENSTOCK_DATA.
    """
    from penstock.config.environment import data_folder, make_secret

    if make_secret():
        typer.echo(f"Made the data folder {data_folder()} and its secret key.")
    with ready(migrated=False):
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        typer.echo("The tables are those of this version.")
        if company:
            _company(company, currency, timezone)
        if admin:
            _administrator(admin, name, password_stdin)


def _company(company: str, currency: str, timezone: str) -> None:
    from penstock.crm.actions.actor import system
    from penstock.loop.actions import install_rules
    from penstock.org.actions.company_setup import set_up_company
    from penstock.org.models import Company

    if Company.objects.exists():
        typer.echo("The company is there already; it stays as it is.")
        return
    set_up_company(None, {"name": company, "corporate_currency": currency, "time_zone": timezone})
    install_rules(system("cli"))
    typer.echo(f"{company} is set up, with the rules of the account loop.")


def _administrator(email: str, name: str, password_stdin: bool) -> None:
    from penstock.org.actions.users import add_user
    from penstock.org.models import User

    if User.objects.filter(email__iexact=email).exists():
        typer.echo(f"{email} is a user already.")
        return
    add_user(None, email=email, name=name, role="admin", password=password(password_stdin))
    typer.echo(f"{email} can log in as administrator.")


def password(from_stdin: bool) -> str:
    """A password: from standard input, or asked for twice."""
    if from_stdin:
        given = sys.stdin.readline().rstrip("\n")
        if not given:
            refuse("There is no password on standard input.")
        return given
    if not sys.stdin.isatty():
        refuse("Give the password on standard input, with --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
