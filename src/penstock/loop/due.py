"""What the clock has to do: which records a time rule is due for, found by the database.

Parameters of `time_passed`: since (an instant's field, or several, of which the latest filled one counts), days, until (a
field that says when instead, where it is filled). Of `date_reached`: field (a day, an instant, or a custom field of days as
`custom.key`), days (after it, or before it where negative; none is 0). Of both: statuses (of the rule's record), stages (keys;
of a deal).

A rule is due for a record from its moment on until its condition has held once for that value of the field; a new value begins
anew. So nothing depends on when the clock looks, and what was due while it slept is not lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest

from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model
from penstock.ledger.calendar import FiscalCalendar
from penstock.loop.links import path
from penstock.loop.models import Rule, RuleRun, RunOutcome, TriggerKind
from penstock.loop.thresholds import days

_NOTHING = Value(None, output_field=DateTimeField())


@dataclass(frozen=True)
class Due:
    """A rule that is due for a record. watched_id: the record that was watched; since: the value that is counted from; at: when
    it was due."""

    rule: Rule
    watched_id: int
    record_id: int
    since: datetime | date
    at: datetime

    @property
    def key(self) -> str:
        """The run's key: the same for the same rule, record and moment, however often the clock looks."""
        return f"clock:{self.rule.pk}:{self.watched_id}:{self.at:%Y-%m-%dT%H:%M:%S.%fZ}"


def due(rule: Rule, now: datetime, calendar: FiscalCalendar, *, watched_ids: list[int] | None = None) -> Iterator[Due]:
    """What a time rule is due for at an instant, in order of when it was due; of `watched_ids` only, where given."""
    found = _by_instant(rule, now) if _counts_instants(rule) else _by_day(rule, calendar.local_date(now))
    if watched_ids is not None:
        found = found.filter(pk__in=watched_ids)
    delay = timedelta(days=days(rule.parameters.get("days", 0)))
    own = path(rule.sets_off, rule.record_type)
    for pk, record_id, since, until in found.order_by("base", "pk").values_list(
        "pk", f"{own}_id" if own else "pk", "base", "stated"
    ):
        if isinstance(since, datetime):
            at = since if until else since + delay
        else:
            at = calendar.midnight(since + delay)
        yield Due(rule, pk, record_id, since, at)


def _counts_instants(rule: Rule) -> bool:
    if rule.trigger == TriggerKind.TIME_PASSED:
        return True
    name = rule.parameters["field"]
    return not name.startswith("custom.") and isinstance(record_model(rule.sets_off)._meta.get_field(name), DateTimeField)


def _by_instant(rule: Rule, now: datetime) -> QuerySet[Any]:
    wanted = rule.parameters
    since = wanted["since"] if rule.trigger == TriggerKind.TIME_PASSED else wanted["field"]
    names = [since] if isinstance(since, str) else list(since)
    last = now - timedelta(days=days(wanted.get("days", 0)))
    until = wanted.get("until")
    counted = _latest(names)
    if until:
        query: QuerySet[Any] = _open(rule).annotate(
            stated=F(until), base=Coalesce(F(until), counted, output_field=DateTimeField())
        )
        query = query.filter(Q(stated__lte=now) | Q(stated__isnull=True, base__lte=last))
    else:
        query = _open(rule).annotate(stated=_NOTHING, base=counted).filter(base__lte=last)
    return query.exclude(_done(rule, "since"))


def _by_day(rule: Rule, today: date) -> QuerySet[Any]:
    name = rule.parameters["field"]
    base: Combinable = F(name)
    query: QuerySet[Any] = _open(rule)
    if name.startswith("custom."):
        key = name.removeprefix("custom.")
        query = query.filter(custom__has_key=key)
        base = Cast(KeyTextTransform(key, "custom"), DateField())
    query = query.annotate(stated=_NOTHING, base=base)
    last = today - timedelta(days=days(rule.parameters.get("days", 0)))
    return query.filter(base__lte=last).exclude(_done(rule, "since_day"))


def _latest(names: list[str]) -> Combinable:
    """The latest of several instants that is filled. On SQLite the greatest of several, one of them null, is null."""
    if len(names) == 1:
        return F(names[0])
    return Greatest(*(Coalesce(F(name), *map(F, names)) for name in names), output_field=DateTimeField())


def _open(rule: Rule) -> QuerySet[Any]:
    """The records that the rule watches, as far as status and stage say."""
    model: type[Record] = record_model(rule.sets_off)
    own = path(rule.sets_off, rule.record_type)
    prefix = f"{own}__" if own else ""
    query = model._default_manager.filter(removed_at__isnull=True)
    if own:
        query = query.filter(**{f"{own}__isnull": False, f"{own}__removed_at__isnull": True})
    if rule.parameters.get("statuses"):
        query = query.filter(**{f"{prefix}status__in": rule.parameters["statuses"]})
    if rule.parameters.get("stages"):
        query = query.filter(**{f"{prefix}stage__key__in": rule.parameters["stages"]})
    return query


def _done(rule: Rule, name: str) -> Exists:
    runs = RuleRun.objects.filter(rule_id=rule.pk, watched_id=OuterRef("pk"), due_at__isnull=False)
    # What could not be decided is asked again, since somebody may have mended the condition or the record.
    runs = runs.exclude(outcome=RunOutcome.UNDECIDED)
    return Exists(runs.filter(**{name: OuterRef("base")}))
