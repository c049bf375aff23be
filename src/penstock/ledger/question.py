"""What is asked of the ledger: a window, a horizon, a grouping, a measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from penstock.ledger.valuation import Valuation

Measure = Literal["amount", "weighted", "count"]


@dataclass(frozen=True)
class Horizon:
    """Close dates that count as pipeline, in days since 1970-01-01, half-open.

    first, last: [first, last). quarter_end: where *this quarter* ends and *next three* begin, in (first, last].
    """

    first: int
    last: int
    quarter_end: int

    def __post_init__(self) -> None:
        if self.last <= self.first:
            raise ValueError("The horizon ends before it starts.")


@dataclass(frozen=True)
class Question:
    """A window [start, end) in microseconds UTC, and how its pipeline is to be seen.

    horizon: None takes every open and qualified deal, whatever its close date (or lack of one).
    by: names of dimensions. as_is: group by today's values for all of the past, instead of as they were.
    graded: tell how much money is observed, reconstructed and unknown; False saves time where all of it is observed.
    """

    start: int
    end: int
    horizon: Horizon | None = None
    by: tuple[str, ...] = ()
    as_is: bool = False
    measure: Measure = "amount"
    valuation: Valuation = field(default_factory=Valuation)
    graded: bool = True

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("The window ends before it starts.")
