"""Accounts: companies, and their place in the account loop."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.record import OwnedRecord, Record


class AccountStatus(models.TextChoices):
    """The states of the account loop (`penstock.loop`): every way out leads back in."""

    QUALIFIED_POOL = "qualified_pool", _("Qualified pool")
    TARGET = "target", _("Target")
    WORKING = "working", _("Working")
    CUSTOMER = "customer", _("Customer")
    BACKLOG = "backlog", _("Backlog")
    DISQUALIFIED = "disqualified", _("Disqualified")
    CHURN = "churn", _("Churn")
    UNQUALIFIED_POOL = "unqualified_pool", _("Unqualified pool")


class Account(OwnedRecord):
    """A company. `provenance` holds, per field, where its value came from and when: {field: {"source": …, "at": …}}."""

    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain"), max_length=120, blank=True)
    name_key = models.CharField(max_length=200, editable=False, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    status = models.CharField(_("status"), max_length=16, choices=AccountStatus.choices, default=AccountStatus.UNQUALIFIED_POOL)
    status_since = models.DateTimeField(_("in this status since"))
    status_until = models.DateTimeField(_("stays in it until"), null=True, blank=True)
    potential = models.CharField(_("potential"), max_length=6, blank=True, choices=[("high", _("High")), ("low", _("Low"))])
    last_activity_at = models.DateTimeField(_("last activity"), null=True, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    revenue = models.BigIntegerField(_("yearly revenue, minor units"), null=True, blank=True)
    revenue_currency = models.CharField(_("currency of the revenue"), max_length=3, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    business_kind = models.CharField(_("sells to"), max_length=3, blank=True, choices=[("b2b", "B2B"), ("b2c", "B2C")])
    tools = models.JSONField(_("tools in use"), default=list, blank=True)
    icp_score = models.PositiveSmallIntegerField(_("ideal customer score, 0 to 100"), null=True, blank=True)
    strategic = models.BooleanField(_("strategic (account-based marketing)"), default=False)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    social = models.JSONField(_("social profiles, by network"), default=dict, blank=True)
    description = models.TextField(_("description"), blank=True)
    provenance = models.JSONField(_("where each value came from"), default=dict, blank=True)
    territory = models.ForeignKey("org.Territory", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(name=""), name="crm_account_named"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")), name="crm_account_not_own_parent"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "status_since"], name="crm_account_status"),
            models.Index(fields=["status_until"], name="crm_account_until"),
            models.Index(fields=["domain"], name="crm_account_domain"),
            models.Index(fields=["name_key"], name="crm_account_name_key"),
            models.Index(Upper("name"), "id", name="crm_account_name"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountMember(Record):
    """A person of the account team and their role in it; they see what its owner sees."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("role in the account team"), max_length=60, blank=True)
    may_edit = models.BooleanField(_("may edit"), default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "user"], condition=models.Q(removed_at__isnull=True), name="crm_account_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.user_id} {self.role}"
