"""Campaigns, what they cost and who is in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord, Record

KINDS = [
    ("awareness", _("Awareness")),
    ("demand_generation", _("Demand generation")),
    ("event", _("Event")),
    ("abm", _("Account-based marketing")),
    ("digital", _("Digital")),
    ("enablement", _("Enablement")),
]
MEMBER_STATUSES = [
    ("targeted", _("Targeted")),
    ("registered", _("Registered")),
    ("attended", _("Attended")),
    ("responded", _("Responded")),
]


class Campaign(OwnedRecord):
    """A campaign or an event. budget: minor units of `currency`; costs are rows with their dates."""

    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS)
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    budget = models.BigIntegerField(_("budget, minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    product = models.ForeignKey("crm.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    region = models.CharField(_("region"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-starts_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(removed_at__isnull=True), name="crm_campaign_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignCost(Record):
    """Money spent on a campaign on a day, minor units of the campaign's currency."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="costs")
    day = models.DateField(_("day"))
    amount = models.BigIntegerField(_("amount, minor units"))
    note = models.CharField(_("note"), max_length=150, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.day} {self.amount}"


class CampaignMember(Record):
    """A lead or a contact in a campaign; `account` is the one they belonged to then."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="members")
    lead = models.ForeignKey("crm.Lead", on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns")
    contact = models.ForeignKey("crm.Contact", on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns")
    account = models.ForeignKey("crm.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=MEMBER_STATUSES, default="targeted")
    status_since = models.DateTimeField(_("in this status since"))

    class Meta:
        ordering: ClassVar[list[str]] = ["campaign", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["campaign", "lead"],
                condition=models.Q(removed_at__isnull=True, lead__isnull=False),
                name="crm_campaign_lead_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "contact"],
                condition=models.Q(removed_at__isnull=True, contact__isnull=False),
                name="crm_campaign_contact_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lead__isnull=False) | models.Q(contact__isnull=False), name="crm_campaign_member_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.lead_id or self.contact_id}"
