"""Lines of an opportunity: what is sold, how much of it, for how long."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import Record


class OpportunityLine(Record):
    """A product in an opportunity. unit_price: minor units of the opportunity's currency, for one billing period.

    quantity: thousandths, so that halves of things need no float. discount: basis points off. term_months: how long a
    recurring line runs. ACV, TCV and MRR of the opportunity follow from its lines (`crm.values`).
    """

    opportunity = models.ForeignKey("crm.Opportunity", on_delete=models.PROTECT, related_name="lines")
    product = models.ForeignKey("crm.Product", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=1)
    description = models.CharField(_("description"), max_length=255, blank=True)
    quantity = models.BigIntegerField(_("quantity, thousandths"), default=1000)
    unit_price = models.BigIntegerField(_("unit price, minor units"))
    discount = models.PositiveSmallIntegerField(_("discount, basis points"), default=0)
    recurring = models.BooleanField(_("recurring"), default=True)
    billing_months = models.PositiveSmallIntegerField(_("months in a billing period"), default=1)
    term_months = models.PositiveSmallIntegerField(_("term in months"), default=12)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["opportunity", "position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(discount__lte=10000), name="crm_line_discount"),
            models.CheckConstraint(condition=models.Q(billing_months__gte=1), name="crm_line_period"),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.product_id}"
