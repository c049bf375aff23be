"""The clock: time rules act for what is due, once, in the order in which it was due, however long the clock stood still.

The database finds what is due (`loop.due`). It is worked off a thousand records a transaction; what a rule does to a record and
its row in the log, which says that this moment has been seen to, are in the same transaction, so that a tick may be killed
anywhere and begun again. What is late becomes true now, and its reason names when it was due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from penstock.ledger.calendar import FiscalCalendar
from penstock.loop.doing import Item
from penstock.loop.due import Due, due
from penstock.loop.models import Clock, Rule, RuleRun, RunOutcome
from penstock.loop.models.rule import TIMED
from penstock.loop.performing import perform
from penstock.loop.running import holding, locked
from penstock.loop.thresholds import days
from penstock.loop.wording import reason_of
from penstock.org.company import company, fiscal_calendar

_AT_ONCE = 1_000


@dataclass
class TickReport:
    """What a tick did. due: how often a rule was due for a record; outcomes: (rule's key, outcome) -> how often, `waiting`
    where its condition did not hold; began, ended: when."""

    began: datetime
    due: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: datetime | None = None


def tick(now: datetime | None = None) -> TickReport:
    """Do what is due at `now` (an instant, by default this one) and has not been done."""
    moment = now or timezone.now()
    calendar = fiscal_calendar()
    report = TickReport(began=timezone.now())
    _mark(began_at=report.began)
    waiting = _all_due(moment, calendar)
    report.due = len(waiting)
    for start in range(0, len(waiting), _AT_ONCE):
        with transaction.atomic():
            # One clock works at a time; a second one waits here and then finds nothing left to do.
            Clock.objects.select_for_update().get(pk=1)
            for some in _rounds(waiting[start : start + _AT_ONCE]):
                for rule, members in _by_rule(some):
                    report.outcomes += _worked(rule, members, moment, calendar)
    report.ended = timezone.now()
    _mark(ended_at=report.ended)
    return report


def _all_due(now: datetime, calendar: FiscalCalendar) -> list[Due]:
    rules = Rule.objects.filter(active=True, trigger__in=TIMED)
    found = [one for rule in rules for one in due(rule, now, calendar)]
    return sorted(found, key=lambda one: (one.at, one.rule.position, one.rule.pk, one.watched_id))


def _rounds(batch: Sequence[Due]) -> list[list[Due]]:
    """A batch in rounds in which no record is twice, so that what is due for one record is seen to one after the other."""
    rounds: list[list[Due]] = []
    met: Counter[tuple[str, int]] = Counter()
    for one in batch:
        subject = (one.rule.record_type, one.record_id)
        if met[subject] == len(rounds):
            rounds.append([])
        rounds[met[subject]].append(one)
        met[subject] += 1
    return rounds


def _by_rule(some: Sequence[Due]) -> Iterator[tuple[Rule, list[Due]]]:
    order = sorted(some, key=lambda one: (one.rule.position, one.rule.pk, one.at, one.watched_id))
    for _, members in groupby(order, key=lambda one: one.rule.pk):
        found = list(members)
        yield found[0].rule, found


def _worked(rule: Rule, members: Sequence[Due], now: datetime, calendar: FiscalCalendar) -> Counter[tuple[str, str]]:
    records = locked(rule.record_type, [one.record_id for one in members])
    # Asked again under the locks: what an earlier part changed is not due any more, or is due since another moment.
    still = {one.key: one for one in due(rule, now, calendar, watched_ids=[one.watched_id for one in members])}
    wanted = [still[one.key] for one in members if one.key in still and one.record_id in records]
    held = holding(rule, [records[one.record_id] for one in wanted])
    reason = _reasons(rule, calendar, calendar.local_date(now))
    items = [Item(records[one.record_id], reason(one), due=one, rule_key=str(rule.pk)) for one in wanted if one.record_id in held]
    runs = perform(rule, items, held)
    # Only what could not be decided may be in the log already, from an earlier tick.
    RuleRun.objects.bulk_create([run for run in runs if run.outcome != RunOutcome.UNDECIDED])
    RuleRun.objects.bulk_create([run for run in runs if run.outcome == RunOutcome.UNDECIDED], ignore_conflicts=True)
    found = Counter((rule.key, str(run.outcome)) for run in runs)
    found[rule.key, "waiting"] += len(wanted) - len(items)
    return found


def _reasons(rule: Rule, calendar: FiscalCalendar, today: date) -> Callable[[Due], str]:
    """What says why a rule acts; it names the day on which it was due, where that has passed."""
    language = company().language
    count = days(rule.parameters.get("days", 0))

    def reason(one: Due) -> str:
        day = calendar.local_date(one.at)
        return reason_of(rule, language, days=count, due=day if day < today else None)

    return reason


def _mark(**moments: datetime) -> None:
    Clock.objects.update_or_create(pk=1, defaults=moments)
