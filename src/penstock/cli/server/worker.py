"""`penstock worker`: the background work."""

from __future__ import annotations

from typing import Annotated

import typer

from penstock.cli.server.ready import ready

NAME = "worker"


def command(
    once: Annotated[bool, typer.Option("--once", help="Do what is due, and end.")] = False,
    poll: Annotated[float, typer.Option(min=0.05, help="Seconds between two looks, where there is nothing to do.")] = 0.5,
    failed: Annotated[bool, typer.Option("--failed", help="List the events that were given up, and why; do nothing.")] = False,
) -> None:
    """Do the background work: rules and alerts on what happened, jobs, the clock. Several may run; they share it.

    It ends in order on SIGTERM and SIGINT. Killed at any moment it loses nothing and does nothing twice.
    """
    with ready():
        if failed:
            _list_failed()
            return
        from penstock.worker.run import run

        run(once=once, poll=poll)


def _list_failed() -> None:
    from penstock.crm.models import OutboxEvent

    given_up = OutboxEvent.objects.filter(failed_at__isnull=False).order_by("id")
    for event in given_up:
        last = event.error.strip().splitlines()[-1] if event.error.strip() else ""
        typer.echo(f"{event.pk} {event.topic} {event.record_type} {event.record_id}: {last}")
    if not given_up:
        typer.echo("No event was given up.")
