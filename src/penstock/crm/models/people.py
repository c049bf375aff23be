"""Who plays which part in an opportunity."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import Record

CONTACT_ROLES = [
    ("champion", _("Champion")),
    ("decision_maker", _("Decision maker")),
    ("economic_buyer", _("Economic buyer")),
    ("technical_buyer", _("Technical buyer")),
    ("influencer", _("Influencer")),
    ("end_user", _("End user")),
    ("legal", _("Legal and procurement")),
    ("billing", _("Billing")),
    ("other", _("Other")),
]


class ContactRole(Record):
    """A contact in an opportunity."""

    opportunity = models.ForeignKey("crm.Opportunity", on_delete=models.PROTECT, related_name="contact_roles")
    contact = models.ForeignKey("crm.Contact", on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=CONTACT_ROLES, default="other")
    primary = models.BooleanField(_("primary contact"), default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["opportunity", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["opportunity", "contact"], condition=models.Q(removed_at__isnull=True), name="crm_contact_role_once"
            ),
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=models.Q(removed_at__isnull=True, primary=True),
                name="crm_contact_role_one_primary",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.contact_id} {self.role}"
