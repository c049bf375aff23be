"""What happens to many deals at once, and what goes wrong in the data."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from penstock.demo.days import at_desk, first_monday, midday, quarter_start, working_day
from penstock.demo.life import Change, euros, rounded
from penstock.demo.people import Cast, Owner

if TYPE_CHECKING:
    from penstock.demo.company import Deal


def leave(rng: Random, deals: list[Deal], day: date, cast: Cast) -> None:
    """A seller leaves: the open deals go to others of the team within the week."""
    for deal in deals:
        at = at_desk(rng, working_day(day + timedelta(days=rng.randint(0, 5))))
        state = deal.state_at(at)
        if state.get("owner") == cast.leaver and state["status"] == "open":
            heir = cast.colleague_of(rng, cast.leaver, state["segment"])
            if heir is not None:
                deal.changes.append(_given_to(heir, at))


def hand_over(rng: Random, deals: list[Deal], cast: Cast) -> None:
    """Now and then an owner hands an open deal to a colleague, a few days after one of its changes."""
    for deal in deals:
        if rng.random() > 0.05 or len(deal.changes) < 3:
            continue
        at = at_desk(rng, working_day(deal.changes[1].at.date() + timedelta(days=2)))
        state = deal.state_at(at)
        heir = cast.colleague_of(rng, state["owner"], state["segment"])
        if state["status"] == "open" and heir is not None and heir.name != cast.leaver:
            deal.changes.append(_given_to(heir, at))


def redraw_territory(rng: Random, deals: list[Deal], until: date, cast: Cast) -> None:
    """Some EMEA accounts go to APAC, all at one instant: the first Monday of the second month of the last full quarter.

    Open deals go with their account, and so does every deal born later; closed ones stay where they were closed.
    """
    last = quarter_start(quarter_start(until) - timedelta(days=1))
    at = midday(first_monday(last + timedelta(days=31)), hour=6)
    for deal in deals:
        if not deal.account.moves:
            continue
        birth = deal.changes[0]
        heir = cast.owner_for(rng, "APAC", deal.account.segment)
        if birth.at >= at:
            for change in deal.changes:
                change.values.pop("owner", None)
                change.values.pop("team", None)
            birth.values |= _given_to(heir, at).values | {"region": "APAC"}
        elif deal.state_at(at)["status"] == "open":
            deal.changes = [change for change in deal.changes if change.at < at or "owner" not in change.values]
            deal.changes.append(Change(at, _given_to(heir, at).values | {"region": "APAC"}))


def forget_amounts(rng: Random, deals: list[Deal]) -> None:
    """Three open deals whose amount nobody has ever filled in."""
    open_deals = [deal for deal in deals if _last_state(deal)["status"] == "open"]
    for deal in rng.sample(open_deals, min(3, len(open_deals))):
        for change in deal.changes:
            if "amount" in change.values:
                change.values["amount"] = ""


def correct_late(rng: Random, deals: list[Deal], until: date) -> None:
    """Of one win in the quarter before the last, it became known six weeks later that less had been signed."""
    last = quarter_start(quarter_start(until) - timedelta(days=1))
    before = quarter_start(last - timedelta(days=1))
    for deal in deals:
        final = max(deal.changes, key=lambda change: change.at)
        won_in_time = final.values.get("status") == "won" and before <= final.at.date() < last
        known = at_desk(rng, working_day(final.at.date() + timedelta(days=44)))
        if won_in_time and last <= known.date() < until and final.values.get("amount"):
            cents = rounded(float(final.values["amount"]) * 100 * 0.85, 100)
            deal.changes.append(Change(final.at + timedelta(hours=1), {"amount": euros(cents)}, recorded=known))
            return


def add_duplicate(rng: Random, deals: list[Deal], until: date) -> None:
    """One deal of the last quarter was entered twice; the second one is removed nine days later."""
    day = quarter_start(until - timedelta(days=1))
    for deal in deals:
        birth = deal.changes[0]
        removed = at_desk(rng, working_day(birth.at.date() + timedelta(days=12)))
        if birth.at.date() >= day and birth.values["amount"] and removed.date() < until:
            twin = deepcopy(deal)
            twin.opportunity_id = f"AQ-{len(deals) + 1:04d}"
            again = at_desk(rng, working_day(birth.at.date() + timedelta(days=3)))
            entered = birth.values | {"stage": "Qualified", "stage_order": "2", "probability": "20", "qualified": "true"}
            twin.changes = [Change(again, entered | {"forecast_category": "pipeline"}), Change(removed, {"status": "removed"})]
            deals.append(twin)
            return


def _given_to(owner: Owner, at: datetime) -> Change:
    return Change(at, {"owner": owner.name, "team": owner.team})


def _last_state(deal: Deal) -> dict[str, str]:
    return deal.state_at(datetime.max.replace(tzinfo=deal.changes[0].at.tzinfo))
