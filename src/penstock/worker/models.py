"""The worker's own tables. Events wait in `crm.OutboxEvent`, and a job's arguments and result in the queue of django-tasks."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Job(models.Model):
    """A background job: what is said of it beyond its row in the queue (`task`).

    key: a second job with it is not enqueued. user: who asked for it; None is the system. done of total: how far it is, in its
    own units. attempts: how often it was begun since it last got any further.
    """

    key = models.CharField(max_length=150, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    task = models.OneToOneField("django_tasks_database.DBTaskResult", on_delete=models.CASCADE, related_name="job")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.key


class PeriodicSlot(models.Model):
    """What recurs, and the last moment for which it was taken up. Whoever takes it up locks the row."""

    name = models.CharField(max_length=40, unique=True)
    slot = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.slot}"


class Beat(models.Model):
    """A worker that is alive: it says so every few seconds, and takes its row away when it ends in order."""

    worker = models.CharField(max_length=60, unique=True)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.worker} {self.beat_at}"
