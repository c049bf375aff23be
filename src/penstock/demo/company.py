"""Aquifer Systems, an invented company that sells business software by the year: nine quarters of its opportunity history.

It behaves as such companies do: it grows, sleeps in August, signs at the end of quarters, wins about a deal in four, moves
close dates, hands deals over, and redraws a territory one Monday. Its data has the faults that real data has: a few amounts
that nobody filled in, overdue close dates, a correction that came late, a duplicate that was removed. All names are invented.

The same arguments always give the same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from penstock.demo.days import SEASON, is_working, stamp, working_day
from penstock.demo.events import add_duplicate, correct_late, forget_amounts, hand_over, leave, redraw_territory
from penstock.demo.life import Change, Life
from penstock.demo.people import SAMPLE, Account, AccountBook, Cast

START: Final = date(2024, 1, 1)
UNTIL: Final = date(2026, 4, 1)

# The columns that every history may have, then this company's dimensions.
COLUMNS: Final = (
    *("opportunity_id", "effective_at", "recorded_at", "seq", "status", "stage", "stage_order", "amount", "currency"),
    *("close_date", "created_at", "qualified", "probability", "forecast_category"),
    *("region", "segment", "owner", "team", "source", "role", "product", "account", "industry"),
)

# Multiples of the golden ratio, modulo one, spread evenly however many there are.
_GOLDEN: Final = (5**0.5 - 1) / 2

_SOURCES: Final = {
    "SMB": {"outbound": 20, "inbound": 50, "referral": 15, "partnership": 15},
    "Mid-market": {"outbound": 35, "inbound": 32, "referral": 13, "partnership": 20},
    "Enterprise": {"outbound": 50, "inbound": 15, "referral": 15, "partnership": 20},
}
_ROLES: Final = {
    "outbound": {"BDR": 70, "AE": 30},
    "inbound": {"SDR": 85, "AE": 15},
    "referral": {"AE": 80, "ECS": 20},
    "partnership": {"AE": 60, "Cloud": 40},
    "upsell": {"ECS": 70, "Cloud": 30},
}
_PRODUCTS: Final = {
    "SMB": {"Headgate": 80, "Spillway": 20},
    "Mid-market": {"Headgate": 45, "Spillway": 35, "Reservoir": 20},
    "Enterprise": {"Headgate": 15, "Spillway": 25, "Reservoir": 60},
}


@dataclass
class Deal:
    """One opportunity: who it is for, and its changes up to the end of the history."""

    opportunity_id: str
    account: Account
    changes: list[Change]

    def state_at(self, instant: datetime) -> dict[str, str]:
        """Every column just before the instant; empty before birth."""
        state: dict[str, str] = {}
        for change in sorted(self.changes, key=lambda change: change.at):
            if change.at < instant:
                state.update(change.values)
        return state


def write_history(path: Path, *, seed: int = 7, deals: int = 400, start: date = START, until: date = UNTIL) -> None:
    """Writes the company's canonical history as CSV: a row per version, in the order in which the versions were recorded.

    deals: how many opportunities begin in [start, until); a removed duplicate comes on top. Nothing happens at `until` or
    later. Instants are UTC; `amount` is in euros with cents, `probability` in percent. Raises ValueError where the window
    is shorter than a year or there are no deals.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(found_company(seed, deals, start, until)))


def found_company(seed: int = 7, deals: int = 400, start: date = START, until: date = UNTIL, cast: Cast = SAMPLE) -> list[Deal]:
    """Every deal of the company, in order of birth, with everything that happened to it in [start, until)."""
    if deals < 1:
        raise ValueError(f"the company needs at least one deal; deals is {deals}")
    if (until - start).days < 365:
        raise ValueError(f"the history needs at least a year between start and until; {start} to {until} is shorter")
    rng = Random(seed)
    book = AccountBook(rng, cast)
    leaves_on = working_day(start + (until - start) * 9 // 20)
    births = enumerate(_births(rng, deals, start, until), 1)
    made = [_deal(rng, book, cast, number, day, start, leaves_on) for number, day in births]
    leave(rng, made, leaves_on, cast)
    hand_over(rng, made, cast)
    redraw_territory(rng, made, until, cast)
    for deal in made:
        deal.changes = [change for change in deal.changes if change.at.date() < until]
    forget_amounts(rng, made)
    correct_late(rng, made, until)
    add_duplicate(rng, made, until)
    return made


def rows(deals: list[Deal]) -> Iterator[dict[str, str]]:
    """The deals' versions as rows of the file, in the order in which they were recorded; `seq` is their number."""
    versions: list[tuple[datetime, datetime, str, dict[str, str]]] = []
    for deal in deals:
        changes = sorted(deal.changes, key=lambda change: change.at)
        state = {"opportunity_id": deal.opportunity_id, "currency": "EUR", "created_at": stamp(changes[0].at)}
        for change in changes:
            state = state | change.values
            versions.append((change.recorded or change.at, change.at, deal.opportunity_id, state))
    versions.sort(key=lambda version: version[:3])
    for seq, (recorded, at, _, state) in enumerate(versions, 1):
        yield state | {"effective_at": stamp(at), "recorded_at": stamp(recorded), "seq": str(seq)}


def _births(rng: Random, deals: int, start: date, until: date) -> list[date]:
    """Birthdays: more of them every year, as the seasons have it, on working days."""
    days = [start + timedelta(days=number) for number in range((until - start).days)]
    days = [day for day in days if is_working(day)]
    weights = [(1 + 0.5 * (day - start).days / 365) * SEASON[day.month] for day in days]
    return sorted(rng.choices(days, weights, k=deals))


def _deal(rng: Random, book: AccountBook, cast: Cast, number: int, born: date, start: date, leaves_on: date) -> Deal:
    """One deal from its birthday on. Upsells go to customers; some accounts come back for another deal."""
    customers = book.customers(born)
    if customers and rng.random() < 0.14:
        account, source = rng.choice(customers), "upsell"
    else:
        account = rng.choice(book.accounts) if book.accounts and rng.random() < cast.returning else book.new()
        source = _draw(rng, _SOURCES[account.segment])
    role = _draw(rng, _ROLES[source])
    owner = cast.owner_for(rng, account.region, account.segment, without=cast.leaver if born >= leaves_on else "")
    growth = 1.1 ** ((born - start).days / 365)
    life = Life(rng, account.segment, born, source, growth, luck=number * _GOLDEN % 1)
    changes = life.live()
    changes[0].values |= {
        "region": account.region,
        "segment": account.segment,
        "owner": owner.name,
        "team": owner.team,
        "source": source,
        "role": role,
        "product": "Reservoir Cloud" if role == "Cloud" else _draw(rng, _PRODUCTS[account.segment]),
        "account": account.name,
        "industry": account.industry,
    }
    wins = [change.at.date() for change in changes if change.values.get("status") == "won"]
    if wins and (account.customer_since is None or wins[0] < account.customer_since):
        account.customer_since = wins[0]
    return Deal(f"AQ-{number:04d}", account, changes)


def _draw(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]
