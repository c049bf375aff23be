"""Currencies and their rates."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Currency(models.Model):
    """A currency in which deals may be made. Its minor unit is the one of ISO 4217 (`ledger.money.minor_unit`)."""

    code = models.CharField(_("ISO code"), max_length=3, primary_key=True)
    active = models.BooleanField(_("offered in forms"), default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]
        verbose_name_plural = "currencies"

    def __str__(self) -> str:
        return self.code


class Rate(models.Model):
    """What 1 of a currency is worth in another, from a day on (dated) or for a fiscal year (plan): exact decimal digits.

    `rate` is written as text of digits, as `ledger.rates.RateTable.from_rows` reads it, so that no database rounds it.
    A row is never changed: the database refuses it. A corrected rate for the same day or year is a new row, and the later counts.
    """

    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="rates")
    to = models.CharField(_("in"), max_length=3)
    day = models.DateField(_("from"), null=True, blank=True)
    fiscal_year = models.PositiveSmallIntegerField(_("plan rate of fiscal year"), null=True, blank=True)
    rate = models.CharField(_("rate"), max_length=24)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["currency", "fiscal_year", "day"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(day__isnull=True) ^ models.Q(fiscal_year__isnull=True), name="org_rate_day_or_year"
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency_id} = {self.rate} {self.to} ({self.day or self.fiscal_year})"
