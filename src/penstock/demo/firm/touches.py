"""Touches: the calls, e-mails, meetings, demos and notes around a deal, and those of prospecting before any deal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from penstock.demo.days import at_desk, is_working, working_day
from penstock.demo.firm.deals import FirmDeal

# Kind, how often of a hundred, its subjects, and how long it takes in minutes.
_KINDS: Final = (
    ("email", 52, ("Following up", "The quote you asked for", "Notes from our call", "A reference in your trade"), (0, 0)),
    ("call", 27, ("Catch-up", "Discovery", "Pricing questions", "Checking in"), (2, 25)),
    ("meeting", 8, ("Review with operations", "Contract review", "Success plan"), (30, 90)),
    ("demo", 0, ("Product demo", "Demo for the site team"), (40, 75)),
    ("social", 6, ("Commented on a post", "Message on the network"), (0, 0)),
    ("note", 7, ("Where we stand", "Who decides", "What they use today"), (0, 0)),
)
_WEIGHTS: Final = tuple(weight for _, weight, _, _ in _KINDS)
_OUTCOMES: Final = ("reached", "reached", "reached", "voicemail", "no answer")
# Touches a week of an open deal, and how many precede one, by segment.
_A_WEEK: Final = {"SMB": 1.05, "Mid-market": 0.95, "Enterprise": 0.85}


@dataclass(frozen=True)
class Touch:
    """An activity: when, of which kind, by whom; duration in seconds; contact: which of the account's, from 0."""

    at: datetime
    kind: str
    subject: str
    owner: str
    direction: str = ""
    duration: int | None = None
    outcome: str = ""
    contact: int = 0


def touches_of(rng: Random, made: FirmDeal, now: datetime, contacts: int) -> Iterator[Touch]:
    """The touches of a deal from a little before its birth to its end, by whoever owned it then; a demo where one was due."""
    segment = made.versions[0].values["segment"]
    closed = made.last("stage") in (6, 7)
    until = made.ends if closed else now
    owners = [(at, state["owner"]) for at, state in made.days()]
    for day in _days(rng, made.born.date() - timedelta(days=10), until.date(), _A_WEEK[segment]):
        at = at_desk(rng, day)
        if at < until:
            owner = next((name for moment, name in reversed(owners) if moment <= at), owners[0][1])
            yield _touch(rng, at, owner, contacts)
    for version in made.versions:
        if version.values.get("stage") == 3:
            at = at_desk(rng, working_day(version.at.date() - timedelta(days=1), back=True))
            owner = next((name for moment, name in reversed(owners) if moment <= at), owners[0][1])
            yield _touch(rng, at, owner, contacts, kind=3)


def prospecting(rng: Random, start: date, now: datetime, people: Sequence[str], contacts: int) -> Iterator[Touch]:
    """A handful of touches of an account that has not become a deal."""
    days = (now.date() - start).days
    if days < 30:
        return
    first = start + timedelta(days=rng.randrange(days - 20))
    owner = rng.choice(people)
    for number in range(rng.randint(1, 7)):
        at = at_desk(rng, working_day(first + timedelta(days=number * rng.randint(2, 6))))
        if at < now:
            yield _touch(rng, at, owner, contacts)


def _days(rng: Random, start: date, until: date, a_week: float) -> Iterator[date]:
    day = start
    while day < until:
        if is_working(day):
            for _ in range(2 if rng.random() < a_week / 12 else 1 if rng.random() < a_week / 6 else 0):
                yield day
        day += timedelta(days=1)


def _touch(rng: Random, at: datetime, owner: str, contacts: int, kind: int | None = None) -> Touch:
    name, _, subjects, (least, most) = _KINDS[kind] if kind is not None else rng.choices(_KINDS, _WEIGHTS)[0]
    call = name == "call"
    outcome = rng.choice(_OUTCOMES) if call else ""
    minutes = rng.randint(least, most) if most and outcome not in ("voicemail", "no answer") else 0
    return Touch(
        at=at,
        kind=name,
        subject=rng.choice(subjects),
        owner=owner,
        direction="" if name == "note" else "in" if rng.random() < 0.22 else "out",
        duration=minutes * 60 if most and minutes else None,
        outcome=outcome,
        contact=rng.randrange(contacts) if contacts else 0,
    )
