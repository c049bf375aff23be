"""Territories: which accounts are whose by where and what they are."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Territory(models.Model):
    """Countries, regions, segments and industries (empty: any) and the people who work them, in order of rank.

    The first territory, by rank, that takes an account is the one it belongs to.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    rank = models.PositiveIntegerField(_("rank"), default=100)
    countries = models.JSONField(_("countries (ISO codes)"), default=list, blank=True)
    regions = models.JSONField(_("regions"), default=list, blank=True)
    segments = models.JSONField(_("segments"), default=list, blank=True)
    industries = models.JSONField(_("industries"), default=list, blank=True)
    members = models.ManyToManyField("org.User", blank=True, related_name="territories")

    class Meta:
        ordering: ClassVar[list[str]] = ["rank", "name"]
        verbose_name_plural = "territories"

    def __str__(self) -> str:
        return self.name
