"""The clock's own row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Clock(models.Model):
    """One row: when the clock last began and ended a tick. Ticks lock it, so that two never work at once."""

    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="loop_clock_one_row"),
        ]

    def __str__(self) -> str:
        return f"clock {self.ended_at}"
