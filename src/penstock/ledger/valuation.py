"""Money in the report's currency: what each image of a movement is worth.

Between two versions the value moves in a fixed order, so that each part of the difference has one cause:
the rate first (dated rates only), then the amount, then the probability (weighted measure only).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from penstock.ledger import exact

if TYPE_CHECKING:
    from penstock.ledger.rates import RateTable

_DAY = 86_400_000_000


@dataclass(frozen=True)
class Valuation:
    """How amounts become money of the report.

    currency: the report's currency; None leaves amounts as they are (a history in one currency). rates: for constant rates
    (plan, current), currency -> (numerator, denominator) from its minor units to the report's. dated: the table to take the
    rate of each version's day from.
    """

    currency: str | None = None
    rates: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    dated: RateTable | None = None

    @property
    def converts(self) -> bool:
        return bool(self.rates) or self.dated is not None


def valued(movements: ir.Table, valuation: Valuation) -> ir.Table:
    """Movements with money in minor units of the report's currency, and what of it is expected (money × probability).

    Adds before_money, before_expected (at the rate of the version's own day), rated_money, rated_expected (the same amount
    at the rate of the movement's day), after_money, after_expected. Without dated rates, before_ and rated_ are equal.
    """
    if not valuation.converts:
        return movements.mutate(
            before_money=movements.before_amount,
            before_expected=movements.before_weighted,
            rated_money=movements.before_amount,
            rated_expected=movements.before_weighted,
            after_money=movements.after_amount,
            after_expected=movements.after_weighted,
        )
    if valuation.dated is None:
        before = _constant(movements, "before", valuation.rates)
        m = movements.mutate(
            before_money=before, rated_money=before, after_money=_constant(movements, "after", valuation.rates)
        )
    else:
        m = _dated(movements, valuation)
    return m.mutate(
        before_expected=exact.weighted(m.before_money, m.before_probability),
        rated_expected=exact.weighted(m.rated_money, m.before_probability),
        after_expected=exact.weighted(m.after_money, m.after_probability),
    )


def _constant(movements: ir.Table, side: str, rates: Mapping[str, tuple[int, int]]) -> ir.Value:
    amount, currency = movements[f"{side}_amount"], movements[f"{side}_currency"]
    branches = [
        (currency == code, amount if numerator == denominator else exact.converted(amount, numerator, denominator))
        for code, (numerator, denominator) in sorted(rates.items())
    ]
    # A deal without a currency, beside others that have one, is taken to be in the report's own; `check` reports it.
    return ibis.cases(*branches, else_=amount) if branches else amount


def _dated(movements: ir.Table, valuation: Valuation) -> ir.Table:
    raise NotImplementedError
