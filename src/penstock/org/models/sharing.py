"""Who sees what by default: the level of each kind of record, and the fields that a role does not see."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.org.models.user import Role


class Level(models.TextChoices):
    """The org-wide default of a kind of record; owners, managers above them and account teams have more (`crm.access`)."""

    PRIVATE = "private", _("Only the owner and those above")
    TEAM = "team", _("The owner's team reads")
    PUBLIC_READ = "public_read", _("Everybody reads")
    PUBLIC_EDIT = "public_edit", _("Everybody reads and edits")


class Sharing(models.Model):
    """The level of one kind of record, such as `opportunity`."""

    record_type = models.CharField(_("kind of record"), max_length=30, unique=True)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices, default=Level.PUBLIC_READ)

    class Meta:
        ordering: ClassVar[list[str]] = ["record_type"]

    def __str__(self) -> str:
        return f"{self.record_type}: {self.level}"


class HiddenField(models.Model):
    """A field that a role neither sees nor changes, anywhere: list, page, export, search, API or history."""

    record_type = models.CharField(_("kind of record"), max_length=30)
    field = models.CharField(_("field"), max_length=60)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        ordering: ClassVar[list[str]] = ["record_type", "field", "role"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["record_type", "field", "role"], name="org_hidden_field_once"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type}.{self.field}: {self.role}"
