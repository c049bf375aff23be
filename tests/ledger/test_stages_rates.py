"""Win rates, velocity and slippage: against loops over versions, and examples by hand."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.ledger.durations import sales_cycle
from penstock.ledger.schema import FOREVER, LOST, NONE, OPEN, REMOVED, UNQUALIFIED, WON
from penstock.ledger.slippage import slippage
from penstock.ledger.survival import aalen_johansen
from penstock.ledger.velocity import Velocity, velocity
from penstock.ledger.win_rates import win_rates
from tests.ledger import stage_oracle as oracle
from tests.ledger.stage_versions import DAY, HOUR, INSTANTS, V, histories, lines, movements


@given(histories(), st.sampled_from(INSTANTS), st.sampled_from([*INSTANTS[5:], FOREVER]))
def test_win_rates(versions: list[V], start: int, known: int) -> None:
    end = start + 3 * DAY
    present = max(v.at for v in versions) if known == FOREVER else known
    closed = oracle.closings(versions, start, min(end, known))
    lives = [life for life in oracle.lives(versions, known, present).values() if start <= life["created"] < end]
    rates = win_rates(movements(versions), start, end, known_until=known)
    (period,), (cohort,) = rates.period, rates.cohort
    money = {state: sum(paid for _, v, paid in closed if v.state == state) for state in (WON, LOST)}
    states = Counter(v.state for _, v, _ in closed)
    assert (period.won, period.lost, period.won_money, period.lost_money) == (states[WON], states[LOST], money[WON], money[LOST])
    assert period.rate == (states[WON] / len(closed) if closed else None)
    now = Counter(life["state"] for life in lives)
    assert (cohort.created, cohort.won, cohort.lost, cohort.removed) == (len(lives), now[WON], now[LOST], now[REMOVED])
    assert cohort.open == now[OPEN] + now[UNQUALIFIED]
    assert cohort.created_money == sum(life["amount"] for life in lives)
    assert cohort.won_money == sum(life["amount"] for life in lives if life["state"] == WON)
    ended = [(max(life["until"] - life["created"], 0) // HOUR / 24, life["state"], life["amount"]) for life in lives]
    outcomes = [(lasted, state if state >= WON else 0, 1) for lasted, state, _ in ended]
    weighed = [(lasted, state if state >= WON else 0, max(amount, 0)) for lasted, state, amount in ended]
    assert [row.curve for row in rates.survival] == ([aalen_johansen(outcomes)] if lives else [])
    assert [row.money_curve for row in rates.survival] == ([aalen_johansen(weighed)] if lives else [])


@given(histories(), st.sampled_from(INSTANTS))
def test_groups_add_up_to_the_whole(versions: list[V], start: int) -> None:
    m = movements(versions)
    whole, parts = win_rates(m, start, start + 4 * DAY), win_rates(m, start, start + 4 * DAY, ("region",))
    for name in ("won", "lost", "won_money", "lost_money"):
        assert sum(getattr(row, name) for row in parts.period) == getattr(whole.period[0], name)
    for name in ("created", "won", "lost", "removed", "open", "created_money", "won_money"):
        assert sum(getattr(row, name) for row in parts.cohort) == getattr(whole.cohort[0], name)


def test_a_deal_closed_twice_counts_by_its_last_closing_and_a_loss_by_what_it_was_worth() -> None:
    versions = [
        V("A", 0, amount=100),
        V("A", DAY, state=LOST, amount=0),
        V("A", 2 * DAY, amount=70),
        V("A", 3 * DAY, state=WON, amount=80),
        V("B", 0, amount=60),
        V("B", DAY, state=LOST, amount=0),
    ]
    (early,) = win_rates(movements(versions), 0, 2 * DAY).period
    (whole,) = win_rates(movements(versions), 0, 9 * DAY).period
    assert (early.won, early.lost, early.lost_money) == (0, 2, 160)
    assert (whole.won, whole.lost, whole.rate, whole.money_rate) == (1, 1, 0.5, 80 / 140)


def test_the_survival_rate_stands_where_enough_are_at_risk() -> None:
    versions = [V(f"D{n:02}", 0, amount=n) for n in range(20)]
    versions += [V(f"D{n:02}", (n + 1) * DAY, state=WON if n % 2 else LOST, amount=n) for n in range(12)]
    (rate,) = win_rates(movements(versions), 0, DAY, known_until=30 * DAY).survival
    assert (rate.n, rate.age) == (20, 11)
    assert rate.rate == pytest.approx(5 / 20)
    few = win_rates(movements(versions[:5]), 0, DAY, known_until=30 * DAY).survival[0]
    assert (few.n, few.age, few.rate) == (5, None, None)


@given(histories(), st.sampled_from(INSTANTS[1:]))
def test_velocity_counts_what_could_be_won(versions: list[V], start: int) -> None:
    end, m = start + 4 * DAY, movements(versions)
    at_start = new = 0
    for line in lines(versions).values():
        at_start += [v.state for v in line if v.at < start][-1:] == [OPEN]
        for i, v in enumerate(line):
            before = line[i - 1].state if i else NONE
            counted = any(w.state == OPEN for w in line[:i])
            new += start <= v.at < end and not counted and before in (NONE, UNQUALIFIED) and v.state in (OPEN, WON)
    (found,) = velocity(m, start, end, (), win_rates(m, start, end).period, sales_cycle(m, start, end))
    assert (found.open_at_start, found.new) == (at_start, new)


def test_velocity_is_the_product_of_its_factors() -> None:
    speed = Velocity((), open_at_start=30, new=10, won=3, lost=9, won_money=100_00, cycle_us=3 * 45 * DAY, cycles=3)
    assert (speed.opportunities, speed.win_rate, speed.average_won, speed.cycle) == (40, 0.25, 33_33, 45)
    assert speed.per_day == round(40 * Fraction(1, 4) * Fraction(100_00, 3) / 45)
    assert Velocity((), 1, 1, 0, 4, 0, 0, 0).per_day is None


@given(histories(), st.sampled_from(INSTANTS[1:]), st.integers(0, 6))
def test_slippage(versions: list[V], start: int, last_day: int) -> None:
    end = start + 3 * DAY
    expected = [0, 0, 0, 0]
    for line in lines(versions).values():
        then, later = [v for v in line if v.at < start], [v for v in line if v.at < end]
        if then and then[-1].state == OPEN and then[-1].close is not None and 1 <= then[-1].close < last_day:
            slipped = later[-1].state == OPEN
            expected = [a + b for a, b in zip(expected, (1, slipped, then[-1].amount, slipped * then[-1].amount), strict=True)]
    (found,) = slippage(movements(versions), start, end, 1, last_day).to_pyarrow().to_pylist()
    assert [found[name] for name in ("due", "slipped", "due_money", "slipped_money")] == expected
    assert found["rate"] == (expected[1] / expected[0] if expected[0] else None)


def test_slippage_by_hand() -> None:
    versions = [
        V("won", -DAY, amount=50, close=10),
        V("won", 40 * DAY, state=WON, amount=55, close=40),
        V("slips", -DAY, amount=30, close=20, region="EMEA"),
        V("slips", 50 * DAY, amount=35, close=200),
        V("later", -DAY, amount=900, close=95),
        V("new", DAY, amount=700, close=30),
        V("undated", -DAY, amount=600),
    ]
    (row,) = slippage(movements(versions), 0, 90 * DAY, 0, 90).to_pyarrow().to_pylist()
    assert row == {"due": 2, "slipped": 1, "due_money": 80, "slipped_money": 30, "rate": 0.5, "money_rate": 0.375}
    groups = slippage(movements(versions), 0, 90 * DAY, 0, 90, ("region",)).to_pyarrow().to_pylist()
    assert {(g["group_region"], g["due"], g["slipped"]) for g in groups} == {("EMEA", 1, 1), (None, 1, 0)}
