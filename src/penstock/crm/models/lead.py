"""Leads: the least structured record."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord


class LeadStatus(models.TextChoices):
    """Where a lead stands."""

    NEW = "new", _("New")
    WORKING = "working", _("Working")
    NURTURING = "nurturing", _("Nurturing")
    UNQUALIFIED = "unqualified", _("Unqualified")
    CONVERTED = "converted", _("Converted")


class Lead(OwnedRecord):
    """Somebody who may be interested: an e-mail address alone, or a company's name alone, is enough."""

    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=LeadStatus.choices, default=LeadStatus.NEW)
    status_since = models.DateTimeField(_("in this status since"))
    source = models.CharField(_("source"), max_length=30, blank=True)
    campaign = models.ForeignKey("crm.Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    icp_fit = models.PositiveSmallIntegerField(_("fit with the ideal customer, 0 to 100"), null=True, blank=True)
    consent = models.CharField(_("consent"), max_length=12, blank=True)
    consent_at = models.DateTimeField(_("consent given"), null=True, blank=True)
    unqualified_reason = models.CharField(_("why unqualified"), max_length=200, blank=True)
    raw = models.JSONField(_("as it came in"), default=dict, blank=True)
    converted_at = models.DateTimeField(_("converted"), null=True, blank=True)
    account = models.ForeignKey("crm.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    contact = models.ForeignKey("crm.Contact", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opportunity = models.ForeignKey("crm.Opportunity", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(email="") | ~models.Q(company="") | ~models.Q(last_name=""), name="crm_lead_not_nameless"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "-created_at"], name="crm_lead_status"),
            models.Index(fields=["email"], name="crm_lead_email"),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.email or self.company
