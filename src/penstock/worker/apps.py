"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """Outbox, jobs and schedule."""

    name = "penstock.worker"
    label = "worker"
    verbose_name = "Worker"
