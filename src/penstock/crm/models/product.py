"""Products."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import Record


class Product(Record):
    """Something that is sold, once or as a recurring service; the price is that of one billing period."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40)
    family = models.CharField(_("family"), max_length=60, blank=True)
    recurring = models.BooleanField(_("recurring"), default=True)
    billing_months = models.PositiveSmallIntegerField(_("months in a billing period"), default=1)
    list_price = models.BigIntegerField(_("list price, minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code"], condition=models.Q(removed_at__isnull=True), name="crm_product_code_once"),
            models.CheckConstraint(condition=models.Q(billing_months__gte=1), name="crm_product_period"),
        ]

    def __str__(self) -> str:
        return self.name
