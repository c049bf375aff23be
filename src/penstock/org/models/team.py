"""Teams, a tree."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """A team, under another or at the top. Its manager sees what its members, and those of the teams under it, own."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    manager = models.ForeignKey("org.User", on_delete=models.PROTECT, null=True, blank=True, related_name="manages")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name
