"""Who is told of events. A subscriber is declared here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from penstock.crm.models import OutboxEvent
from penstock.loop.models import Rule
from penstock.loop.models.rule import TIMED
from penstock.loop.running import handle
from penstock.loop.triggers import fits

Concerned = Callable[[OutboxEvent], bool]


@dataclass(frozen=True)
class Subscriber:
    """handle: what is called with an event, in a transaction with its being marked. concerned: asked once for a batch of events
    for what tells the few that concern the subscriber from the many that do not, which are then marked together."""

    handle: Callable[[OutboxEvent], object]
    concerned: Callable[[], Concerned]


def _concerned_rules() -> Concerned:
    rules = list(Rule.objects.filter(active=True).exclude(trigger__in=TIMED))
    return lambda event: any(fits(rule, event) for rule in rules)


# They are told in this order.
SUBSCRIBERS = (Subscriber(handle, _concerned_rules),)
