"""Activities: what was done with a prospect."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord


class ActivityKind(models.TextChoices):
    """What kind of touch it was."""

    EMAIL = "email", _("E-mail")
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    DEMO = "demo", _("Demo")
    SOCIAL = "social", _("Social touch")
    NOTE = "note", _("Note")


class Activity(OwnedRecord):
    """Something that happened at `at`, with any of a lead, an account, a contact and an opportunity."""

    kind = models.CharField(_("kind"), max_length=8, choices=ActivityKind.choices)
    at = models.DateTimeField(_("when"))
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    body = models.TextField(_("text"), blank=True)
    direction = models.CharField(_("direction"), max_length=3, blank=True, choices=[("in", _("Inbound")), ("out", _("Outbound"))])
    duration = models.PositiveIntegerField(_("duration, seconds"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    lead = models.ForeignKey(
        "crm.Lead", on_delete=models.PROTECT, null=True, blank=True, related_name="activities", db_index=False
    )
    account = models.ForeignKey(
        "crm.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="activities", db_index=False
    )
    contact = models.ForeignKey(
        "crm.Contact", on_delete=models.PROTECT, null=True, blank=True, related_name="activities", db_index=False
    )
    opportunity = models.ForeignKey(
        "crm.Opportunity", on_delete=models.PROTECT, null=True, blank=True, related_name="activities", db_index=False
    )
    campaign = models.ForeignKey(
        "crm.Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    material = models.ForeignKey(
        "crm.Material", on_delete=models.PROTECT, null=True, blank=True, related_name="uses", db_index=False
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]
        verbose_name_plural = "activities"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "at"], name="crm_activity_account"),
            models.Index(fields=["opportunity", "at"], name="crm_activity_opportunity"),
            models.Index(fields=["contact", "at"], name="crm_activity_contact"),
            models.Index(fields=["lead", "at"], condition=models.Q(lead__isnull=False), name="crm_activity_lead"),
            models.Index(fields=["owner", "at"], name="crm_activity_owner"),
        ]

    def __str__(self) -> str:
        return self.subject or self.kind
