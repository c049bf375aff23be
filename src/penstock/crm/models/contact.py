"""Contacts: people at accounts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord


class Contact(OwnedRecord):
    """A person. Their e-mail address, where there is one, is theirs alone (kept in lower case)."""

    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    account = models.ForeignKey("crm.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts")
    title = models.CharField(_("job title"), max_length=120, blank=True)
    persona = models.CharField(_("persona"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=40, blank=True)
    reports_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    social = models.JSONField(_("social profiles, by network"), default=dict, blank=True)
    email_opt_out = models.BooleanField(_("wants no e-mail"), default=False)
    call_opt_out = models.BooleanField(_("wants no calls"), default=False)
    consent = models.CharField(_("consent"), max_length=12, blank=True)
    provenance = models.JSONField(_("where each value came from"), default=dict, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["last_name", "first_name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(removed_at__isnull=True) & ~models.Q(email=""),
                name="crm_contact_email_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(email="") | ~models.Q(last_name="") | ~models.Q(first_name=""),
                name="crm_contact_not_nameless",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["last_name", "first_name"], name="crm_contact_name")]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.email
