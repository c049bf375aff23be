"""Targets and quotas."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Target(models.Model):
    """What is wanted of a measure in a window of days, for one value of a dimension, or for the whole company.

    measure: `bookings`, `pipe_generation`, `activities` … . dimension and value: `owner` and a user's id, `team` and a team's
    id, `region` and its name …, both empty for the whole company. amount: minor units of the corporate currency, or a count.
    """

    measure = models.CharField(_("measure"), max_length=30, default="bookings")
    start = models.DateField(_("first day"))
    end = models.DateField(_("first day after it"))
    dimension = models.CharField(_("dimension"), max_length=60, blank=True)
    value = models.CharField(_("value"), max_length=120, blank=True)
    amount = models.BigIntegerField(_("amount in minor units"))
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["start", "measure", "dimension", "value"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["measure", "start", "end", "dimension", "value"], name="org_target_once"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="org_target_window"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.start} – {self.end} {self.dimension} {self.value}"
