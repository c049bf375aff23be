"""Subscriptions: what a won deal starts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord


class Subscription(OwnedRecord):
    """A recurring contract of an account: mrr in minor units of `currency`, from `starts_on` until `ends_on` (excluded)."""

    account = models.ForeignKey("crm.Account", on_delete=models.PROTECT, related_name="subscriptions")
    opportunity = models.ForeignKey(
        "crm.Opportunity", on_delete=models.PROTECT, null=True, blank=True, related_name="subscriptions"
    )
    product = models.ForeignKey("crm.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mrr = models.BigIntegerField(_("monthly recurring revenue, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    ended_because = models.CharField(_("why it ended"), max_length=60, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["starts_on", "id"]

    def __str__(self) -> str:
        return f"{self.account_id} {self.mrr} {self.currency}"
