"""What a rule may say: the check of a definition before it is kept, with every fault told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField
from django.utils.translation import gettext as _

from penstock.crm import conditions
from penstock.crm.models import AccountStatus, CustomField, LeadStatus, Status
from penstock.crm.record_types import record_model
from penstock.crm.refusals import InvalidInput
from penstock.loop import alerts
from penstock.loop.facts import AROUND_ACCOUNT
from penstock.loop.links import path
from penstock.loop.models import TriggerKind
from penstock.loop.models.rule import DEFINED, TIMED
from penstock.loop.thresholds import USUAL

Faults = dict[str, list[str]]

# What each trigger takes, beside `statuses`; those that it needs come first.
PARAMETERS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    TriggerKind.RECORD_CREATED: (frozenset(), frozenset({"kinds"})),
    TriggerKind.RECORD_CHANGED: (frozenset(), frozenset({"fields", "created"})),
    TriggerKind.STATUS_ENTERED: (frozenset(), frozenset({"to", "from"})),
    TriggerKind.STAGE_ENTERED: (frozenset(), frozenset({"to", "from", "pipeline"})),
    TriggerKind.ACTIVITY_LOGGED: (frozenset(), frozenset({"kinds"})),
    TriggerKind.TIME_PASSED: (frozenset({"since", "days"}), frozenset({"until", "stages"})),
    TriggerKind.DATE_REACHED: (frozenset({"field"}), frozenset({"days", "stages"})),
}
# What each action takes: needed, and allowed.
SETTINGS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "set_status": (frozenset({"status"}), frozenset({"until"})),
    "set_field": (frozenset({"field", "value"}), frozenset()),
    "create_task": (frozenset({"title"}), frozenset({"days", "to", "kind", "priority"})),
    "alert": (frozenset({"kind"}), frozenset({"to"})),
    "notify": (frozenset({"text"}), frozenset({"to"})),
    "assign": (frozenset(), frozenset({"rule", "method", "users", "team", "territory"})),
    "call_webhook": (frozenset({"url"}), frozenset()),
    "add_to_campaign": (frozenset({"campaign"}), frozenset()),
}
STATUSES = {"account": AccountStatus.values, "lead": LeadStatus.values, "opportunity": Status.values}
# Tasks belong to these.
_WITH_TASKS = frozenset({"lead", "account", "contact", "opportunity"})
_IN_CAMPAIGNS = frozenset({"lead", "contact", "account"})


def require_sound(definition: Mapping[str, Any]) -> None:
    """Raise InvalidInput with every fault of a rule's definition, by field."""
    faults: Faults = {}
    for name in definition.keys() - set(DEFINED):
        faults[name] = [_("A rule has no such field.")]
    kind = definition.get("record_type", "")
    watched = definition.get("watched") or kind
    for name, value in (("record_type", kind), ("watched", watched)):
        try:
            record_model(value)
        except ValueError as fault:
            faults.setdefault(name, []).append(str(fault))
    if not (definition.get("names") or {}).get("en"):
        faults["names"] = [_("Give the rule a name in English.")]
    if "record_type" not in faults and "watched" not in faults:
        _check_link(watched, kind, faults)
        _check_trigger(definition, watched, kind, faults)
        _check_condition(definition.get("condition", ""), kind, faults)
        _check_actions(definition.get("actions"), kind, faults)
    if faults:
        raise InvalidInput(faults)


def _check_link(watched: str, kind: str, faults: Faults) -> None:
    try:
        path(watched, kind)
    except LookupError:
        faults["watched"] = [_("A %(watched)s belongs to no %(kind)s.") % {"watched": watched, "kind": kind}]


def _check_trigger(definition: Mapping[str, Any], watched: str, kind: str, faults: Faults) -> None:
    trigger = definition.get("trigger")
    parameters = definition.get("parameters") or {}
    if trigger not in TriggerKind.values:
        faults["trigger"] = [_("Choose one of: %(names)s.") % {"names": ", ".join(TriggerKind.values)}]
        return
    needed, allowed = PARAMETERS[str(trigger)]
    found = _names_of(parameters, needed, allowed | {"statuses"})
    if trigger == TriggerKind.ACTIVITY_LOGGED and watched != "activity":
        found.append(_("Only an activity is logged: watch activity."))
    for name in ("statuses", "to", "from"):
        known = STATUSES.get(kind if name == "statuses" else watched)
        if name != "statuses" and trigger != TriggerKind.STATUS_ENTERED:
            continue
        unknown = [status for status in parameters.get(name, []) if known is None or status not in known]
        if unknown:
            found.append(_("There is no status %(names)s.") % {"names": ", ".join(map(str, unknown))})
    if trigger in TIMED:
        found += _of_time(parameters, watched, instants=trigger == TriggerKind.TIME_PASSED)
    if found:
        faults["parameters"] = found


def _of_time(parameters: Mapping[str, Any], watched: str, *, instants: bool) -> list[str]:
    found = []
    since = parameters.get("since" if instants else "field") or []
    names = [since] if isinstance(since, str) else [*since]
    until = [parameters["until"]] if parameters.get("until") else []
    for name in names + until:
        if not _is_moment(watched, str(name), instants=instants):
            what = _("a moment") if instants else _("a day or a moment")
            found.append(_("%(name)s is not %(what)s of this kind of record.") % {"name": name, "what": what})
    days = parameters.get("days", 0)
    if days not in USUAL and (not isinstance(days, int) or isinstance(days, bool) or abs(days) > 36_500):
        found.append(_("Give a number of days, or one of: %(names)s.") % {"names": ", ".join(USUAL)})
    return found


def _is_moment(kind: str, name: str, *, instants: bool) -> bool:
    if name.startswith("custom."):
        declared = CustomField.objects.filter(record_type=kind, key=name.removeprefix("custom."), kind="date")
        return not instants and declared.exists()
    try:
        field = record_model(kind)._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return isinstance(field, DateTimeField) or (isinstance(field, DateField) and not instants)


def _check_condition(condition: str, kind: str, faults: Faults) -> None:
    if not condition.strip():
        return
    try:
        conditions.check_condition(condition, kind)
    except InvalidInput as fault:
        faults["condition"] = [message for messages in fault.faults.values() for message in messages]


def _check_actions(actions: Any, kind: str, faults: Faults) -> None:
    if not isinstance(actions, list) or not actions:
        faults["actions"] = [_("A rule needs at least one action.")]
        return
    for number, action in enumerate(actions):
        found = _of_action(action, kind)
        if found:
            faults[f"actions.{number}"] = found


def _of_action(action: Any, kind: str) -> list[str]:
    name = action.get("do") if isinstance(action, Mapping) else None
    if name not in SETTINGS:
        return [_("Choose one of: %(names)s.") % {"names": ", ".join(SETTINGS)}]
    found = _names_of({key: value for key, value in action.items() if key != "do"}, *SETTINGS[name])
    # A deal's status follows from its stage, and is not set.
    if name == "set_status" and (kind == "opportunity" or action.get("status") not in STATUSES.get(kind, [])):
        found.append(_("There is no status %(names)s.") % {"names": action.get("status")})
    if name == "set_field" and not _is_field(kind, str(action.get("field"))):
        found.append(_("This kind of record has no field %(name)s.") % {"name": action.get("field")})
    if name == "alert" and action.get("kind") not in alerts.KINDS:
        found.append(_("Choose one of: %(names)s.") % {"names": ", ".join(alerts.KINDS)})
    if name == "call_webhook" and not str(action.get("url", "")).startswith(("https://", "http://")):
        found.append(_("Write a whole address, beginning with https://."))
    if (name == "create_task" and kind not in _WITH_TASKS) or (name == "add_to_campaign" and kind not in _IN_CAMPAIGNS):
        found.append(_("This cannot be done to a %(kind)s.") % {"kind": kind.replace("_", " ")})
    return found


def _is_field(kind: str, name: str) -> bool:
    if name.startswith("custom."):
        return CustomField.objects.filter(record_type=kind, key=name.removeprefix("custom."), archived=False).exists()
    return any(name in (field.name, field.attname) for field in record_model(kind)._meta.concrete_fields)


def _names_of(given: Mapping[str, Any], needed: frozenset[str], allowed: frozenset[str]) -> list[str]:
    missing = sorted(needed - given.keys())
    unknown = sorted(given.keys() - needed - allowed)
    found = [_("%(name)s is needed.") % {"name": name} for name in missing]
    return found + [_("%(name)s is not known here.") % {"name": name} for name in unknown]


assert set(AROUND_ACCOUNT) == {"open_deals", "tasks_ahead", "active_subscriptions"}
