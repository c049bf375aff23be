"""The log of what rules did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.loop.models.rule import Rule


class RunOutcome(models.TextChoices):
    """How a run of a rule ended for a record."""

    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    UNDECIDED = "undecided", _("The condition could not be decided")
    STOPPED = "stopped", _("Stopped: rules set each other off")


class RuleRun(models.Model):
    """A rule whose condition held for a record, once: what it changed, or why it could not. Append-only.

    key: `event:<rule>:<event>` or `clock:<rule>:<record>:<due>`; unique, so that what must happen once happens once.
    event, change: what set it off; both empty for the clock. watched_id: the record that was watched; since, since_day: the
    value of what the clock counts from, as it was then; due_at: when it was due. before, after: field -> value, of the record
    and, as `kind id.field`, of others.
    refusals: [{"action": number, "code": …, "message": …}].
    """

    key = models.CharField(max_length=200, unique=True)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="runs", db_index=False)
    record_type = models.CharField(max_length=30)
    record_id = models.BigIntegerField()
    event = models.BigIntegerField(null=True)
    change = models.ForeignKey("crm.Change", on_delete=models.PROTECT, null=True, related_name="+")
    watched_id = models.BigIntegerField(null=True)
    since = models.DateTimeField(null=True)
    since_day = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=RunOutcome.choices)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    refusals = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["rule", "-id"], name="loop_run_rule"),
            models.Index(fields=["record_type", "record_id", "-id"], name="loop_run_record"),
            models.Index(fields=["rule", "watched_id"], condition=models.Q(due_at__isnull=False), name="loop_run_due"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"
