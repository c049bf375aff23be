"""Whether all is well: for a load balancer, a supervisor, and whoever is called at night."""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from penstock.worker.heartbeat import last_beat

# Below this the disk is too full to go on for long.
_LEAST_FREE_BYTES = 200 * 1024 * 1024
# A worker that has been silent for longer is not there.
_SILENT_SECONDS = 60


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


def health(request: HttpRequest) -> JsonResponse:
    """Database, tables, worker and disk: each with `ok` and what was found; 503 where one is not as it should be."""
    found: dict[str, Any] = {"database": _database()}
    if found["database"]["ok"]:
        found |= {"tables": _tables(), "worker": _worker()}
    found["disk"] = _disk()
    ok = all(part["ok"] for part in found.values())
    return JsonResponse({"ok": ok} | found, status=200 if ok else 503)


def _database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return {"ok": False, "vendor": connection.vendor}
    return {"ok": True, "vendor": connection.vendor}


def _tables() -> dict[str, Any]:
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return {"ok": not pending, "pending": pending}


def _worker() -> dict[str, Any]:
    beat = last_beat()
    age = None if beat is None else (timezone.now() - beat).total_seconds()
    return {"ok": age is not None and age < _SILENT_SECONDS, "seconds_since_heartbeat": age}


def _disk() -> dict[str, Any]:
    free = shutil.disk_usage(settings.DATA_FOLDER).free
    return {"ok": free > _LEAST_FREE_BYTES, "free_bytes": free}
