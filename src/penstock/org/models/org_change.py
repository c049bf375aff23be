"""What was changed in the set-up of the company, for ever."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class OrgChange(models.Model):
    """One change of one row of the organisation: who, when, why, {field: [before, after]}. The database refuses to change it.

    what: the table, such as `user` or `rate`; row: its key as text; by: None is the system itself. operation: create, change or
    remove. Of a password it says that it was changed, and nothing more.
    """

    what = models.CharField(max_length=30)
    row = models.CharField(max_length=40)
    operation = models.CharField(max_length=8)
    fields = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["what", "row", "id"], name="org_change_row")]

    def __str__(self) -> str:
        return f"{self.what} {self.row} {self.operation}"
