"""Who gets the next record."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

METHODS = [
    ("round_robin", _("In turn")),
    ("weighted", _("In turn, by weight")),
    ("capacity", _("To whom has most room")),
    ("territory", _("By territory")),
]


class AssignmentRule(models.Model):
    """How records of a kind for which a condition holds are given out: the first active one, by place, that takes a record.

    users, team: among whom (a team with the teams under it); a territory's own members for the method `territory`, or those of
    `territory` where one is named.
    """

    key = models.SlugField(_("key"), max_length=60, unique=True)
    names = models.JSONField(_("name, by language"), default=dict)
    position = models.PositiveSmallIntegerField(_("place"), default=100)
    active = models.BooleanField(_("active"), default=True)
    record_type = models.CharField(_("kind of record"), max_length=30, default="lead")
    condition = models.TextField(_("condition"), blank=True)
    method = models.CharField(_("method"), max_length=12, choices=METHODS, default="round_robin")
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    team = models.ForeignKey("org.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    territory = models.ForeignKey("org.Territory", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return str(self.names.get("en") or self.key)


class Turn(models.Model):
    """Whose turn it is in one group of people. credit: user id -> what they are owed, in shares; it adds up to nought."""

    group = models.CharField(max_length=200, unique=True)
    credit = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.group
