"""Subscriptions: a won deal starts them, one for each recurring line; they end, grow and shrink.

A change of money is an end and a new beginning, so that expansion and contraction can be told from the rows alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import values_of_lines
from penstock.crm.models import Opportunity, OpportunityLine, Status, Subscription
from penstock.crm.refusals import InvalidInput

EXPANSION = "expansion"
CONTRACTION = "contraction"
_TERMS = ("product_id", "mrr", "currency", "starts_on", "ends_on")


def follow(writer: Writer, deals: Sequence[Opportunity], *, lines: Mapping[int, Sequence[OpportunityLine]] | None = None) -> None:
    """Make the subscriptions of deals, inside a change, what their state says: those of a won deal's lines, or none.

    Subscriptions that were ended or changed since are left alone. They belong to the deal's owner.
    lines: by deal, where they are not written yet.
    """
    ids = [deal.pk for deal in deals]
    if not ids:
        return
    lines = _lines(ids) if lines is None else lines
    running: dict[int, list[Subscription]] = {}
    there = Subscription.objects.filter(opportunity__in=ids, removed_at__isnull=True).order_by("pk")
    for subscription in there.select_for_update():
        running.setdefault(subscription.opportunity_id or 0, []).append(subscription)
    new: list[Subscription] = []
    for deal in deals:
        wanted = started(deal, lines.get(deal.pk, [])) if deal.status == Status.WON else []
        have = running.get(deal.pk, [])
        if wanted and (any(one.ended_because for one in have) or _same(have, wanted)):
            continue
        for subscription in have:
            writer.update(subscription, verb=None, removed_at=writer.at)
        new += wanted
    if new:
        writer.create(new, verb=None)


def _lines(deals: Sequence[int]) -> dict[int, list[OpportunityLine]]:
    found: dict[int, list[OpportunityLine]] = {}
    for line in OpportunityLine.objects.filter(opportunity__in=deals, removed_at__isnull=True).order_by("position", "id"):
        found.setdefault(line.opportunity_id, []).append(line)
    return found


def started(deal: Opportunity, lines: Sequence[OpportunityLine]) -> list[Subscription]:
    """What a won deal starts: a subscription for each recurring line; for one without lines, its MRR, if it has any.

    It starts on the line's first day, or the deal's close date, and ends after the term.
    """
    common = {"account_id": deal.account_id, "opportunity_id": deal.pk, "currency": deal.currency, "owner_id": deal.owner_id}
    if not lines:
        if not deal.mrr or deal.close_date is None:
            return []
        return [Subscription(**common, product_id=deal.product_id, mrr=deal.mrr, starts_on=deal.close_date)]
    found = []
    for line in lines:
        starts = line.starts_on or deal.close_date
        if line.recurring and starts is not None:
            ends = _months_later(starts, line.term_months) if line.term_months else None
            mrr = values_of_lines([vars(line)])["mrr"]
            found.append(Subscription(**common, product_id=line.product_id, mrr=mrr, starts_on=starts, ends_on=ends))
    return found


def end_subscription(actor: Actor, subscription: int, on: date, because: str, *, revision: int | None = None) -> Subscription:
    """End a subscription on a day, which it does not cover any more. because: in few words, such as `churn`."""
    if not because.strip():
        raise InvalidInput({"ended_because": [_("Say why it ended.")]})
    with change(actor, "end_subscription") as writer:
        record = _running(writer, subscription, on, revision)
        writer.update(record, ends_on=on, ended_because=because.strip()[:60])
        return record


def change_mrr(
    actor: Actor, subscription: int, mrr: int, on: date, *, opportunity: int | None = None, revision: int | None = None
) -> Subscription:
    """Change what a subscription brings in from a day on: it ends then, as expansion or contraction, and a new one starts.

    mrr: minor units of its currency. opportunity: the deal that the change came of. Returns the new subscription.
    """
    if isinstance(mrr, bool) or not isinstance(mrr, int) or mrr <= 0:
        raise InvalidInput({"mrr": [_("Give an amount above zero, in minor units; a subscription that stops is ended.")]})
    with change(actor, "change_mrr") as writer:
        record = _running(writer, subscription, on, revision)
        if mrr == record.mrr:
            raise InvalidInput({"mrr": [_("It is that amount already.")]})
        if opportunity is not None:
            writer.locked(Opportunity, [opportunity])
        new = Subscription(
            account_id=record.account_id,
            opportunity_id=opportunity or record.opportunity_id,
            product_id=record.product_id,
            mrr=mrr,
            currency=record.currency,
            starts_on=on,
            ends_on=record.ends_on,
            owner_id=record.owner_id,
        )
        writer.update(record, ends_on=on, ended_because=EXPANSION if mrr > record.mrr else CONTRACTION)
        writer.create([new])
        return new


def _running(writer: Writer, pk: int, on: date, revision: int | None) -> Subscription:
    record = writer.locked(Subscription, [pk], revisions={} if revision is None else {pk: revision})[pk]
    if record.removed_at or record.ended_because:
        raise InvalidInput({"subscription": [_("This subscription has ended already.")]})
    if on < record.starts_on or (record.ends_on is not None and on > record.ends_on):
        raise InvalidInput({"on": [_("It does not run on that day.")]})
    return record


def _same(have: Sequence[Subscription], wanted: Sequence[Subscription]) -> bool:
    def terms(rows: Sequence[Any]) -> Counter[tuple[Any, ...]]:
        return Counter(tuple(getattr(row, name) for name in _TERMS) for row in rows)

    return terms(have) == terms(wanted)


def _months_later(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
