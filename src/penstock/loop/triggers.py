"""What sets a rule off by a change: does an event fit a rule's trigger, and which record is it about?

Parameters of triggers, by kind:

record_changed  fields (any of them; empty: every one), created (also when the record comes to be with one of them filled)
status_entered  to (statuses; empty: every one), from
stage_entered   to (stage keys), from, pipeline (its key)
activity_logged kinds (of activity; empty: every one)
time_passed, date_reached: `loop.due`
all of them     statuses: the record must be in one of these
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.crm.models import OutboxEvent, Stage
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model
from penstock.loop.links import linked
from penstock.loop.models import Rule, TriggerKind


def fits(rule: Rule, event: OutboxEvent) -> bool:
    """Whether an event is one that sets the rule off; the record itself is not looked at."""
    if event.record_type != rule.sets_off:
        return False
    operation = event.topic.rpartition(".")[2]
    wanted: Mapping[str, Any] = rule.parameters
    if rule.trigger in (TriggerKind.RECORD_CREATED, TriggerKind.ACTIVITY_LOGGED):
        return operation == "create" and _kind_fits(event, wanted)
    if rule.trigger == TriggerKind.RECORD_CHANGED:
        if operation == "create":
            return bool(wanted.get("created")) and _touches(event, wanted)
        return _touches(event, wanted)
    if rule.trigger == TriggerKind.STATUS_ENTERED:
        return "status" in event.fields and _entered(event.fields["status"], wanted)
    if rule.trigger == TriggerKind.STAGE_ENTERED:
        return "stage_id" in event.fields and _stage_entered(event.fields["stage_id"], wanted)
    return False


def about(rule: Rule, event: OutboxEvent) -> int | None:
    """The id of the record of the rule's kind that an event is about; None where there is none."""
    if rule.record_type == event.record_type:
        return event.record_id
    watched = watched_record(event)
    return linked(watched, rule.record_type) if watched else None


def watched_record(event: OutboxEvent) -> Record | None:
    """The record that an event tells of."""
    return record_model(event.record_type)._default_manager.filter(pk=event.record_id).first()


def in_statuses(rule: Rule, record: Record) -> bool:
    """Whether a record is in one of the statuses that the rule asks for."""
    wanted = rule.parameters.get("statuses")
    return not wanted or getattr(record, "status", None) in wanted


def _kind_fits(event: OutboxEvent, wanted: Mapping[str, Any]) -> bool:
    kinds = wanted.get("kinds")
    return not kinds or event.fields.get("kind", [None, None])[1] in kinds


def _touches(event: OutboxEvent, wanted: Mapping[str, Any]) -> bool:
    names = wanted.get("fields")
    if not names:
        return True
    changed = set(event.fields) | {name.removesuffix("_id") for name in event.fields}
    if "custom" in event.fields:
        before, after = (value or {} for value in event.fields["custom"])
        changed |= {f"custom.{key}" for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return not changed.isdisjoint(names)


def _entered(pair: list[Any], wanted: Mapping[str, Any]) -> bool:
    before, after = pair
    return (not wanted.get("to") or after in wanted["to"]) and (not wanted.get("from") or before in wanted["from"])


def _stage_entered(pair: list[Any], wanted: Mapping[str, Any]) -> bool:
    stages = Stage.objects.select_related("pipeline").in_bulk([pk for pk in pair if pk is not None])
    before, after = (stages.get(pk) for pk in pair)
    if after is None or (wanted.get("pipeline") and after.pipeline.key != wanted["pipeline"]):
        return False
    return _entered([before.key if before else None, after.key], wanted)
