"""Money in the report's currency: what each image of a movement is worth.

Between two versions the value moves in a fixed order, so that each part of the difference has one cause:
the rate first (dated rates only), then the amount, then the probability (weighted measure only).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from penstock.ledger import exact
from penstock.ledger.conversion import convert_columns, convert_dated_columns
from penstock.ledger.rates import Rate, RateTable

DAY = 86_400_000_000


@dataclass(frozen=True)
class Valuation:
    """How amounts become money of the report.

    currency: the report's currency; None leaves amounts as they are (a history in one currency). rates: for constant rates
    (plan, current), the rate of each currency to it. dated: the table to take the rate of each version's day from; a
    version's value keeps the rate of its day until the next version.
    offsets: for dated rates, (from microsecond, offset in microseconds) of the company's time zone, ascending; the first
    offset also holds before its instant. Days are UTC days where it is empty.
    """

    currency: str | None = None
    rates: Mapping[str, Rate] = field(default_factory=dict)
    dated: RateTable | None = None
    offsets: tuple[tuple[int, int], ...] = ()

    @property
    def converts(self) -> bool:
        """Whether any amount changes by it."""
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
    m = _constant(movements, valuation) if valuation.dated is None else _dated(movements, valuation, valuation.dated)
    return m.mutate(
        before_expected=exact.weighted(m.before_money, m.before_probability),
        rated_expected=exact.weighted(m.rated_money, m.before_probability),
        after_expected=exact.weighted(m.after_money, m.after_probability),
    )


def _constant(movements: ir.Table, valuation: Valuation) -> ir.Table:
    money = {f"{side}_money": (f"{side}_amount", f"{side}_currency") for side in ("before", "after")}
    m = convert_columns(movements, money, valuation.rates, to=str(valuation.currency)).view()
    return m.mutate(rated_money=m.before_money)


def _dated(movements: ir.Table, valuation: Valuation, rates: RateTable) -> ir.Table:
    m = movements.mutate(
        before_day=local_day(movements.before_begins, valuation.offsets),
        after_day=local_day(movements.begins, valuation.offsets),
    )
    money = {
        "before_money": ("before_amount", "before_currency", "before_day"),
        "rated_money": ("before_amount", "before_currency", "after_day"),
        "after_money": ("after_amount", "after_currency", "after_day"),
    }
    m = convert_dated_columns(m, money, rates).view()
    # A deal that changes its currency is another amount, not another rate.
    same = m.before_currency.identical_to(m.after_currency)
    rated = ibis.ifelse(same, m.rated_money, m.before_money)
    return m.select(*movements.columns, "before_money", "after_money", rated_money=rated)


def local_day(micros: ir.Value, offsets: tuple[tuple[int, int], ...]) -> ir.Value:
    """The day (since 1970-01-01) of an instant in the zone whose `offsets` are given."""
    local = micros
    if offsets:
        later = [(micros >= start, offset) for start, offset in reversed(offsets[1:])]
        local = micros + (ibis.cases(*later, else_=offsets[0][1]) if later else offsets[0][1])
    return exact.floor_div(local, DAY).cast("int32")
