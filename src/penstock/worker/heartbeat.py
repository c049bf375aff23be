"""Which workers are alive."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from penstock.worker.models import Beat

EVERY_SECONDS = 5.0
# A worker that has been silent for so long is taken for dead, and others do its work.
SILENT = timedelta(seconds=60)


def begin() -> str:
    """Say that a worker has begun; returns its name, which is new each time."""
    worker = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    now = timezone.now()
    # A process is one worker: whoever had this number before is gone, such as the last run of a container.
    Beat.objects.filter(host=socket.gethostname(), pid=os.getpid()).delete()
    Beat.objects.create(worker=worker, host=socket.gethostname(), pid=os.getpid(), started_at=now, beat_at=now)
    return worker


def beat(worker: str) -> None:
    """Say that a worker is alive."""
    now = timezone.now()
    known = {"host": socket.gethostname(), "pid": os.getpid(), "started_at": now}
    Beat.objects.update_or_create(worker=worker, defaults={"beat_at": now}, create_defaults={**known, "beat_at": now})


def end(worker: str) -> None:
    """Say that a worker has ended."""
    Beat.objects.filter(worker=worker).delete()


def last_beat() -> datetime | None:
    """When a worker last said that it is alive; None where none is running that has not ended in order."""
    return Beat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()


def alive() -> set[str]:
    """The workers that are alive: those that spoke lately, but for those of this machine whose process is gone."""
    lately = Beat.objects.filter(beat_at__gte=timezone.now() - SILENT)
    here = socket.gethostname()
    return {one.worker for one in lately if one.host != here or _runs(one.pid)}


def prune(now: datetime | None = None) -> int:
    """Forget workers that died a day ago; returns how many."""
    deleted, _ = Beat.objects.filter(beat_at__lt=(now or timezone.now()) - timedelta(days=1)).delete()
    return deleted


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
