"""What has happened, for ever: changes, field by field, versions of opportunities, stamps, and what is to be told of them.

These rows are written by `crm.actions.writing` alone; the database itself refuses to update or delete them (migration 0002).
The outbox is no history: its rows say what still has to be handled.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from penstock.crm.models.opportunity import OpportunityFacts


class Change(models.Model):
    """One call of an action: who did what, when, from where, why, and because of which other change.

    recorded_at: when Penstock learned of it. depth: how long the chain of causes is. key: given by a caller who may repeat
    himself; a second change with it is refused, so that what must be done once is done once.
    """

    verb = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    caused_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="effects")
    depth = models.PositiveSmallIntegerField(default=0)
    rule = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=200, null=True, unique=True)
    result = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["recorded_at"], name="crm_change_recorded")]

    def __str__(self) -> str:
        return f"{self.id} {self.verb}"


class ChangeOutcome(models.Model):
    """What a bulk change that may be repeated has done and refused, for whoever repeats it; written at its end, with it.

    outcome: {"done": [ids], "refused": [[id, code, message, details]]}.
    """

    change = models.OneToOneField(Change, on_delete=models.PROTECT, related_name="outcome")
    outcome = models.JSONField(encoder=DjangoJSONEncoder)

    def __str__(self) -> str:
        return f"outcome of {self.change_id}"


class RecordChange(models.Model):
    """What a change did to one record: {field: [before, after]}; of a creation, {field: [null, value]} for what was filled.

    effective_at: when it became true in the world. by: who did it there (the importer is the change's user).
    revision: the record's, after it.
    """

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="records")
    record_type = models.CharField(max_length=30)
    record_id = models.BigIntegerField()
    operation = models.CharField(max_length=8)
    fields = models.JSONField()
    revision = models.PositiveIntegerField()
    effective_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["record_type", "record_id", "id"], name="crm_record_change_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id} {self.operation}"


class OpportunityVersion(OpportunityFacts):
    """Everything that an opportunity was from `effective_at` on. The order of versions is (effective_at, id).

    recorded_at repeats the change's, so that the ledger reads one table. reconstructed_fields, unknown_fields: names joined by
    commas, of values that were not observed (`ledger.schema`).
    """

    opportunity = models.ForeignKey("crm.Opportunity", on_delete=models.PROTECT, related_name="versions", db_index=False)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="versions")
    revision = models.PositiveIntegerField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    custom = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reconstructed_fields = models.CharField(max_length=500, blank=True)
    unknown_fields = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["opportunity", "effective_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["opportunity", "effective_at", "id"], name="crm_version_order"),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id} {self.effective_at}"


class Stamp(models.Model):
    """An entry into a stage or a status: when, who, from, to, why, and how long it had been where it was.

    what: `stage` or `status`. Stages are named by key; seconds is how long the record had been in `origin`.
    """

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="stamps")
    record_type = models.CharField(max_length=30)
    record_id = models.BigIntegerField()
    what = models.CharField(max_length=6)
    origin = models.CharField(max_length=60, blank=True)
    target = models.CharField(max_length=60)
    at = models.DateTimeField()
    seconds = models.BigIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["record_type", "record_id", "id"], name="crm_stamp_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id}: {self.origin} → {self.target}"


class OutboxEvent(models.Model):
    """Something that happened and is still to be told: written with the change, taken away by the worker when it is handled.

    topic: `opportunity.created`, `account.status_entered`, … . fields: the names of the fields that changed.
    """

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="events")
    topic = models.CharField(max_length=60)
    record_type = models.CharField(max_length=30)
    record_id = models.BigIntegerField()
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"], condition=models.Q(handled_at__isnull=True, failed_at__isnull=True), name="crm_outbox_waiting"
            ),
            models.Index(
                fields=["record_type", "record_id", "id"],
                condition=models.Q(handled_at__isnull=True, failed_at__isnull=True),
                name="crm_outbox_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.topic}"
