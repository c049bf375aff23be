"""The stage figures once more: straight loops over versions, slow and obvious, sharing no code with the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from penstock.ledger.schema import LOST, NONE, OPEN, REMOVED, UNQUALIFIED, WON
from tests.ledger.stage_versions import V, lines

Groups = dict[tuple[Any, ...], Any]


def in_stage(v: V | None) -> str | None:
    return v.stage if v is not None and v.state == OPEN else None


def entries(line: list[V], versions: Sequence[V], i: int) -> list[tuple[Any, Any, Any, bool]]:
    """What version i enters: (stage, order, outcome, skipped)."""
    v, b = line[i], line[i - 1] if i else None
    found: list[tuple[Any, Any, Any, bool]] = []
    if in_stage(v) is not None and in_stage(v) != in_stage(b):
        found.append((v.stage, v.order, None, False))
    if v.state in (WON, LOST) and v.stage is not None and (b is None or b.stage != v.stage):
        found.append((v.stage, v.order, "won" if v.state == WON else "lost", False))
    arrives = bool(found) and v.state == OPEN
    wins = v.state == WON and (b is None or b.state != WON)
    if b is not None and b.state in (OPEN, UNQUALIFIED) and b.order is not None and (arrives or wins):
        top: float = float("inf")
        if not wins:
            top = v.order if v.order is not None else 0
        elif v.order is not None and v.order > b.order:
            top = v.order
        stages = {(w.stage, w.order) for w in versions if w.state == OPEN and w.stage is not None and w.order is not None}
        found += [(stage, order, None, True) for stage, order in stages if b.order < order < top]
    return found


def conversion(versions: Sequence[V], start: int, end: int, known: int, group: str = "") -> Groups:
    """(group, stage, order, outcome) -> [entered, advanced, pending, lost, back, skipped]. group: '', 'was' or 'is'."""
    table: Groups = defaultdict(lambda: [0] * 6)
    for line in lines(versions).values():
        seen = [v for v in line if v.at < known]
        firsts: dict[tuple[Any, Any, Any], tuple[int, bool]] = {}
        for i, v in enumerate(seen):
            if start <= v.at < end:
                for stage, order, outcome, skipped in entries(seen, versions, i):
                    first, by_skip = firsts.get((stage, order, outcome), (i, True))
                    firsts[stage, order, outcome] = (first, by_skip and skipped)
        for (stage, order, outcome), (i, skipped) in firsts.items():
            region = {"": (), "was": (seen[i].region,), "is": (line[-1].region,)}[group]
            passed = any(entry == (stage, order, None, True) for entry in entries(seen, versions, i))
            fate = outcome_of(seen, i, stage, order, outcome, passed)
            row = table[(*region, stage, order, outcome)]
            row[0] += 1
            row[fate] += 1
            row[5] += skipped
    return dict(table)


def outcome_of(seen: list[V], i: int, stage: Any, order: Any, outcome: Any, passed: bool) -> int:
    """1 advanced, 2 pending, 3 lost, 4 back."""
    if outcome is not None:
        return 1 if outcome == "won" else 3
    later = range(i + 1, len(seen))
    won = any(seen[j].state == WON and seen[j - 1].state != WON for j in later)
    arrivals = [seen[j] for j in later if in_stage(seen[j]) is not None and in_stage(seen[j]) != in_stage(seen[j - 1])]
    higher = order is not None and any(v.order is not None and v.order > order for v in arrivals)
    if passed or won or higher:
        return 1
    # An entry under the stage's other order is a row of its own: the deal is pending in the row it entered last.
    last = next((v for v in reversed(arrivals)), None)
    if seen[-1].state == OPEN and seen[-1].stage == stage and (last is None or (last.stage, last.order) == (stage, order)):
        return 2
    return 3 if seen[-1].state == LOST else 4


def spells(versions: Sequence[V], start: int, end: int, known: int, present: int) -> list[tuple[Any, ...]]:
    """(region, stage, order, duration, completed) of the stays that began in the window."""
    found = []
    for line in lines(versions).values():
        seen = [v for v in line if v.at < known]
        for i, v in enumerate(seen):
            stage = in_stage(v)
            if stage is None or stage == in_stage(seen[i - 1] if i else None) or not start <= v.at < end:
                continue
            left = next((w.at for w in seen[i + 1 :] if in_stage(w) != stage), None)
            found.append((v.region, stage, v.order, (present if left is None else left) - v.at, left is not None))
    return found


def closings(versions: Sequence[V], start: int, end: int) -> list[tuple[str, V, int]]:
    """(deal, the last closing version in the window, money) of each deal that closed in it."""
    found = []
    for deal, line in lines(versions).items():
        closed = [
            i
            for i, v in enumerate(line)
            if v.state in (WON, LOST) and (i == 0 or line[i - 1].state != v.state) and start <= v.at < end
        ]
        if closed:
            i = closed[-1]
            found.append((deal, line[i], line[i].amount if i == 0 or line[i].state == WON else line[i - 1].amount))
    return found


def lives(versions: Sequence[V], known: int, present: int) -> dict[str, dict[str, Any]]:
    """Of each deal: created, first counted, state now, age when it came into it (or now), stage, amount, first region."""
    found: dict[str, dict[str, Any]] = {}
    for deal, line in lines(versions).items():
        seen = [v for v in line if v.at < known]
        if not seen:
            continue
        turned = [v.at for b, v in zip([V(deal, 0, state=NONE), *seen], seen, strict=False) if b.state != v.state]
        last = seen[-1]
        found[deal] = {
            "created": seen[0].at if seen[0].created is None else seen[0].created,
            "counted": next((v.at for v in seen if v.state == OPEN), None),
            "state": last.state,
            "until": turned[-1] if last.state in (WON, LOST, REMOVED) else present,
            "stage": (last.stage, last.order),
            "amount": last.amount,
            "region": seen[0].region,
        }
    return found


def product_limit(durations: Sequence[tuple[int, bool]], share: float) -> int | None:
    """The quantile of a Kaplan–Meier curve, by the book: exact fractions, one factor a duration."""
    surviving = Fraction(1)
    for time in sorted({duration for duration, _ in durations}):
        at_risk = sum(duration >= time for duration, _ in durations)
        ended = sum(duration == time and observed for duration, observed in durations)
        surviving *= 1 - Fraction(ended, at_risk)
        if surviving <= 1 - Fraction(str(share)):
            return time
    return None
