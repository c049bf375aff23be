"""Tasks: what is to be done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord


class Task(OwnedRecord):
    """Something to be done by its owner, open until `done_at`."""

    title = models.CharField(_("title"), max_length=255)
    kind = models.CharField(_("kind"), max_length=10, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    priority = models.CharField(
        _("priority"), max_length=6, default="normal", choices=[("high", _("High")), ("normal", _("Normal")), ("low", _("Low"))]
    )
    notes = models.TextField(_("notes"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    lead = models.ForeignKey("crm.Lead", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    account = models.ForeignKey("crm.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    contact = models.ForeignKey("crm.Contact", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    opportunity = models.ForeignKey("crm.Opportunity", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")

    class Meta:
        ordering: ClassVar[list[str]] = ["due_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(title=""), name="crm_task_titled"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["owner", "done_at", "due_on"], name="crm_task_owner")]

    def __str__(self) -> str:
        return self.title
