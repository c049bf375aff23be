"""Probabilities of winning, as learned from the company's own deals."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LearnedProbability(models.Model):
    """What history says of one stage, learned at one moment: a row is never changed, a later learning adds rows.

    probability, low, high: basis points, with a 95 % interval. deals: closed deals it rests on. pending: open ones, censored.
    """

    stage = models.ForeignKey("crm.Stage", on_delete=models.PROTECT, related_name="learned")
    learned_at = models.DateTimeField()
    since = models.DateTimeField()
    probability = models.PositiveSmallIntegerField()
    low = models.PositiveSmallIntegerField()
    high = models.PositiveSmallIntegerField()
    deals = models.PositiveIntegerField()
    won = models.PositiveIntegerField()
    pending = models.PositiveIntegerField()
    method = models.CharField(max_length=40)

    class Meta:
        ordering: ClassVar[list[str]] = ["-learned_at", "stage"]

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.probability}"
