"""To whom the next record goes: in turn, by weight, or to whom has most room. Pure reckoning; no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Seat:
    """One person in a group: their share (weight), what they carry now (load), and what they can carry (None: no limit)."""

    user_id: int
    weight: int = 1
    load: int = 0
    capacity: int | None = None


def in_turn(seats: Sequence[Seat], count: int, credit: Mapping[int, int]) -> tuple[list[int], dict[int, int]]:
    """The users of the next `count` records, each in proportion to their weight and as evenly spread as can be.

    Before each record everybody is credited their weight; it goes to whom is owed most (of equals to the lowest id), who
    pays the sum of all weights. With equal weights this is round robin. Credit outlives the call; who has just come starts at
    nought, and who is not here now keeps nothing. After any number of records nobody is further than one from their share.
    """
    here = [seat for seat in sorted(seats, key=lambda one: one.user_id) if seat.weight > 0]
    owed = {seat.user_id: credit.get(seat.user_id, 0) for seat in here}
    total = sum(seat.weight for seat in here)
    chosen: list[int] = []
    for _ in range(count if here else 0):
        for seat in here:
            owed[seat.user_id] += seat.weight
        user = max(owed, key=lambda one: (owed[one], -one))
        owed[user] -= total
        chosen.append(user)
    return chosen, owed


def by_room(seats: Sequence[Seat], count: int) -> list[int | None]:
    """The users of the next `count` records: each to whom carries least of what they can; None where nobody has room left.

    Who has no limit is held to carry as much as whoever can carry most (or, if nobody has one, the least loaded is taken).
    """
    loads = {seat.user_id: seat.load for seat in seats}
    widest = max((seat.capacity for seat in seats if seat.capacity is not None), default=1) or 1
    chosen: list[int | None] = []
    for _ in range(count):
        free = [seat for seat in seats if seat.capacity is None or loads[seat.user_id] < seat.capacity]
        if not free:
            chosen.append(None)
            continue
        # Cross-multiplied so that no float decides between two people.
        best = min(free, key=lambda one: (loads[one.user_id] * _scale(free, widest, one), loads[one.user_id], one.user_id))
        loads[best.user_id] += 1
        chosen.append(best.user_id)
    return chosen


def _scale(seats: Sequence[Seat], widest: int, of: Seat) -> int:
    product = 1
    for size in {seat.capacity or widest for seat in seats}:
        product *= size
    return product // (of.capacity or widest)
