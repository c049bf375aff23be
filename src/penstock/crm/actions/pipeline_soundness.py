"""What must be true of a pipeline, a stage and a criterion before they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.setup_values import Faults, faults_of_texts
from penstock.crm.conditions import check_condition
from penstock.crm.models import ActivityKind, Criterion, CriterionKind, CustomField, Opportunity, Pipeline, Stage, StageKind
from penstock.crm.models.pipeline import ForecastCategory
from penstock.crm.refusals import InvalidInput
from penstock.org.models import Role

FEWEST, MOST = 2, 15
# What follows from the stage or is written by the house cannot be asked of people.
_NOT_ASKED = frozenset(
    """id pipeline stage stage_order stage_since status qualified probability probability_by_hand forecast_category
    category_by_hand created_at removed_at closed_at revision custom""".split()
)
# What each kind of criterion is told by.
_TOLD_BY = {
    CriterionKind.FIELD: "field",
    CriterionKind.ACTIVITY: "activity_kind",
    CriterionKind.CONDITION: "condition",
}
# Probability and category of the stages that close a deal.
CLOSED_AS = {StageKind.WON: (10_000, ForecastCategory.CLOSED), StageKind.LOST: (0, ForecastCategory.OMITTED)}


def faults_of_pipeline(pipeline: Pipeline) -> Faults:
    """What is wrong with a pipeline's own fields."""
    faults: Faults = {}
    fields = pipeline.required_fields
    if not isinstance(fields, list):
        faults["required_fields"] = [_("Give a list of fields.")]
    elif unknown := [str(name) for name in fields if not is_askable(name)]:
        faults["required_fields"] = [_("There is no field to fill: %(names)s.") % {"names": ", ".join(unknown)}]
    return faults


def faults_of_stage(stage: Stage) -> Faults:
    """What is wrong with a stage's own fields; a won or lost one gets the probability and category that it must have."""
    faults: Faults = {}
    if found := faults_of_texts(stage.names, needed=True):
        faults["names"] = found
    if found := faults_of_texts(stage.guidance, needed=False):
        faults["guidance"] = found
    if stage.kind in CLOSED_AS:
        stage.probability, stage.forecast_category = CLOSED_AS[StageKind(stage.kind)]
        stage.counted = True
    elif not _is_count(stage.probability) or stage.probability > 10_000:
        faults["probability"] = [_("A probability lies between 0 and 100 %, in basis points between 0 and 10000.")]
    elif stage.forecast_category == ForecastCategory.CLOSED:
        faults["forecast_category"] = [_("Only a won stage is closed.")]
    if stage.target_days is not None and not _is_count(stage.target_days):
        faults["target_days"] = [_("Give a whole number of days.")]
    return faults


def require_sound_stages(stages: Sequence[Stage]) -> None:
    """Raise InvalidInput unless the stages in use make a pipeline."""
    used = [stage for stage in stages if not stage.archived]
    found = []
    if not FEWEST <= len(used) <= MOST:
        found.append(_("A pipeline has %(fewest)s to %(most)s stages.") % {"fewest": FEWEST, "most": MOST})
    absent = [kind for kind in StageKind if not any(stage.kind == kind for stage in used)]
    found += [_("A pipeline has at least one stage of the kind “%(kind)s”.") % {"kind": kind.label} for kind in absent]
    keys = [stage.key for stage in stages]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        found.append(_("Two stages have the key %(keys)s.") % {"keys": ", ".join(twice)})
    counted = False
    for stage in sorted(used, key=lambda one: one.position):
        if stage.kind == StageKind.OPEN and counted and not stage.counted:
            found.append(_("%(stage)s comes after a stage that counts, so it must count too.") % {"stage": stage.name()})
        counted = counted or (stage.kind == StageKind.OPEN and stage.counted)
    if found:
        raise InvalidInput({"stages": found})


def faults_of_criterion(criterion: Criterion) -> Faults:
    """What is wrong with a criterion: what its kind is told by must be there and known, its conditions sound."""
    faults: Faults = {}
    kind = criterion.kind
    if kind not in CriterionKind.values:
        return {"kind": [_("Choose one of: %(offered)s.") % {"offered": ", ".join(CriterionKind.values)}]}
    told_by = _TOLD_BY.get(CriterionKind(kind))
    if told_by and not getattr(criterion, told_by):
        faults[told_by] = [_("This is needed.")]
    for name in ("field", "activity_kind", "condition"):
        if getattr(criterion, name) and name != told_by:
            faults[name] = [_("A criterion of this kind has none.")]
    if kind == CriterionKind.FIELD and criterion.field and not is_askable(criterion.field):
        faults["field"] = [_("There is no field to fill: %(names)s.") % {"names": criterion.field}]
    faults |= _one_of("activity_kind", criterion.activity_kind, ActivityKind.values)
    faults |= _one_of("approver_role", criterion.approver_role, Role.values)
    if criterion.approver_role and kind != CriterionKind.APPROVAL:
        faults["approver_role"] = [_("A criterion of this kind has none.")]
    for name in ("condition", "applies_when"):
        try:
            check_condition(getattr(criterion, name), "opportunity")
        except InvalidInput as fault:
            faults[name] = fault.faults["condition"]
    needed = kind in (CriterionKind.CHECK, CriterionKind.CONDITION)
    if found := faults_of_texts(criterion.label, needed=needed):
        faults["label"] = found
    return faults


def is_askable(name: Any) -> bool:
    """Whether people can fill a field of opportunities: `amount`, or `custom.key` of one that is declared."""
    if not isinstance(name, str):
        return False
    if name.startswith("custom."):
        declared = CustomField.objects.filter(record_type="opportunity", key=name.removeprefix("custom."), archived=False)
        return declared.exists()
    return name not in _NOT_ASKED and any(column.name == name for column in Opportunity._meta.concrete_fields)


def _one_of(name: str, value: str, offered: Sequence[str]) -> Faults:
    if not value or value in offered:
        return {}
    return {name: [_("Choose one of: %(offered)s.") % {"offered": ", ".join(offered)}]}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
