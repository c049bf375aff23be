"""What people are told."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """Something told to one user. Its words are made when it is read, in the reader's language.

    kind: an alert's (`idle_target`, …) or `rule`. words: the key of its text (`loop/shipped/words.yaml`), or `rule` with the
    texts by language in params. dedupe: while a notification with it is not resolved, no second one is made. resolved_at:
    since when what it says is over (alerts only).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=30)
    record_type = models.CharField(max_length=30, blank=True)
    record_id = models.BigIntegerField(null=True)
    words = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    dedupe = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["dedupe"], condition=models.Q(resolved_at__isnull=True), name="loop_notification_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-created_at"], name="loop_notification_inbox"),
            models.Index(fields=["kind"], condition=models.Q(resolved_at__isnull=True), name="loop_notification_open"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.record_type} {self.record_id}"


class Digest(models.Model):
    """One user's e-mail of one local day. The row is claimed before it is sent, and marked after.

    since, until: the notifications that it told, by when they were made.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "day"], name="loop_digest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"
