"""The rule table of the definitions once more, in plain Python on lists: slow, obvious, sharing no code with the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any


@dataclass(frozen=True)
class Version:
    """One version of an opportunity, as a test writes it."""

    opportunity_id: str
    effective_at: datetime
    seq: int
    status: str
    amount: int | None
    close_date: date | None
    qualified: bool = True
    probability: int | None = None
    recorded_at: datetime | None = None
    stage: str | None = None
    stage_order: int | None = None
    currency: str | None = "EUR"
    dims: dict[str, str | None] = field(default_factory=dict)

    @property
    def recorded(self) -> datetime:
        return self.recorded_at or self.effective_at


@dataclass(frozen=True)
class Asked:
    """A question to the oracle. horizon: None or [first, last) dates. by: dimension names."""

    start: datetime
    end: datetime
    horizon: tuple[date, date] | None
    by: tuple[str, ...] = ()
    as_is: bool = False
    measure: str = "amount"
    known_at: datetime | None = None


Posting = tuple[str, str, tuple[Any, ...], int, str]  # element, line, group, amount, opportunity_id


def lines_of(versions: Iterable[Version], asked: Asked) -> dict[str, list[Version]]:
    """Each opportunity's versions in order."""
    deals: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        if asked.known_at is None or version.recorded <= asked.known_at:
            deals[version.opportunity_id].append(version)
    return {deal: sorted(line, key=lambda v: (v.effective_at, v.seq)) for deal, line in deals.items()}


def place(version: Version | None, horizon: tuple[date, date] | None) -> str:
    """none, unqualified, pipeline, before, beyond, won, lost or removed."""
    if version is None:
        return "none"
    if version.status != "open":
        return version.status
    if not version.qualified:
        return "unqualified"
    if horizon is None:
        return "pipeline"
    if version.close_date is None or version.close_date >= horizon[1]:
        return "beyond"
    return "before" if version.close_date < horizon[0] else "pipeline"


def value(version: Version, measure: str) -> int:
    """What a version is worth if it holds anything."""
    if measure == "count":
        return 1
    amount = version.amount or 0
    if measure == "amount" or version.status == "won":
        return amount
    return weigh(amount, version.probability or 0)


def weigh(amount: int, probability: int) -> int:
    """amount × basis points, half to even."""
    return int((Decimal(amount) * probability / 10_000).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def group(version: Version, last: Version, asked: Asked) -> tuple[Any, ...]:
    """The group a version counts in."""
    seen = last if asked.as_is else version
    return tuple(getattr(seen, name) if name in ("stage", "opportunity_id") else seen.dims.get(name) for name in asked.by)


def step(before: Version | None, after: Version, counted: bool, last: Version, asked: Asked) -> list[Posting]:
    """The postings between two neighbouring versions, by the three steps of the definitions."""
    b, a = place(before, asked.horizon), place(after, asked.horizon)
    deal, after_group = after.opportunity_id, group(after, last, asked)
    before_group = group(before, last, asked) if before else after_group
    worth_after = value(after, asked.measure)
    worth_before = value(before, asked.measure) if before else 0
    posted: list[Posting] = []
    unchanged_win = b == a == "won" and before is not None and (before.amount or 0) == (after.amount or 0)
    unchanged_win = unchanged_win and before_group == after_group
    if b == "won" and not unchanged_win:
        posted.append(("won", "reversed", before_group, worth_before, deal))
    b_holds, a_holds = b in ("pipeline", "won"), a in ("pipeline", "won")
    if b_holds and a_holds and before is not None:
        if before_group != after_group:
            posted.append(("change", "transferred_out", before_group, -worth_before, deal))
            posted.append(("change", "transferred_in", after_group, worth_before, deal))
        middle = worth_after
        if asked.measure == "weighted":
            held = 10_000 if before.status == "won" else before.probability or 0
            middle = weigh(after.amount or 0, held)
            if middle != worth_after:
                posted.append(("change", "probability", after_group, worth_after - middle, deal))
        if middle != worth_before:
            line = "increase" if middle > worth_before else "decrease"
            posted.append(("change", line, after_group, middle - worth_before, deal))
    elif a_holds:
        kinds = {"none": ("new", "new"), "lost": ("change", "reopened"), "removed": ("change", "restored")}
        kinds |= {"before": ("change", "pulled_in"), "beyond": ("change", "pulled_in")}
        kinds["unqualified"] = ("change", "restored") if counted else ("new", "new")
        posted.append((*kinds[b], after_group, worth_after, deal))
    elif b_holds:
        kinds = {"lost": ("lost", "lost"), "removed": ("change", "removed"), "unqualified": ("change", "removed")}
        kinds |= {"beyond": ("change", "pushed_out"), "before": ("change", "pulled_out")}
        posted.append((*kinds[a], before_group, -worth_before, deal))
    if a == "won" and not unchanged_win:
        posted.append(("won", "booked", after_group, -worth_after, deal))
    return posted


def postings(versions: Sequence[Version], asked: Asked) -> list[Posting]:
    """Every posting of the window."""
    found = []
    for line in lines_of(versions, asked).values():
        before, counted = None, False
        for version in line:
            if asked.start <= version.effective_at < asked.end:
                found += step(before, version, counted, line[-1], asked)
            counted = counted or (version.status == "open" and version.qualified)
            before = version
    return found


def standing(versions: Sequence[Version], at: datetime, asked: Asked) -> list[tuple[Version, Version]]:
    """Each opportunity's version just before `at`, with its last one."""
    found = []
    for line in lines_of(versions, asked).values():
        earlier = [version for version in line if version.effective_at < at]
        if earlier:
            found.append((earlier[-1], line[-1]))
    return found


def pipeline(versions: Sequence[Version], at: datetime, asked: Asked) -> dict[tuple[Any, ...], int]:
    """Open pipeline by group just before `at`."""
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for version, last in standing(versions, at, asked):
        if place(version, asked.horizon) == "pipeline":
            sums[group(version, last, asked)] += value(version, asked.measure)
    return dict(sums)


def waterfall(versions: Sequence[Version], asked: Asked) -> dict[tuple[Any, ...], dict[str, int]]:
    """Starting, ending and every line, by group; zeros left out."""
    table: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, at in (("starting", asked.start), ("ending", asked.end)):
        for key, money in pipeline(versions, at, asked).items():
            table[key][name] += money
    for _, line, key, money, _ in postings(versions, asked):
        table[key][line] += money
    return {key: {name: money for name, money in row.items() if money} for key, row in table.items()}
