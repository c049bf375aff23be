"""Time in stage, sales cycle, age: against loops over versions, running ones censored."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.ledger.durations import age, sales_cycle, spells, time_in_stage
from penstock.ledger.schema import FOREVER, LOST, OPEN, WON
from tests.ledger import stage_oracle as oracle
from tests.ledger.stage_versions import DAY, HOUR, INSTANTS, V, histories, movements

KNOWN = st.sampled_from([*INSTANTS[5:], FOREVER])


def present(versions: list[V], known: int) -> int:
    return max(v.at for v in versions) if known == FOREVER else known


def days(us: int) -> float:
    """As reports have them: whole hours."""
    return max(us, 0) // HOUR / 24


@given(histories(), st.sampled_from(INSTANTS), KNOWN)
def test_spells_and_their_medians(versions: list[V], start: int, known: int) -> None:
    end = start + 3 * DAY
    expected = oracle.spells(versions, start, end, known, present(versions, known))
    rows = spells(movements(versions), start, end, ("region",), known_until=known).to_pyarrow().to_pylist()
    found = [(r["group_region"], r["stage"], r["stage_order"], r["duration"], bool(r["completed"])) for r in rows]
    assert Counter(found) == Counter(expected)
    stages = defaultdict(list)
    for _, stage, order, duration, completed in expected:
        stages[stage, order].append((max(duration, 0) // HOUR, completed))
    for time in time_in_stage(movements(versions), start, end, known_until=known):
        lasted = stages.pop((time.stage, time.stage_order))
        median, p90 = oracle.product_limit(lasted, 0.5), oracle.product_limit(lasted, 0.9)
        assert (time.median, time.p90) == (None if median is None else median / 24, None if p90 is None else p90 / 24)
        assert (time.n, time.completed, time.open) == (len(lasted), sum(c for _, c in lasted), sum(not c for _, c in lasted))
    assert not stages


@given(histories(), st.sampled_from(INSTANTS), KNOWN)
def test_sales_cycle(versions: list[V], start: int, known: int) -> None:
    end = start + 4 * DAY
    lives = oracle.lives(versions, known, present(versions, known))
    won = [(deal, v) for deal, v, _ in oracle.closings(versions, start, min(end, known)) if v.state == WON]
    lasted = [
        v.at - lives[deal]["counted"] for deal, v in won if lives[deal]["counted"] is not None and lives[deal]["counted"] <= v.at
    ]
    begun = [life for life in lives.values() if life["counted"] is not None and start <= life["counted"] < end]
    cycles = sales_cycle(movements(versions), start, end, known_until=known)
    if not won and not begun:
        assert cycles == ()
        return
    (cycle,) = cycles
    counted_later = [v for deal, v in won if lives[deal]["counted"] is not None and lives[deal]["counted"] > v.at]
    assert cycle.won.n + cycle.uncounted == len(won)
    if not counted_later:
        assert cycle.won.n == len(lasted)
        assert cycle.won.mean == (pytest.approx(sum(lasted) / len(lasted) / DAY) if lasted else None)
        assert cycle.won.median == (days(sorted(lasted)[(len(lasted) - 1) // 2]) if lasted else None)
    to_win = [((life["until"] - life["counted"]) // HOUR, life["state"] == WON) for life in begun]
    median = oracle.product_limit([(max(hours, 0), w) for hours, w in to_win], 0.5)
    assert cycle.median_expected == (None if median is None else median / 24)
    assert (cycle.counted, cycle.wins) == (len(begun), sum(w for _, w in to_win))


@given(histories(), st.sampled_from(INSTANTS[1:]))
def test_age_of_open_deals(versions: list[V], at: int) -> None:
    open_now = [life for life in oracle.lives(versions, at, at).values() if life["state"] == OPEN]
    by_stage: dict[Any, list[int]] = defaultdict(list)
    for life in open_now:
        by_stage[None, None].append(at - life["created"])
        if life["stage"][0] is not None:
            by_stage[life["stage"]].append(at - life["created"])
    found = {(row.stage, row.stage_order): row.age for row in age(movements(versions), at)}
    assert found.keys() == by_stage.keys()
    for key, ages in by_stage.items():
        lengths = sorted(max(length, 0) for length in ages)
        assert found[key].n == len(ages)
        assert found[key].median == days(lengths[(len(ages) - 1) // 2])
        assert found[key].mean == pytest.approx(sum(lengths) / len(ages) / DAY)


def test_a_deal_created_won_has_no_sales_cycle() -> None:
    versions = [V("A", 0), V("A", 10 * DAY, state=WON), V("B", 3 * DAY, state=WON)]
    (cycle,) = sales_cycle(movements(versions), 0, 20 * DAY)
    assert (cycle.won.n, cycle.won.median, cycle.won.mean, cycle.uncounted) == (1, 10, 10, 1)


def test_time_in_stage_with_a_deal_still_there() -> None:
    versions = [
        *(V(f"D{n}", 0, stage="Demo", order=2) for n in range(4)),
        V("D0", 2 * DAY, stage="Offer", order=3),
        V("D1", 5 * DAY, state=LOST, stage="Demo", order=2),
        V("D2", 1 * DAY, stage="Demo", order=2, amount=9),  # an edit is no leaving
    ]
    demo, _ = time_in_stage(movements(versions), 0, DAY * 3, known_until=9 * DAY)
    assert (demo.n, demo.completed, demo.open, demo.median, demo.p90) == (4, 2, 2, 5, None)
