"""Merges of duplicates, with what is needed to undo them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Merge(models.Model):
    """One record that was merged into another.

    moved: the references that were re-pointed, {"kind.attribute": [ids]}, such as {"activity.account_id": [7, 9]}; keys of other
    systems as "external_key.record_id", pairs that the survivor has inherited as "not_duplicate". before: what else was set,
    of the survivor, the merged one and those that hang on them, {kind: {id: {attribute: [before, after]}}}.
    """

    record_type = models.CharField(max_length=30)
    survivor_id = models.BigIntegerField()
    merged_id = models.BigIntegerField()
    moved = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    change = models.ForeignKey("crm.Change", on_delete=models.PROTECT, related_name="+")
    undone_by = models.ForeignKey("crm.Change", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["record_type", "merged_id"], condition=models.Q(undone_by__isnull=True), name="crm_merge_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.merged_id} → {self.survivor_id}"
