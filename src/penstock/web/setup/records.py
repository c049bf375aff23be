"""Set-up of pipelines, fields and rules; what needs more than one form to change is only shown until it has its pages."""

from __future__ import annotations

from typing import Any

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_fields import edit_custom_field
from penstock.crm.actions.pipeline_gates import edit_criterion
from penstock.crm.actions.pipeline_stages import edit_stage
from penstock.crm.actions.pipelines import edit_pipeline
from penstock.crm.models import Criterion, CustomField, Pipeline, Stage
from penstock.loop.actions import edit_rule, switch_rule
from penstock.loop.models import AssignmentRule, Rule, RuleRun
from penstock.org.models import User
from penstock.web.setup.site import site
from penstock.web.setup.through_verbs import Shown, ThroughVerbs


def _actor(user: User) -> Actor:
    return Actor(user=user, source="web")


class Pipelines(ThroughVerbs[Pipeline]):
    """Pipelines."""

    fields = ("name", "required_fields")
    list_display = ("name", "key", "template", "learned", "archived")
    edit_verb = staticmethod(lambda user, pk, values: edit_pipeline(_actor(user), pk, **values))


class Stages(ThroughVerbs[Stage]):
    """Stages: their open deals follow a changed probability, category or counting."""

    fields = ("names", "probability", "forecast_category", "counted", "target_days", "guidance")
    list_display = ("key", "pipeline", "position", "kind", "probability", "forecast_category", "counted", "archived")
    list_filter = ("pipeline",)
    edit_verb = staticmethod(lambda user, pk, values: edit_stage(_actor(user), pk, **values))


class Criteria(ThroughVerbs[Criterion]):
    """What gates ask for."""

    fields = ("kind", "field", "activity_kind", "approver_role", "condition", "applies_when", "label")
    list_display = ("key", "stage", "kind", "archived")
    list_filter = ("stage__pipeline", "kind")
    edit_verb = staticmethod(lambda user, pk, values: edit_criterion(_actor(user), pk, **values))


class Fields(ThroughVerbs[CustomField]):
    """Custom fields."""

    fields = ("labels", "choices", "required", "position")
    list_display = ("key", "record_type", "kind", "required", "archived")
    list_filter = ("record_type",)
    edit_verb = staticmethod(lambda user, pk, values: edit_custom_field(_actor(user), pk, **values))


def _edited_rule(user: User, pk: Any, values: dict[str, Any]) -> Rule:
    rest = {name: value for name, value in values.items() if name != "active"}
    if "active" in values:
        switch_rule(_actor(user), pk, active=values["active"])
    return edit_rule(_actor(user), pk, rest) if rest else Rule.objects.get(pk=pk)


class Rules(ThroughVerbs[Rule]):
    """Rules of the account loop and the company's own."""

    fields = ("active", "condition", "actions")
    list_display = ("key", "active", "shipped")
    edit_verb = staticmethod(_edited_rule)


site.register(Pipeline, Pipelines)
site.register(Stage, Stages)
site.register(Criterion, Criteria)
site.register(CustomField, Fields)
site.register(Rule, Rules)
for shown in (AssignmentRule, RuleRun):
    site.register(shown, Shown)
