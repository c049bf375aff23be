"""Playbooks: material for a stage, a role, a persona, an industry, a competitor."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord, Record

MATERIAL_KINDS = [
    ("email", _("E-mail template")),
    ("call_script", _("Call script")),
    ("roi", _("Return-on-investment sheet")),
    ("battle_card", _("Competitor notes")),
    ("reference", _("Reference customer")),
    ("document", _("Document")),
]


class Competitor(Record):
    """Another vendor that deals are lost to."""

    name = models.CharField(_("name"), max_length=100)
    website = models.CharField(_("website"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(removed_at__isnull=True), name="crm_competitor_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Material(OwnedRecord):
    """Something that helps; each list says where (empty: everywhere). stages: stage keys; competitors: names."""

    title = models.CharField(_("title"), max_length=150)
    kind = models.CharField(_("kind"), max_length=12, choices=MATERIAL_KINDS)
    language = models.CharField(_("language"), max_length=5, blank=True)
    body = models.TextField(_("text"), blank=True)
    link = models.CharField(_("link"), max_length=300, blank=True)
    stages = models.JSONField(_("stages"), default=list, blank=True)
    roles = models.JSONField(_("roles"), default=list, blank=True)
    personas = models.JSONField(_("personas"), default=list, blank=True)
    industries = models.JSONField(_("industries"), default=list, blank=True)
    competitors = models.JSONField(_("competitors"), default=list, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["title", "id"]

    def __str__(self) -> str:
        return self.title
