"""On SQLite one writes at a time, and who waits looks only now and then whether it is free: a worker must leave gaps."""

from __future__ import annotations

import time

from django.db import connection

_WORK_SECONDS = 0.25
# SQLite's own busy handler looks at least this often.
_GAP_SECONDS = 0.11


class Turns:
    """Of one thread of a worker: call `give_way` between transactions."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def give_way(self) -> None:
        """After a quarter of a second of work on SQLite, let other writers in; elsewhere nothing."""
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            return
        if time.monotonic() - self._since >= _WORK_SECONDS:
            time.sleep(_GAP_SECONDS)
            self._since = time.monotonic()
