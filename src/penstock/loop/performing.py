"""A rule acts for records whose condition holds, and the log says what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from penstock.crm.conditions import ConditionError
from penstock.crm.models import RecordChange
from penstock.crm.refusals import Refusal, TooDeep
from penstock.loop.circles import InACircle, stopped
from penstock.loop.doing import Doing, Item
from penstock.loop.effects import perform_action
from penstock.loop.models import Rule, RuleRun, RunOutcome

Refusals = dict[int, list[dict[str, Any]]]
Values = dict[str, Any]

_OUTCOMES = {
    TooDeep.code: RunOutcome.STOPPED,
    InACircle.code: RunOutcome.STOPPED,
    ConditionError.code: RunOutcome.UNDECIDED,
}


def perform(rule: Rule, items: Sequence[Item], held: Mapping[int, ConditionError | None]) -> list[RuleRun]:
    """Do every action of a rule for these records (at most a thousand), which the caller has locked; returns the log's rows,
    not saved.

    An action that is refused for a record is logged; the rule's other actions go on for it. held: why the condition could not be
    decided, by the record's id.
    """
    if not items:
        return []
    refusals: Refusals = defaultdict(list)
    for item in items:
        obstacle = held.get(item.record.pk) or stopped(rule, item)
        if obstacle is not None:
            refusals[item.record.pk].append(_told(0, obstacle))
    willing = [item for item in items if item.record.pk not in refusals]
    keys: dict[str, int | None] = {}
    for number, settings in enumerate(rule.actions):
        doing = Doing(rule, number, settings)
        refused = perform_action(doing, willing) if willing else {}
        keys |= doing.keys
        for pk, refusal in refused.items():
            refusals[pk].append(_told(number, refusal))
    differences = _differences(keys, rule.record_type)
    return [_run(rule, item, refusals.get(item.record.pk, []), differences) for item in items]


def _told(number: int, refusal: Refusal) -> dict[str, Any]:
    return {"action": number, "code": refusal.code, "message": refusal.message}


def _run(rule: Rule, item: Item, refusals: list[dict[str, Any]], differences: dict[int, tuple[Values, Values]]) -> RuleRun:
    before, after = differences.get(item.record.pk, ({}, {}))
    codes = {one["code"] for one in refusals}
    outcome = next(
        (found for code, found in _OUTCOMES.items() if code in codes), RunOutcome.REFUSED if codes else RunOutcome.DONE
    )
    run = RuleRun(
        key=f"{item.key}:undecided" if outcome == RunOutcome.UNDECIDED else item.key,
        rule_id=rule.pk,
        record_type=rule.record_type,
        record_id=item.record.pk,
        at=timezone.now(),
        outcome=outcome,
        reason=item.reason,
        before=before,
        after=after,
        refusals=refusals,
    )
    if item.event is not None:
        run.event, run.change_id, run.watched_id = item.event.pk, item.event.change_id, item.event.record_id
    if item.due is not None:
        run.watched_id, run.due_at = item.due.watched_id, item.due.at
        # A moment is also a day, so the more precise of the two is asked for first.
        if hasattr(item.due.since, "hour"):
            run.since = item.due.since
        else:
            run.since_day = item.due.since
    return run


def _differences(keys: dict[str, int | None], record_type: str) -> dict[int, tuple[Values, Values]]:
    """What the changes of these keys did, by the record they were for: values before and after."""
    found: dict[int, tuple[Values, Values]] = defaultdict(lambda: ({}, {}))
    for kind, pk, fields, key in _changes(keys):
        meant = keys[key]
        subject = meant
        if subject is None:
            # Of a bulk change: the record itself, or what was made for it and names it.
            subject = pk if kind == record_type else fields.get(f"{record_type}_id", [None, pk])[1]
        own = kind == record_type and pk == subject
        before, after = found[subject]
        for name, (old, new) in fields.items():
            told = name if own else f"{kind} {pk}.{name}"
            before.setdefault(told, old)
            after[told] = new
    return found


def _changes(keys: Iterable[str]) -> Iterable[tuple[str, int, dict[str, list[Any]], Any]]:
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        rows = RecordChange.objects.filter(change__key__in=wanted[start : start + 500]).order_by("id")
        yield from rows.values_list("record_type", "record_id", "fields", "change__key")
