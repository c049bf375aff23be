"""`penstock serve`: the pages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Annotated

import typer

from penstock.cli.server.ready import ready

NAME = "serve"


def command(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Do the background work too, in a process beside it.")
    ] = False,
) -> None:
    """Serve the pages until SIGINT or SIGTERM. /health says whether all is well."""
    with ready():
        typer.echo(f"Penstock is at http://{host}:{port} (Ctrl-C ends it).", err=True)
        beside = subprocess.Popen([sys.executable, "-m", "penstock.cli", "worker"]) if with_worker else None
        try:
            _serve(host, port, workers)
        finally:
            if beside is not None:
                beside.send_signal(signal.SIGTERM)
                beside.wait(timeout=30)


def _serve(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    # Each process of the server sets Django up for itself.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "penstock.config.settings")
    Granian(
        "penstock.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        log_enabled=False,
        respawn_failed_workers=True,
    ).serve()
