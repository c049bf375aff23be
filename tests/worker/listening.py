"""Subscribers and jobs of the tests, in a module of their own since the product finds them by name."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from penstock.crm.models import OutboxEvent
from penstock.worker.queue import JobContext, job


@dataclass
class Listener:
    """What was heard, by (topic, record id), and for which events it fails."""

    heard: list[tuple[str, int]] = field(default_factory=list)
    fails: Callable[[OutboxEvent], bool] = lambda event: False

    def of(self, record_id: int) -> list[str]:
        return [topic for topic, pk in self.heard if pk == record_id]


listener = Listener()


def everything() -> Callable[[OutboxEvent], bool]:
    return lambda event: True


def listen(event: OutboxEvent) -> None:
    if listener.fails(event):
        raise ConnectionError(f"nobody answers for {event.topic}")
    listener.heard.append((event.topic, event.record_id))


def note(event: OutboxEvent) -> None:
    """Write an event to the file that the environment names, slowly enough for others to take part."""
    time.sleep(0.004)
    with Path(os.environ["NOTED"]).open("a") as file:
        file.write(f"{os.getpid()} {event.record_type}-{event.record_id} {event.pk}\n")


calls: list[Any] = []


@job
def three_parts(context: JobContext, fail_at: int | None = None, stop_at: int | None = None) -> dict[str, Any]:
    """Three parts; a failure or the wish to stop comes with one of them the first time."""
    for part in range(3):
        if part == fail_at and calls.count("failed") < 1:
            calls.append("failed")
            raise ConnectionError("the line is down")
        calls.append(part)
        context.report(part + 1, 3)
    return {"parts": 3}


@job
def always_fails(context: JobContext) -> None:
    calls.append("tried")
    raise ConnectionError("the line is down")


class Killed(BaseException):
    """What nobody catches, as nobody catches the end of a process."""


def die(event: OutboxEvent) -> None:
    raise Killed
