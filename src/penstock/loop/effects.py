"""What a rule can do, by name. Each calls verbs of `penstock.crm.actions`, or writes a row that is sent later.

set_status       status; until: a day from now ({"days": 90}, {"by": "lost_reason", "days": {…}, "otherwise": 180})
set_field        field, value
create_task      title (by language), days (until it is due), to, kind, priority
alert            kind (of `loop.alerts`), to
notify           text (by language), to
assign           rule (of assignment), or method with users, team or territory; empty: the first assignment rule that takes it
call_webhook     url
add_to_campaign  campaign (its name)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from penstock.crm.actions.tasks import create_task, create_tasks
from penstock.crm.refusals import AlreadyDone, Refusal
from penstock.loop import verbs
from penstock.loop.assignment import give_out
from penstock.loop.doing import Doing, Item
from penstock.loop.models import WebhookCall
from penstock.loop.notifying import Message, notify
from penstock.loop.people import Addressees
from penstock.loop.staying import stays_until
from penstock.loop.thresholds import days
from penstock.loop.wording import in_language
from penstock.org.company import company, today

Refused = dict[int, Refusal]


def perform_action(doing: Doing, items: Sequence[Item]) -> Refused:
    """Do one action for these records; returns why it was refused for some, by id."""
    try:
        return EFFECTS[doing.settings["do"]](doing, items)
    except Refusal as refusal:
        # What the action asks for cannot be done for any record, such as a campaign that is not there.
        return {item.record.pk: refusal for item in items}


def _set_status(doing: Doing, items: Sequence[Item]) -> Refused:
    """One bulk change for each reason: they differ only by the day on which each was due."""
    refused: Refused = {}
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.reason, []).append(item)
    for reason, members in groups.items():
        until = {item.record.pk: stays_until(doing.settings.get("until"), item.watched) for item in members}
        actor = doing.actor_of_all(members).but(reason=reason)
        refused |= verbs.set_statuses(actor, doing.rule.record_type, doing.settings["status"], until)
    return refused


def _set_field(doing: Doing, items: Sequence[Item]) -> Refused:
    values = {doing.settings["field"]: doing.settings["value"]}
    if doing.settings["field"].startswith("custom."):
        values = {"custom": {doing.settings["field"].removeprefix("custom."): doing.settings["value"]}}
    return _each(doing, items, lambda item: verbs.edit(doing.actor(item), doing.rule.record_type, item.record.pk, values))


def _create_task(doing: Doing, items: Sequence[Item]) -> Refused:
    settings = doing.settings
    shared: dict[str, Any] = {name: settings[name] for name in ("kind", "priority") if name in settings}
    shared |= {
        "title": in_language(settings["title"], company().language),
        "due_on": today() + timedelta(days=days(settings.get("days", 0))),
    }
    addressees = Addressees()
    rows = []
    for item in items:
        users = addressees.of(settings.get("to", "owner"), item.record)
        rows.append(shared | {doing.rule.record_type: item.record.pk, "owner": users[0].pk if users else None})
    if len(items) == 1:
        return _each(doing, items, lambda item: create_task(doing.actor(item), **rows[0]))
    outcome = create_tasks(doing.actor_of_all(items), rows)
    return {items[number].record.pk: refusal for number, refusal in outcome.refused.items()}


def _alert(doing: Doing, items: Sequence[Item]) -> Refused:
    from penstock.loop.alerts import alert_messages  # alerts ask rules whether they look after a kind

    notify(alert_messages(doing.settings["kind"], [item.record for item in items], doing.settings.get("to", "owner")))
    return {}


def _notify(doing: Doing, items: Sequence[Item]) -> Refused:
    texts = doing.settings["text"]
    addressees = Addressees()
    messages = []
    for item in items:
        for user in addressees.of(doing.settings.get("to", "owner"), item.record):
            dedupe = f"rule:{item.key}:{doing.number}:{user.pk}"
            params = {"texts": texts, "name": str(item.record), "rule": doing.rule.key}
            messages.append(Message(user.pk, "rule", doing.rule.record_type, item.record.pk, "rule", dedupe, params))
    notify(messages)
    return {}


def _assign(doing: Doing, items: Sequence[Item]) -> Refused:
    records = [item.record for item in items]
    actor = doing.actor(items[0]) if len(items) == 1 else doing.actor_of_all(items)
    return give_out(actor, doing.rule.record_type, records, doing.settings, keys=doing.keys).refused


def _call_webhook(doing: Doing, items: Sequence[Item]) -> Refused:
    calls = [
        WebhookCall(
            key=f"rule:{item.key}:{doing.number}",
            url=doing.settings["url"],
            payload={
                "rule": doing.rule.key,
                "reason": item.reason,
                "record_type": doing.rule.record_type,
                "record_id": item.record.pk,
                "event": item.event.topic if item.event else "clock",
                "fields": item.event.fields if item.event else {},
            },
            created_at=timezone.now(),
        )
        for item in items
    ]
    WebhookCall.objects.bulk_create(calls, ignore_conflicts=True)
    return {}


def _add_to_campaign(doing: Doing, items: Sequence[Item]) -> Refused:
    campaign = verbs.campaign_of(doing.settings["campaign"])
    return _each(
        doing, items, lambda item: verbs.add_to_campaign(doing.actor(item), campaign, doing.rule.record_type, item.record)
    )


def _each(doing: Doing, items: Sequence[Item], act: Callable[[Item], object]) -> Refused:
    refused: Refused = {}
    for item in items:
        try:
            act(item)
        except AlreadyDone:
            continue
        except Refusal as refusal:
            refused[item.record.pk] = refusal
    return refused


EFFECTS: dict[str, Callable[[Doing, Sequence[Item]], Refused]] = {
    "set_status": _set_status,
    "set_field": _set_field,
    "create_task": _create_task,
    "alert": _alert,
    "notify": _notify,
    "assign": _assign,
    "call_webhook": _call_webhook,
    "add_to_campaign": _add_to_campaign,
}
