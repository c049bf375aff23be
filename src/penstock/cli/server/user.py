"""`penstock user`: who may log in."""

from __future__ import annotations

from typing import Annotated

import typer

from penstock.cli.server.init import password
from penstock.cli.server.ready import ready, refuse

app = typer.Typer(help="Add, list and deactivate users, and give them new passwords.", no_args_is_help=True)
_STDIN = typer.Option("--password-stdin", help="Read the password from standard input.")


@app.command("add")
def add(
    email: Annotated[str, typer.Argument(help="Their e-mail address, with which they log in.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[
        str, typer.Option(help="ae, bdr, sdr, ecs, cloud, manager, marketing, revops, read_only or admin.")
    ] = "read_only",
    team: Annotated[str | None, typer.Option(help="The name of their team.")] = None,
    password_stdin: Annotated[bool, _STDIN] = False,
) -> None:
    """Add a user, with a password."""
    with ready():
        from penstock.org.actions.users import add_user
        from penstock.org.models import Team

        found = Team.objects.filter(name=team).first() if team else None
        if team and found is None:
            refuse(
                f"There is no team {team!r}. There are: {', '.join(Team.objects.values_list('name', flat=True)) or 'none yet'}."
            )
        add_user(
            None, email=email, name=name, role=role, team=found, password=password(password_stdin), reason="penstock user add"
        )
        typer.echo(f"{email} can log in.")


@app.command("list")
def list_users() -> None:
    """List everybody, active or not."""
    with ready():
        from penstock.org.models import User

        for user in User.objects.select_related("team").order_by("email"):
            state = "" if user.is_active else "  (not active)"
            typer.echo(f"{user.email}  {user.name}  {user.role}  {user.team or '–'}{state}")


@app.command("reset-password")
def reset_password(email: Annotated[str, typer.Argument(help="Whose.")], password_stdin: Annotated[bool, _STDIN] = False) -> None:
    """Give a user another password."""
    with ready():
        from penstock.org.actions.passwords import set_password

        set_password(None, _user(email), password(password_stdin), reason="penstock user reset-password")
        typer.echo(f"{email} has another password.")


@app.command("deactivate")
def deactivate(
    email: Annotated[str, typer.Argument(help="Whom.")],
    hand_over_to: Annotated[str | None, typer.Option(help="Who takes over what they own and have to do.")] = None,
) -> None:
    """Let a user log in no more. What they own is handed over first; their history keeps their name."""
    with ready():
        from penstock.crm.actions.actor import system
        from penstock.crm.actions.leaving import deactivate_user
        from penstock.org.models import User

        heir = User.objects.get(pk=_user(hand_over_to)) if hand_over_to else None
        deactivate_user(system("cli"), User.objects.get(pk=_user(email)), hand_over_to=heir)
        typer.echo(f"{email} can log in no more.")


def _user(email: str) -> int:
    from penstock.org.models import User

    found = User.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
    if found is None:
        refuse(f"There is no user {email}. `penstock user list` names them all.")
    assert found is not None
    return found
