"""Rules run: for an event of the outbox, or dry, over the records that are there.

`handle` is called by the worker for every event, and may be called again for the same one: the log's key keeps a rule from
acting twice. A rule, its actions and its row in the log are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from penstock.crm import access, conditions
from penstock.crm.conditions import ConditionError
from penstock.crm.models import OutboxEvent
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model
from penstock.loop.doing import Item
from penstock.loop.due import due
from penstock.loop.facts import facts_of
from penstock.loop.models import Rule, RuleRun
from penstock.loop.models.rule import TIMED
from penstock.loop.performing import perform
from penstock.loop.triggers import about, fits, in_statuses, watched_record
from penstock.loop.wording import reason_of
from penstock.org.company import company, fiscal_calendar
from penstock.org.models import User

_AT_ONCE = 500


def handle(event: OutboxEvent) -> list[RuleRun]:
    """Run every active rule that an event sets off, in their order; returns the rows that were added to the log.

    A rule sees the records as the rules before it left them. Refusals are logged; an unexpected error is raised, and what the
    failing rule did is taken back with its transaction.
    """
    runs = []
    for rule in Rule.objects.filter(active=True).exclude(trigger__in=TIMED):
        if fits(rule, event):
            run = _run_once(rule, event)
            runs += [run] if run else []
    return runs


def _run_once(rule: Rule, event: OutboxEvent) -> RuleRun | None:
    record_id = about(rule, event)
    if record_id is None:
        return None
    with transaction.atomic():
        record = locked(rule.record_type, [record_id]).get(record_id)
        if record is None or not in_statuses(rule, record):
            return None
        watched = record if rule.record_type == event.record_type else watched_record(event)
        item = Item(record, reason_of(rule, company().language), event=event, watched=watched, rule_key=str(rule.pk))
        held = holding(rule, [record])
        if not held or RuleRun.objects.filter(key=item.key).exists():
            return None
        run = perform(rule, [item], held)[0]
        run.save(force_insert=True)
    return run


def locked(record_type: str, ids: Sequence[int]) -> dict[int, Record]:
    """The records of these ids that are not removed, locked until the transaction ends, by id."""
    model = record_model(record_type)
    query = model._default_manager.filter(pk__in=ids, removed_at__isnull=True).order_by("pk")
    return {record.pk: record for record in query.select_for_update(of=("self",))}


def holding(rule: Rule, records: Sequence[Record]) -> dict[int, ConditionError | None]:
    """The ids of the records for which a rule's condition holds, and of those for which it cannot be decided, with why."""
    if not rule.condition.strip():
        return dict.fromkeys(record.pk for record in records)
    found: dict[int, ConditionError | None] = {}
    for pk, facts in facts_of(records).items():
        try:
            if conditions.holds(rule.condition, facts):
                found[pk] = None
        except ConditionError as undecided:
            found[pk] = undecided
    return found


@dataclass(frozen=True)
class DryRow:
    """What a rule would do to one record: values before and after, and what would be refused."""

    record_type: str
    record_id: int
    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    refusals: list[dict[str, Any]]


@dataclass
class DryRun:
    """What a rule would do now. examined: records that its trigger could concern; rows: those for which its condition holds.
    cut: whether there were more than the limit."""

    examined: int = 0
    rows: list[DryRow] = field(default_factory=list)
    cut: bool = False


def dry_run(rule: Rule, viewer: User | None, limit: int | None = None) -> DryRun:
    """What a rule would do to the records that are there, if it were set off for each of them now. Nothing is written.

    The rule need not be saved. Only records that the viewer may see are looked at, and fields hidden from them are left out.
    limit: at most so many rows. The actions are really called, in transactions that are taken back.
    """
    found = DryRun()
    hidden = access.hidden_fields(viewer, record_model(rule.record_type))
    for ids in _candidates(rule, viewer):
        found.examined += len(ids)
        room = None if limit is None else limit - len(found.rows)
        rows = _tried(rule, ids, hidden)
        found.rows += rows[:room]
        if room is not None and len(rows) > room:
            found.cut = True
            break
    return found


def _candidates(rule: Rule, viewer: User | None) -> Iterator[list[int]]:
    visible: QuerySet[Any] = access.visible_to(viewer, record_model(rule.record_type)).filter(removed_at__isnull=True)
    if rule.trigger in TIMED:
        ids = sorted({one.record_id for one in due(rule, timezone.now(), fiscal_calendar())})
        batches = [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
        for batch in batches:
            yield list(visible.filter(pk__in=batch).order_by("pk").values_list("pk", flat=True))
        return
    query = visible
    statuses = rule.parameters.get("statuses")
    if not rule.watched and rule.trigger == "status_entered":
        statuses = statuses or rule.parameters.get("to")
    if statuses:
        query = query.filter(status__in=statuses)
    if not rule.watched and rule.trigger == "stage_entered" and rule.parameters.get("to"):
        query = query.filter(stage__key__in=rule.parameters["to"])
    last = 0
    while batch := list(query.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        last = batch[-1]
        yield batch


def _tried(rule: Rule, ids: Sequence[int], hidden: frozenset[str]) -> list[DryRow]:
    with transaction.atomic():
        records = locked(rule.record_type, ids)
        names = {pk: str(record) for pk, record in records.items()}
        held = holding(rule, list(records.values()))
        reason = reason_of(rule, company().language)
        items = [Item(record, reason, rule_key=f"dry-{rule.pk}") for pk, record in records.items() if pk in held]
        runs = perform(rule, items, held)
        transaction.set_rollback(True)
    return [_row(run, names[run.record_id], hidden) for run in runs]


def _row(run: RuleRun, name: str, hidden: frozenset[str]) -> DryRow:
    before, after = _shown(run.before, hidden), _shown(run.after, hidden)
    return DryRow(run.record_type, run.record_id, name, before, after, run.refusals)


def _shown(values: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in hidden and name.removesuffix("_id") not in hidden}
