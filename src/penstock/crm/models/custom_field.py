"""Custom fields: a company's own, without a migration."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    """The declaration of a field whose values are kept in `custom[key]` of the records of one kind.

    kind: text, number (decimal digits as text), money ({"amount": minor units, "currency": code}), date (ISO), choice, boolean,
    link (a URL). labels and choices: by language; choices as [{"value": …, "labels": {…}}].
    """

    KINDS: ClassVar = [
        ("text", _("Text")),
        ("number", _("Number")),
        ("money", _("Money")),
        ("date", _("Date")),
        ("choice", _("Choice")),
        ("boolean", _("Yes or no")),
        ("link", _("Link")),
    ]

    record_type = models.CharField(_("kind of record"), max_length=30)
    key = models.SlugField(_("key"), max_length=40)
    labels = models.JSONField(_("name, by language"), default=dict)
    kind = models.CharField(_("kind"), max_length=8, choices=KINDS)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    required = models.BooleanField(_("required"), default=False)
    position = models.PositiveSmallIntegerField(default=1)
    archived = models.BooleanField(_("archived"), default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["record_type", "position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["record_type", "key"], name="crm_custom_field_once"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type}.{self.key}"
