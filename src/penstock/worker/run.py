"""The worker: one process that handles events, carries out jobs and keeps the schedule, until it is told to stop.

Events and schedule are worked off by one thread and jobs by another, so that a long job holds nothing up; a third one says
that the worker is alive. On SIGTERM or SIGINT each finishes the transaction it is in.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.db import close_old_connections, connection

from penstock.worker import heartbeat, outbox, queue, schedule

log = logging.getLogger("penstock.worker")
# After an unexpected error (the database is away, the disk is full) the wait doubles up to this.
_LONGEST_WAIT_SECONDS = 30.0
_EVENTS_SECONDS = 10.0


def run(*, once: bool = False, poll: float = 0.5, stop: threading.Event | None = None) -> None:
    """Work until SIGTERM or SIGINT, or until `stop` is set. poll: seconds between looks at an empty queue.

    once: do everything that is due, and what comes of it, in this thread, and return. Errors of the database are then raised;
    otherwise they are logged and the work goes on when they are over.
    """
    worker = heartbeat.begin()
    log.info("worker begun", extra={"worker": worker, "once": once})
    try:
        if once:
            while schedule.step() + outbox.drain() + queue.drain(worker):
                heartbeat.beat(worker)
        else:
            _until_stopped(worker, poll, stop or threading.Event())
    finally:
        heartbeat.end(worker)
        log.info("worker ended", extra={"worker": worker})


def _until_stopped(worker: str, poll: float, stop: threading.Event) -> None:
    if threading.current_thread() is threading.main_thread():
        _stop_on_signals(stop)
    stopping = stop.is_set
    others = {
        "jobs": (lambda: queue.drain(worker, stopping), poll),
        "heartbeat": (lambda: _beaten(worker), heartbeat.EVERY_SECONDS),
    }
    threads = [
        threading.Thread(target=_loop, args=(name, step, wait, stop), name=f"penstock-{name}")
        for name, (step, wait) in others.items()
    ]
    for thread in threads:
        thread.start()
    _loop("events", lambda: _events(stop), poll, stop)
    for thread in threads:
        thread.join()


def _events(stop: threading.Event) -> int:
    """The schedule, and then events for a while: however many there are, the clock is not forgotten."""
    until = time.monotonic() + _EVENTS_SECONDS
    return schedule.step() + outbox.drain(lambda: stop.is_set() or time.monotonic() > until)


def _beaten(worker: str) -> int:
    heartbeat.beat(worker)
    return 0


def _loop(name: str, step: Callable[[], int], poll: float, stop: threading.Event) -> None:
    """Call `step` until told to stop: at once again while it finds something to do, or else after `poll` seconds."""
    wait = poll
    try:
        while not stop.is_set():
            close_old_connections()
            try:
                busy = step() > 0
                wait = poll
            except Exception:
                log.exception("worker's %s failed", name, extra={"part": name})
                busy = False
                connection.close()
                wait = min(_LONGEST_WAIT_SECONDS, max(1.0, wait * 2))
            if not busy:
                stop.wait(wait)
    finally:
        connection.close()


def _stop_on_signals(stop: threading.Event) -> None:
    """The first signal stops in order; a second one has its usual effect."""

    def stopped(number: int, frame: FrameType | None) -> None:
        log.info("worker stopping", extra={"signal": signal.Signals(number).name})
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopped)
