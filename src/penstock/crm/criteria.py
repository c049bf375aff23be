"""Criteria of gates: how each kind is met, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm import conditions
from penstock.crm.actions.lookups import remembered
from penstock.crm.deriving import missing
from penstock.crm.models import Activity, ActivityKind, Approval, Criterion, CriterionKind, CustomField, Opportunity, Tick
from penstock.crm.refusals import Unmet
from penstock.org.models import Role


@dataclass
class Evidence:
    """What is known of some deals, beside their fields, that criteria ask for. Pairs are (deal, criterion) or (deal, kind)."""

    ticks: Collection[tuple[int, int]] = ()
    activities: Collection[tuple[int, str]] = ()
    approvals: Mapping[tuple[int, int], Approval] = field(default_factory=dict)
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def facts_of(self, deal: Opportunity) -> Mapping[str, Any]:
        """What a condition knows of a deal."""
        return self.facts.get(id(deal)) or conditions.facts(deal)


def evidence_of(deals: Sequence[Opportunity], criteria: Sequence[Criterion]) -> Evidence:
    """What these criteria ask of these deals, in at most one query for each kind of criterion."""
    kinds = {criterion.kind for criterion in criteria}
    ids = [deal.pk for deal in deals if deal.pk]
    found = Evidence()
    if ids and CriterionKind.CHECK in kinds:
        ticks = Tick.objects.filter(opportunity__in=ids, criterion__in=_of_kind(criteria, CriterionKind.CHECK))
        found.ticks = set(ticks.filter(removed_at__isnull=True).values_list("opportunity_id", "criterion_id"))
    if ids and CriterionKind.ACTIVITY in kinds:
        wanted = {criterion.activity_kind for criterion in criteria if criterion.kind == CriterionKind.ACTIVITY}
        held = Activity.objects.filter(opportunity__in=ids, kind__in=wanted, removed_at__isnull=True, at__lte=timezone.now())
        found.activities = set(held.order_by().values_list("opportunity_id", "kind").distinct())
    if ids and CriterionKind.APPROVAL in kinds:
        asked = Approval.objects.filter(opportunity__in=ids, criterion__in=_of_kind(criteria, CriterionKind.APPROVAL))
        # The last one of each counts.
        found.approvals = {
            (one.opportunity_id, one.criterion_id): one for one in asked.filter(removed_at__isnull=True).order_by("pk")
        }
    if any(criterion.condition or criterion.applies_when for criterion in criteria):
        found.facts = dict(zip(map(id, deals), conditions.facts_of(deals), strict=True))
    if any(criterion.field.startswith("custom.") for criterion in criteria):
        found.labels = remembered("labels of custom fields", _labels)
    return found


def unmet_criterion(deal: Opportunity, criterion: Criterion, evidence: Evidence, language: str) -> Unmet | None:
    """What a deal lacks of one criterion, in a language; None where it is met or not asked for.

    A condition that cannot be decided keeps the gate shut, and says why.
    """
    try:
        if criterion.applies_when and not conditions.holds(criterion.applies_when, evidence.facts_of(deal)):
            return None
        text = _lacking(deal, criterion, evidence, language)
    except conditions.ConditionError as fault:
        text = f"{_label(criterion, language)}: {fault.message}" if _label(criterion, language) else fault.message
    if text is None:
        return None
    return Unmet(
        stage=criterion.stage.key,
        key=criterion.key,
        kind=str(criterion.kind),
        text=text,
        field=criterion.field or _field_of(criterion),
        activity_kind=criterion.activity_kind,
        approver_role=criterion.approver_role,
        criterion_id=criterion.pk,
    )


def field_name(name: str, language: str, labels: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """What a field of opportunities is called: `custom.key` by its labels, another by its verbose name in the active language."""
    if name.startswith("custom."):
        own = (labels or {}).get(name, {})
        return str(own.get(language) or own.get("en") or name.removeprefix("custom.").replace("_", " "))
    try:
        column = Opportunity._meta.get_field(name)
    except FieldDoesNotExist:
        return name.replace("_", " ")
    return str(getattr(column, "verbose_name", name))


def _lacking(deal: Opportunity, criterion: Criterion, evidence: Evidence, language: str) -> str | None:
    label = _label(criterion, language)
    if criterion.kind == CriterionKind.FIELD:
        if not missing(deal, [criterion.field]):
            return None
        called = field_name(criterion.field, language, evidence.labels)
        if not label:
            return _("Fill in: %(field)s") % {"field": called}
        return label if called.casefold() in label.casefold() else f"{label} ({called})"
    if criterion.kind == CriterionKind.CHECK:
        return None if (deal.pk, criterion.pk) in evidence.ticks else label or _("Tick: %(key)s") % {"key": criterion.key}
    if criterion.kind == CriterionKind.ACTIVITY:
        if (deal.pk, criterion.activity_kind) in evidence.activities:
            return None
        return label or _("Log an activity: %(kind)s") % {"kind": _choice(ActivityKind.choices, criterion.activity_kind)}
    if criterion.kind == CriterionKind.APPROVAL:
        return _unapproved(criterion, label, evidence.approvals.get((deal.pk, criterion.pk)))
    if conditions.holds(criterion.condition, evidence.facts_of(deal)):
        return None
    return label or _("This must hold: %(condition)s") % {"condition": criterion.condition}


def _unapproved(criterion: Criterion, label: str, approval: Approval | None) -> str | None:
    if approval is not None and approval.decision == "approved":
        return None
    role = _choice(Role.choices, criterion.approver_role) if criterion.approver_role else _("who may approve")
    asked = label or _("Approval by: %(role)s") % {"role": role}
    if approval is None:
        return asked
    if approval.decision:
        return _("%(asked)s (refused: %(reason)s)") % {"asked": asked, "reason": approval.reason or "–"}
    return _("%(asked)s (asked for, not decided yet)") % {"asked": asked}


def _field_of(criterion: Criterion) -> str:
    """The one field that a condition hangs on, so that it can be mended where it is missing; else none."""
    if criterion.kind != CriterionKind.CONDITION:
        return ""
    try:
        paths = conditions.reading(criterion.condition).paths
    except ValueError:
        return ""
    named = {".".join(path[:2]) if path[0] == "custom" else path[0] for path in paths if path[0] not in ("now", "today")}
    return named.pop() if len(named) == 1 else ""


def _label(criterion: Criterion, language: str) -> str:
    return str(criterion.label.get(language) or criterion.label.get("en") or next(iter(criterion.label.values()), ""))


def _labels() -> dict[str, dict[str, str]]:
    declared = CustomField.objects.filter(record_type="opportunity")
    return {f"custom.{key}": labels for key, labels in declared.values_list("key", "labels")}


def _of_kind(criteria: Sequence[Criterion], kind: CriterionKind) -> list[int]:
    return [criterion.pk for criterion in criteria if criterion.kind == kind]


def _choice(choices: Sequence[tuple[Any, Any]], value: str) -> str:
    return str(dict(choices).get(value, value))
