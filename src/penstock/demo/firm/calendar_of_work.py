"""What the firm's people do all day: touches of deals and prospects, and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from penstock.crm.actions.activities import log_activities
from penstock.crm.actions.tasks import create_tasks
from penstock.demo.firm.build import Firm
from penstock.demo.firm.deals import FirmDeal
from penstock.demo.firm.staff import STAFF
from penstock.demo.firm.touches import Touch, prospecting, touches_of

# Rows are entered so many at a time, so that those of three years need not be held at once.
_AT_ONCE = 20_000
_TASKS = (
    "Call back",
    "Send the quote",
    "Prepare the demo",
    "Ask for the purchase order",
    "Book the kick-off",
    "Check the contract",
)


def enter_touches(firm: Firm) -> None:
    """The touches around every deal, and those of the developers before it."""
    rng = firm.random("touches")
    developers = [person.name for person in STAFF if person.role in ("bdr", "sdr")]
    waiting: list[dict[str, Any]] = []
    count = 0
    for made, pk in zip(firm.deals, firm.ids, strict=True):
        waiting += _rows(firm, rng, made, pk, developers)
        if len(waiting) >= _AT_ONCE:
            count += _log(firm, waiting)
            waiting = []
    count += _log(firm, waiting)
    firm.said("activities", count)


def _rows(firm: Firm, rng: Random, made: FirmDeal, pk: int, developers: list[str]) -> Iterator[dict[str, Any]]:
    account = firm.accounts[made.versions[0].values["account"]]
    contacts = firm.contacts.get(account.pk, [])
    for touch in touches_of(rng, made, firm.now, len(contacts)):
        if touch.at > account.created_at:
            yield _row(firm, touch, account.pk, contacts) | ({"opportunity": pk} if touch.at >= made.born else {})
    if rng.random() < 0.35:
        for touch in prospecting(rng, made.born.date() - timedelta(days=35), made.born, developers, len(contacts)):
            if touch.at > account.created_at:
                yield _row(firm, touch, account.pk, contacts)


def _row(firm: Firm, touch: Touch, account: int, contacts: list[Any]) -> dict[str, Any]:
    return {
        "kind": touch.kind,
        "at": touch.at,
        "subject": touch.subject,
        "direction": touch.direction,
        "duration": touch.duration,
        "outcome": touch.outcome,
        "owner": firm.by(touch.owner),
        "account": account,
        "contact": contacts[touch.contact].pk if contacts and touch.kind != "note" else None,
    }


def _log(firm: Firm, rows: list[dict[str, Any]]) -> int:
    outcome = log_activities(firm.actor, sorted(rows, key=lambda row: row["at"]))
    for number, refusal in outcome.refused.items():
        raise RuntimeError(f"the demo's activity {rows[number]} was refused: {refusal}")
    return len(outcome.done)


def enter_tasks(firm: Firm) -> None:
    """A task ahead for most open deals, some of them late, and those that were done."""
    rng = firm.random("tasks")
    rows, moments = [], []
    for made, pk in zip(firm.deals, firm.ids, strict=True):
        is_open = made.last("stage") not in (6, 7) and not made.last("removed")
        if rng.random() > (0.75 if is_open else 0.25):
            continue
        made_at = min(made.ends, firm.now - timedelta(days=1)) if is_open else made.born + (made.ends - made.born) / 2
        due = firm.now.date() + timedelta(days=round(rng.gauss(5, 8))) if is_open else made_at.date() + timedelta(days=3)
        done = None if is_open else min(made_at + timedelta(days=rng.randint(0, 5)), firm.now)
        rows.append(
            {
                "title": rng.choice(_TASKS),
                "due_on": due,
                "priority": rng.choice(("high", "normal", "normal", "low")),
                "opportunity": pk,
                "owner": firm.by(made.last("owner")),
                "done_at": done,
            }
        )
        moments.append(made_at)
    firm.entered("tasks", create_tasks(firm.actor, rows, at=moments))
