"""The firm is entered: organisation, pipeline, accounts, deals, touches, campaigns, tasks and quotas, in that order.

Everything goes through the actions, as an import of another system's data would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from django.utils import timezone

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.models import Account, Contact, Pipeline, Stage
from penstock.demo.firm.deals import FirmDeal, firm_deals
from penstock.org.models import Team, User

Progress: TypeAlias = Callable[[str, int], None]
YEARS = 3


@dataclass
class Firm:
    """The firm in the making. now: when its history ends; size: how many deals it has; said: told of each step that is done."""

    seed: int
    now: datetime
    size: int
    said: Progress
    actor: Actor = field(default_factory=lambda: Actor(user=None, source="demo", quiet=True))
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    pipeline: Pipeline | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    contacts: dict[int, list[Contact]] = field(default_factory=dict)
    campaigns: dict[str, list[int]] = field(default_factory=dict)
    deals: list[FirmDeal] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    @property
    def start(self) -> date:
        """The first day of the history."""
        return (self.now - timedelta(days=365 * YEARS)).date()

    def random(self, what: str) -> Random:
        """Chance of its own for each part, so that a change in one leaves the others as they were."""
        return Random(f"{self.seed} {what}")

    def by(self, name: str) -> int:
        """The id of a person by name."""
        return self.users[name].pk

    def entered(self, what: str, outcome: Outcome) -> list[int]:
        """The ids of what was entered; the demo's own data must be free of faults."""
        for number, refusal in outcome.refused.items():
            raise RuntimeError(f"the demo's {what} {number} was refused: {refusal}")
        self.said(what, len(outcome.done))
        return outcome.done


def build(*, seed: int = 7, size: int = 12_000, now: datetime | None = None, said: Progress = lambda what, count: None) -> Firm:
    """Enter the firm into an installation that has no company yet.

    size: how many deals; accounts, touches and the rest follow from it. now: when history ends (the present).
    Raises RuntimeError where there is a company already.
    """
    from penstock.demo.firm import calendar_of_work, customers, organisation, pipeline, prospects
    from penstock.org.models import Company

    if Company.objects.exists():
        raise RuntimeError(
            "There is a company in this installation already. Run `penstock demo` on an empty one (penstock init)."
        )
    firm = Firm(seed=seed, now=(now or timezone.now()).astimezone(UTC), size=size, said=said)
    firm.deals = firm_deals(seed, size, firm.start, firm.now)
    for step in (
        organisation.enter,
        pipeline.enter,
        customers.enter_accounts,
        prospects.enter_campaigns,
        pipeline.enter_deals,
        customers.enter_statuses,
        calendar_of_work.enter_touches,
        calendar_of_work.enter_tasks,
        prospects.enter_leads,
        organisation.enter_targets,
    ):
        step(firm)
    return firm


def spread(rng: Random, start: date, now: datetime, count: int) -> Sequence[datetime]:
    """Moments of office hours between two days, in order."""
    from penstock.demo.days import at_desk, working_day

    days = max(1, (now.date() - start).days)
    moments = (at_desk(rng, working_day(start + timedelta(days=rng.randrange(days)), back=True)) for _ in range(count))
    return sorted(min(moment, now) for moment in moments)


def batches(rows: Sequence[Any], size: int) -> Sequence[Sequence[Any]]:
    """Rows so many at a time."""
    return [rows[at : at + size] for at in range(0, len(rows), size)]
