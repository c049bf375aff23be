"""What was given up: events and jobs, for `penstock worker --failed` and `--retry`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from penstock.worker import outbox, queue


@dataclass(frozen=True)
class Failure:
    """An event or a job that was given up. name: its topic and record, or its key; error: the traceback of the last attempt."""

    kind: str
    id: int
    name: str
    failed_at: datetime
    error: str

    @property
    def summary(self) -> str:
        """The last line of the error: what it was."""
        lines = self.error.strip().splitlines()
        return lines[-1] if lines else ""


def failures() -> list[Failure]:
    """Everything that was given up: events first, the oldest first."""
    events = [
        Failure("event", one.pk, f"{one.topic} {one.record_type} {one.record_id}", one.failed_at, one.error)
        for one in outbox.failed()
        if one.failed_at
    ]
    jobs = [
        Failure("job", one.pk, one.key, one.task.finished_at, one.task.traceback)
        for one in queue.failed()
        if one.task.finished_at
    ]
    return events + jobs


def retry() -> int:
    """Let everything that was given up be tried again from now on; returns how much that is."""
    return outbox.retry() + queue.retry()
