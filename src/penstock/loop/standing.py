"""What stands still, is late or is missing at an instant: one function a kind of alert, each a question to the database.

Each takes the company's days for the kind and the instant, and finds the records concerned with their owner and what is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, Exists, F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import override

from penstock.crm.gates import unmet_of
from penstock.crm.models import Account, AccountStatus, Activity, Opportunity, Status, Subscription
from penstock.org.company import fiscal_calendar


@dataclass(frozen=True)
class Standing:
    """A record that something is to be said of. params: what the words are filled with; texts may be given by language."""

    record_type: str
    record_id: int
    owner_id: int | None
    params: Mapping[str, Any] = field(default_factory=dict)


def idle_targets(days: int, now: datetime) -> Iterator[Standing]:
    """Targets without an activity since they became one, or since the last, for so many days."""
    since = Greatest(F("status_since"), Coalesce(F("last_activity_at"), F("status_since")), output_field=DateTimeField())
    query = Account.objects.filter(status=AccountStatus.TARGET, removed_at__isnull=True, owner__isnull=False)
    query = query.annotate(idle_since=since).filter(idle_since__lte=now - timedelta(days=days))
    for pk, name, owner in query.order_by("pk").values_list("pk", "name", "owner_id"):
        yield Standing("account", pk, owner, {"name": name, "days": days})


def idle_opportunities(days: int, now: datetime) -> Iterator[Standing]:
    """Open deals without an activity since they entered their stage, or since the last, for so many days."""
    activities = Activity.objects.filter(opportunity=OuterRef("pk"), removed_at__isnull=True).order_by()
    last = Subquery(activities.values("opportunity").annotate(last=Max("at")).values("last"))
    since = Greatest(F("stage_since"), Coalesce(last, F("stage_since")), output_field=DateTimeField())
    query = _open_deals().annotate(idle_since=since).filter(idle_since__lte=now - timedelta(days=days))
    for pk, name, owner in query.order_by("pk").values_list("pk", "name", "owner_id"):
        yield Standing("opportunity", pk, owner, {"name": name, "days": days})


def overdue_closes(days: int, now: datetime) -> Iterator[Standing]:
    """Open deals whose close date lies more than so many days back, by the company's calendar."""
    before = fiscal_calendar().local_date(now) - timedelta(days=days)
    query = _open_deals().filter(close_date__lt=before)
    for pk, name, owner, day in query.order_by("pk").values_list("pk", "name", "owner_id", "close_date"):
        yield Standing("opportunity", pk, owner, {"name": name, "day": str(day)})


def missing_next_steps(days: int, now: datetime) -> Iterator[Standing]:
    """Open deals that are at least so many days in their stage and have no next step, or one whose day has passed."""
    today = fiscal_calendar().local_date(now)
    missing = Q(next_step="") | Q(next_step_on__lt=today)
    query = _open_deals().filter(missing, stage_since__lte=now - timedelta(days=days))
    for pk, name, owner in query.order_by("pk").values_list("pk", "name", "owner_id"):
        yield Standing("opportunity", pk, owner, {"name": name})


def gate_debts(days: int, now: datetime) -> Iterator[Standing]:
    """Open deals that for so many days have stood in a stage whose gate they do not meet."""
    query = _open_deals().filter(stage__criteria__archived=False, stage_since__lte=now - timedelta(days=days)).distinct()
    deals = query.select_related("stage", "pipeline", "account").order_by("stage_id", "pk")
    for _, members in groupby(deals.iterator(2_000), key=lambda deal: deal.stage_id):
        some = list(members)
        unmet = unmet_of(some, some[0].stage)
        in_debt = [deal for deal in some if unmet[deal.pk]]
        told = _missing(in_debt)
        for deal in in_debt:
            params = {"name": deal.name, "stage": deal.stage.names, "missing": told[deal.pk]}
            yield Standing("opportunity", deal.pk, deal.owner_id, params)


def _missing(deals: list[Opportunity]) -> dict[int, dict[str, str]]:
    """What each deal of one stage lacks, in words of every language, since it is not known yet who will read them."""
    found: dict[int, dict[str, str]] = {deal.pk: {} for deal in deals}
    for language, _name in settings.LANGUAGES if deals else ():
        with override(language):
            for pk, unmet in unmet_of(deals, deals[0].stage).items():
                if pk is not None:
                    found[pk][language] = "; ".join(one.text.rstrip(".") for one in unmet)
    return found


def renewals_near(days: int, now: datetime) -> Iterator[Standing]:
    """Subscriptions that end within so many days and are followed by no other of the same account and product."""
    today = fiscal_calendar().local_date(now)
    # Subscriptions without a product follow one another; a null is equal to nothing in the database.
    product = Coalesce(F("product_id"), Value(0))
    later = Subscription.objects.filter(account=OuterRef("account"), removed_at__isnull=True)
    later = later.filter(starts_on__gt=OuterRef("starts_on")).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("ends_on")))
    later = later.annotate(sold=product).filter(sold=OuterRef("sold"))
    query = Subscription.objects.filter(removed_at__isnull=True, account__removed_at__isnull=True).annotate(sold=product)
    query = query.filter(ends_on__gte=today, ends_on__lte=today + timedelta(days=days)).exclude(Exists(later))
    rows = query.order_by("pk").values_list("pk", "account__name", "owner_id", "account__owner_id", "ends_on")
    for pk, name, owner, account_owner, day in rows:
        yield Standing("subscription", pk, account_owner or owner, {"name": name, "day": str(day)})


def _open_deals() -> Any:
    return Opportunity.objects.filter(status=Status.OPEN, removed_at__isnull=True, owner__isnull=False)
