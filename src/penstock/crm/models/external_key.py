"""What a record is called in another system."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ExternalKey(models.Model):
    """The key of a record in a system (`salesforce`, `import`, …); the same key means the same record."""

    record_type = models.CharField(max_length=30)
    record_id = models.BigIntegerField()
    system = models.CharField(max_length=40)
    key = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["record_type", "system", "key"], name="crm_external_key_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["record_type", "record_id"], name="crm_external_key_record")
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.key}"
