"""Alerts: what stands still, is late or is missing. Each lasts as long as it is so, and is told once while it lasts.

`refresh` compares what is so now with what has been told: what is new is told, what is over is resolved. An idle target is
told by the rule `idle_target_alert`, which a company may change or switch off; `refresh` only resolves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import InvalidInput
from penstock.loop import standing
from penstock.loop.models import Clock, Notification
from penstock.loop.notifying import Message, notify
from penstock.loop.people import Addressees
from penstock.loop.standing import Standing
from penstock.loop.thresholds import USUAL, days, days_of
from penstock.org.company import company

KINDS: dict[str, Callable[[int, datetime], Iterable[Standing]]] = {
    "idle_target": standing.idle_targets,
    "idle_opportunity": standing.idle_opportunities,
    "overdue_close": standing.overdue_closes,
    "missing_next_step": standing.missing_next_steps,
    "gate_debt": standing.gate_debts,
    "renewal_near": standing.renewals_near,
}
assert set(KINDS) == set(USUAL)
# Told by a rule, not by `refresh`.
BY_RULE = frozenset({"idle_target"})
_AT_ONCE = 500


@dataclass
class AlertReport:
    """What a refresh did: how many alerts were told, and how many were over."""

    told: int = 0
    resolved: int = 0


def refresh(now: datetime | None = None) -> AlertReport:
    """Tell what is new and resolve what is over, of every kind; a kind that the company has switched off is all over."""
    moment = now or timezone.now()
    own = company()
    report = AlertReport()
    Clock.objects.get_or_create(pk=1)
    for kind, find in KINDS.items():
        with transaction.atomic():
            # Two refreshes at once would each resolve what the other has just told.
            Clock.objects.select_for_update().get(pk=1)
            limit = days_of(kind, own)
            lasting = {} if limit is None else {one.dedupe: one for one in _messages(kind, find(limit, moment))}
            told = Notification.objects.filter(kind=kind, resolved_at__isnull=True).values_list("dedupe", "pk")
            known = dict(told)
            over = [pk for dedupe, pk in known.items() if dedupe not in lasting]
            for start in range(0, len(over), _AT_ONCE):
                Notification.objects.filter(pk__in=over[start : start + _AT_ONCE]).update(resolved_at=moment)
            report.resolved += len(over)
            if kind not in BY_RULE:
                new = [message for dedupe, message in lasting.items() if dedupe not in known]
                notify(new, moment)
                report.told += len(new)
    return report


def alert_messages(kind: str, records: Sequence[Record], to: str) -> list[Message]:
    """What a rule's alert tells about records to whom they concern. Raises InvalidInput for a kind that is none."""
    if kind not in KINDS:
        raise InvalidInput({"kind": [_("Choose one of: %(names)s.") % {"names": ", ".join(KINDS)}]})
    params: dict[str, object] = {"days": days(kind)}
    addressees = Addressees()
    return [
        _message(kind, record_type(type(record)), record.pk, user.pk, {"name": str(record)} | params)
        for record in records
        for user in addressees.of(to, record)
    ]


def _messages(kind: str, found: Iterable[Standing]) -> Iterable[Message]:
    addressees = Addressees()
    for one in found:
        for user in addressees.of_owner("owner", one.owner_id):
            yield _message(kind, one.record_type, one.record_id, user.pk, dict(one.params))


def _message(kind: str, of: str, pk: int, user: int, params: dict[str, object]) -> Message:
    return Message(user, kind, of, pk, kind, f"alert:{kind}:{of}:{pk}:{user}", params)
