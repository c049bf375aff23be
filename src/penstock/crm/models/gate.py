"""Gates: what must be true before an opportunity enters a stage, and what people have ticked and approved."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from penstock.crm.models.pipeline import Stage
from penstock.crm.models.record import Record


class CriterionKind(models.TextChoices):
    """How a criterion is met."""

    FIELD = "field", _("A field is filled")
    CHECK = "check", _("A checklist item is ticked")
    ACTIVITY = "activity", _("An activity of a kind is there")
    APPROVAL = "approval", _("An approval is given")
    CONDITION = "condition", _("A condition holds")


class Criterion(models.Model):
    """One thing that a stage's gate asks for.

    field: of the opportunity, or a custom field as `custom.key` (kind field). activity_kind: kind activity. approver_role: who
    approves (kind approval). condition: an expression over the opportunity that must hold (kind condition). applies_when: an
    expression; the criterion is asked for only where it holds, such as `amount > 5000000`.
    label: what is asked for, in words, by language.
    """

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=CriterionKind.choices)
    field = models.CharField(_("field"), max_length=60, blank=True)
    activity_kind = models.CharField(_("kind of activity"), max_length=10, blank=True)
    approver_role = models.CharField(_("approved by"), max_length=20, blank=True)
    condition = models.TextField(_("condition"), blank=True)
    applies_when = models.TextField(_("asked for only where"), blank=True)
    label = models.JSONField(_("what is asked for, by language"), default=dict)
    archived = models.BooleanField(_("archived"), default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["stage", "position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stage", "key"], name="crm_criterion_key_once"),
        ]

    def __str__(self) -> str:
        return str(self.label.get("en") or self.key)


class Tick(Record):
    """A checklist item that somebody has ticked for an opportunity."""

    opportunity = models.ForeignKey("crm.Opportunity", on_delete=models.PROTECT, related_name="ticks")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["opportunity", "criterion"], condition=models.Q(removed_at__isnull=True), name="crm_tick_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.criterion_id}"


class Approval(Record):
    """An approval that was asked for, given or refused."""

    opportunity = models.ForeignKey("crm.Opportunity", on_delete=models.PROTECT, related_name="approvals")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(
        _("decision"),
        max_length=8,
        blank=True,
        choices=[("approved", _("Approved")), ("refused", _("Refused"))],
    )
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.criterion_id} {self.decision}"
