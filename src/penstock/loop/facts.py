"""What a rule's condition can ask about a record: its own fields, and for an account what lies around it.

Beyond `penstock.crm.conditions.facts`, an account has

open_deals            open opportunities
tasks_ahead           tasks that are not done and due today or later, or without a day
active_subscriptions  subscriptions that have begun and not ended
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from penstock.crm import conditions
from penstock.crm.models import Account, Opportunity, Status, Subscription, Task
from penstock.crm.models.record import Record
from penstock.org.company import today

AROUND_ACCOUNT = ("open_deals", "tasks_ahead", "active_subscriptions")


def facts_of(records: Sequence[Record]) -> dict[int, dict[str, Any]]:
    """The facts of records of one kind, by id."""
    found = {record.pk: facts for record, facts in zip(records, conditions.facts_of(records), strict=True)}
    accounts = [record.pk for record in records if isinstance(record, Account)]
    for name, counts in _around(accounts).items() if accounts else ():
        for pk in accounts:
            found[pk][name] = counts.get(pk, 0)
    return found


def _around(accounts: list[int]) -> dict[str, dict[int, int]]:
    day = today()
    kept = Q(removed_at__isnull=True, account_id__in=accounts)
    deals = Opportunity.objects.filter(kept, status=Status.OPEN)
    tasks = Task.objects.filter(kept, done_at__isnull=True).filter(Q(due_on__isnull=True) | Q(due_on__gte=day))
    active = Subscription.objects.filter(kept, starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return dict(zip(AROUND_ACCOUNT, map(_counted, (deals, tasks, active)), strict=True))


def _counted(query: QuerySet[Any]) -> dict[int, int]:
    rows: Iterable[tuple[int, int]] = query.order_by().values_list("account_id").annotate(Count("pk"))
    return dict(rows)
