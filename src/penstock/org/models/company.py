"""The company itself: one row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """What the whole company has agreed on. Periods are computed from it and never stored, so a change destroys nothing.

    The calendar's fields are those of `ledger.calendar.FiscalCalendar`.
    """

    name = models.CharField(_("name"), max_length=150)
    corporate_currency = models.CharField(_("corporate currency"), max_length=3, default="EUR")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=5, default="en")
    fiscal_start_month = models.PositiveSmallIntegerField(_("first month of the fiscal year"), default=1)
    calendar_pattern = models.CharField(_("calendar"), max_length=10, default="months")
    week_start = models.CharField(_("first day of the week"), max_length=10, default="monday")
    calendar_anchor = models.CharField(_("anchor of a calendar of weeks"), max_length=10, default="nearest")
    year_named_by = models.CharField(_("a fiscal year is named by its"), max_length=5, default="start")
    report_rate = models.CharField(_("rate of reports"), max_length=7, default="plan")
    alert_days = models.JSONField(_("days after which alerts come, by kind"), default=dict, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="org_company_one_row"),
        ]
        verbose_name_plural = "company"

    def __str__(self) -> str:
        return self.name
