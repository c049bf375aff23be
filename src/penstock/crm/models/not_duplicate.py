"""Pairs of records that look alike and are not the same."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class NotDuplicate(models.Model):
    """Somebody has looked at two records and said that they are two. first is the one that comes first by (kind, id).

    change: who said so, and when.
    """

    first_type = models.CharField(max_length=30)
    first_id = models.BigIntegerField()
    second_type = models.CharField(max_length=30)
    second_id = models.BigIntegerField()
    change = models.ForeignKey("crm.Change", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["first_type", "first_id", "second_type", "second_id"], name="crm_not_duplicate_once"),
            models.CheckConstraint(
                condition=~models.Q(first_type=models.F("second_type")) | models.Q(first_id__lt=models.F("second_id")),
                name="crm_not_duplicate_ordered",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["second_type", "second_id"], name="crm_not_duplicate_second"),
        ]

    def __str__(self) -> str:
        return f"{self.first_type} {self.first_id} ≠ {self.second_type} {self.second_id}"
