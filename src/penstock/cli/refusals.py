"""Refusals in words, with an exit code; what nobody expected is not caught."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

REFUSED, DOES_NOT_TIE_OUT = 2, 3


@contextmanager
def refusals() -> Iterator[None]:
    """Say on standard error what was refused and why, and end with the exit code for it.

    PENSTOCK_TRACEBACK=1 in the environment shows where it was refused instead.
    """
    try:
        yield
    except BrokenPipeError:
        # The reader of our output has seen enough (`| head`).
        sys.stderr.close()
        raise typer.Exit(0) from None
    except OSError as error:
        name = f" ({error.filename})" if error.filename else ""
        _refuse([f"{error.strerror or error}{name}."])
    except Exception as error:
        if os.environ.get("PENSTOCK_TRACEBACK"):
            raise
        _refuse(*_explained(error))


def _explained(error: Exception) -> tuple[list[str], int]:
    """The words and the exit code of an expected refusal; any other error is raised again."""
    import duckdb

    from penstock.ledger.rates import MissingRate, MissingRates
    from penstock.library import InvalidHistory, TieOutError
    from penstock.readers.faults import ReadError

    if isinstance(error, ReadError):
        from penstock.cli.faults import explained

        return explained(error), REFUSED
    if isinstance(error, TieOutError):
        return [str(error)], DOES_NOT_TIE_OUT
    # Exactly ValueError: its subclasses in libraries are faults of ours, not of what was asked.
    if type(error) is ValueError or isinstance(error, InvalidHistory | MissingRate | MissingRates):
        return [str(error)], REFUSED
    if isinstance(error, duckdb.OutOfMemoryException):
        return [
            "There is not enough memory. Give a larger --memory-limit, or free some disk space for what does not fit."
        ], REFUSED
    raise error


def _refuse(lines: list[str], code: int = REFUSED) -> None:
    for line in lines:
        typer.echo(line[:1].upper() + line[1:], err=True)
    raise typer.Exit(code)
