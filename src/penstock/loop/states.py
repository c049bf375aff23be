"""The account loop as it is meant: which way leads from which state to which, and what sends an account along it.

The ways themselves are rules (`loop/shipped/rules.yaml`), one rule or more an event, which a company may change; this table is
what they are checked against, and what pages draw. Every way out leads back in: from each state every other can be reached.
"""

from __future__ import annotations

from dataclasses import dataclass

from penstock.crm.models import AccountStatus

QUALIFIED = AccountStatus.QUALIFIED_POOL
TARGET = AccountStatus.TARGET
WORKING = AccountStatus.WORKING
CUSTOMER = AccountStatus.CUSTOMER
BACKLOG = AccountStatus.BACKLOG
DISQUALIFIED = AccountStatus.DISQUALIFIED
CHURN = AccountStatus.CHURN
UNQUALIFIED = AccountStatus.UNQUALIFIED_POOL

STATES = tuple(AccountStatus)


@dataclass(frozen=True)
class Transition:
    """One way: in `origin`, when `event` happens and `guard` (in words) holds, the account goes to `target`.

    rule: the key of the shipped rule that does it.
    """

    origin: AccountStatus
    event: str
    target: AccountStatus
    rule: str
    guard: str = ""


def _ways(
    origins: tuple[AccountStatus, ...], event: str, target: AccountStatus, rule: str, guard: str = ""
) -> tuple[Transition, ...]:
    return tuple(Transition(origin, event, target, rule, guard) for origin in origins)


_POOLS = (QUALIFIED, UNQUALIFIED, TARGET, BACKLOG)

TRANSITIONS: tuple[Transition, ...] = (
    *_ways((QUALIFIED,), "activity logged", TARGET, "first_activity"),
    *_ways((*_POOLS, CHURN, DISQUALIFIED), "opportunity opened", WORKING, "opportunity_opened"),
    *_ways((*_POOLS, WORKING, CHURN, DISQUALIFIED), "opportunity won", CUSTOMER, "opportunity_won"),
    *_ways((WORKING,), "opportunity lost", BACKLOG, "deals_lost", "no deal is open"),
    *_ways((WORKING,), "opportunity removed", TARGET, "deals_removed", "no deal is open"),
    *_ways((TARGET,), "idle for the agreed days", BACKLOG, "idle_target_to_backlog", "no task lies ahead"),
    *_ways((BACKLOG,), "date reached", QUALIFIED, "backlog_ends_high", "potential is high"),
    *_ways((BACKLOG,), "date reached", UNQUALIFIED, "backlog_ends_low", "potential is not high"),
    *_ways((CUSTOMER,), "subscription ended", CHURN, "subscriptions_ended", "no subscription is active"),
    *_ways((CHURN,), "pause over", QUALIFIED, "churn_pause_over"),
    *_ways((UNQUALIFIED,), "potential known", QUALIFIED, "potential_high", "potential is high"),
    *_ways(_POOLS, "sells to consumers", DISQUALIFIED, "sells_to_consumers"),
    *_ways(_POOLS, "out of range", DISQUALIFIED, "out_of_range"),
    *_ways((DISQUALIFIED,), "review due", UNQUALIFIED, "disqualified_review"),
)


def ways_out(state: AccountStatus) -> tuple[Transition, ...]:
    """The ways that lead out of a state."""
    return tuple(way for way in TRANSITIONS if way.origin == state)


def reachable(state: AccountStatus) -> frozenset[AccountStatus]:
    """Every state that an account in this one can come to, by one way or more."""
    found: set[AccountStatus] = set()
    waiting = [state]
    while waiting:
        for way in ways_out(waiting.pop()):
            if way.target not in found:
                found.add(way.target)
                waiting.append(way.target)
    return frozenset(found)
