"""Giving out is fair, deterministic, and the same whether records come one by one or all at once."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from penstock.loop.sharing_out import Seat, by_room, in_turn

weights = st.lists(st.integers(0, 7), min_size=1, max_size=6).filter(any)


def seats_of(some: list[int]) -> list[Seat]:
    return [Seat(number, weight=weight) for number, weight in enumerate(some, 1)]


def test_equal_weights_take_turns() -> None:
    chosen, _ = in_turn(seats_of([1, 1, 1]), 7, {})
    assert chosen == [1, 2, 3, 1, 2, 3, 1]


def test_a_weight_of_three_gets_three_of_four_and_not_all_at_once() -> None:
    chosen, _ = in_turn(seats_of([3, 1]), 8, {})
    assert Counter(chosen) == {1: 6, 2: 2}
    assert chosen[:4] != [1, 1, 1, 2] or chosen[4:] != [1, 1, 1, 2]


@given(weights, st.integers(0, 60))
def test_after_any_number_nobody_is_further_than_one_round_from_their_share(some: list[int], count: int) -> None:
    chosen, _ = in_turn(seats_of(some), count, {})
    got = Counter(chosen)
    for number, weight in enumerate(some, 1):
        assert abs(got[number] - Fraction(count * weight, sum(some))) < len(some)
        assert weight or not got[number]


@given(weights, st.integers(0, 30), st.integers(0, 30))
def test_two_calls_give_what_one_would(some: list[int], first: int, second: int) -> None:
    one, credit = in_turn(seats_of(some), first, {})
    two, _ = in_turn(seats_of(some), second, credit)
    assert one + two == in_turn(seats_of(some), first + second, {})[0]


def test_who_comes_later_is_not_given_all_that_was_missed() -> None:
    _, credit = in_turn(seats_of([1, 1]), 100, {})
    chosen, _ = in_turn(seats_of([1, 1, 1]), 9, credit)
    assert Counter(chosen) == {1: 3, 2: 3, 3: 3}


def test_nobody_here_takes_nothing() -> None:
    assert in_turn([], 5, {1: 3}) == ([], {})


def test_room_is_filled_evenly_and_never_overfilled() -> None:
    seats = [Seat(1, load=8, capacity=10), Seat(2, load=0, capacity=4), Seat(3, load=1, capacity=2)]
    chosen = by_room(seats, 9)
    assert chosen.count(None) == 2
    assert Counter(one for one in chosen if one) == {1: 2, 2: 4, 3: 1}
    assert chosen[0] == 2, "nobody carries less of what they can"


@given(
    st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 6))), min_size=1, max_size=5), st.integers(0, 20)
)
def test_room_goes_each_time_to_the_least_filled(people: list[tuple[int, int | None]], count: int) -> None:
    seats = [Seat(number, load=load, capacity=capacity) for number, (load, capacity) in enumerate(people, 1)]
    loads = {seat.user_id: seat.load for seat in seats}
    widest = max((seat.capacity for seat in seats if seat.capacity is not None), default=1) or 1
    for user in by_room(seats, count):
        free = [seat for seat in seats if seat.capacity is None or loads[seat.user_id] < seat.capacity]
        if user is None:
            assert not free
            continue
        filled = {seat.user_id: Fraction(loads[seat.user_id], seat.capacity or widest) for seat in free}
        assert filled[user] == min(filled.values())
        loads[user] += 1
