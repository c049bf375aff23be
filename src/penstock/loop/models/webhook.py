"""Calls to other programs that are still to be made."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class WebhookCall(models.Model):
    """A call that a rule asked for, written with the rule's run; the exchange package sends it later.

    key: unique per rule, event and action, and sent along, so that the receiver can tell a repetition.
    """

    key = models.CharField(max_length=200, unique=True)
    url = models.CharField(max_length=500)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"], condition=models.Q(sent_at__isnull=True, failed_at__isnull=True), name="loop_webhook_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.url}"
