"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig


class LoopConfig(AppConfig):
    """Rules, the clock, assignment and alerts."""

    name = "penstock.loop"
    label = "loop"
    verbose_name = "Account loop"
