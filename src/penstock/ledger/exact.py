"""Exact division of money in 64-bit integers, as Ibis expressions that mean the same on every backend.

SQL's whole-number division and remainder differ between databases, and Ibis's `//` and SQLite's `MOD` go through floats. Here
a float only guesses the quotient; the rest that the guess leaves is computed in integers and puts it right:
x = guess · d + rest, so x / d = guess + rest / d, and rest is small enough to be judged exactly.

Nulls give nulls. An argument is repeated in the SQL (seven times in `weighted`, some twenty in `converted`): bind a long
expression to a column first. `money.round_half_even` is the same rule on Python's integers.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import ibis
import ibis.expr.types as ir

Whole: TypeAlias = "ir.IntegerValue | int"

# A float's guess is off by less than one half while the quotient is below 2**50. |x| < 2**63, so from this divisor on one
# guess is enough; below it the rest is divided once more.
_ONE_GUESS: Final = 2**13
_INT64: Final = 2**63
# Numerators are multiplied in two parts where the product could leave 64 bits: high · _PART + low.
_PART: Final = 10**5
# So that guess · divisor, at most a divisor beyond x, stays in 64 bits for x up to 9.2e18, and a float tells every rest from it.
_DIVISOR_LIMIT: Final = 10**15


def floor_div(x: ir.IntegerValue, divisor: int) -> ir.IntegerValue:
    """x / divisor rounded down to a whole number (int64), for |x| ≤ 9.2e18. ValueError for a divisor not from 1 to 10**15."""
    _check_divisor(divisor)
    x = _int64(x)
    if divisor == 1:
        return x
    guess = _quotient(x, divisor).floor().cast("int64")
    return guess + _quotient(x - guess * divisor, divisor).floor().cast("int64")


def round_half_even_div(x: ir.IntegerValue, divisor: int) -> ir.IntegerValue:
    """x / divisor rounded to the nearest whole number (int64), from the middle to the even one, for |x| ≤ 9.2e18.

    ValueError for a divisor not from 1 to 10**15.
    """
    _check_divisor(divisor)
    x = _int64(x)
    if divisor == 1:
        return x
    whole = _near(x, divisor)
    if divisor < _ONE_GUESS:
        whole = whole + _near(x - whole * divisor, divisor)
    return _settled(whole, x - whole * divisor, divisor)


def weighted(amount: ir.IntegerValue, basis_points: Whole) -> ir.IntegerValue:
    """amount × probability in basis points (0 to 10000), rounded half to even; |amount| ≤ `money.AMOUNT_LIMIT`."""
    return round_half_even_div(_int64(amount) * basis_points, 10_000)


def converted(amount: ir.IntegerValue, numerator: int, denominator: int) -> ir.IntegerValue:
    """amount · numerator / denominator, rounded half to even, while the result fits int64; |amount| ≤ `money.AMOUNT_LIMIT`.

    The fraction is one that `rates.in_minor_units` makes: numerator below 9e9 where the denominator is not 1, denominator up
    to 10**13; ValueError for others.
    """
    _check_divisor(denominator)
    if numerator < 1 or denominator > 10**13 or (denominator > 1 and numerator >= 9 * 10**9):
        raise ValueError(f"{numerator}/{denominator} is not a rate that can be applied exactly in 64 bits.")
    if denominator == 1:
        return _int64(amount) * numerator
    return converted_by(amount, numerator, denominator, wide=is_wide(numerator, denominator))


def is_wide(numerator: int, denominator: int) -> bool:
    """Whether `converted_by` must multiply the numerator in two parts so as to stay in 64 bits."""
    return denominator > 1 and numerator * denominator >= _INT64


def converted_by(amount: ir.IntegerValue, numerator: Whole, denominator: Whole, *, wide: bool) -> ir.IntegerValue:
    """As `converted`, with numerator and denominator from columns (int64). wide: whether `is_wide` holds for any of them."""
    amount = _int64(amount)
    units = _near(amount, denominator)
    rest = amount - units * denominator
    whole = units * numerator
    if wide:
        # High part first, as in long division: its rest goes on, times _PART, into the low part's.
        high = floor_div(numerator, _PART) if isinstance(numerator, ir.IntegerValue) else numerator // _PART
        product = rest * high
        quotient = _near(product, denominator)
        whole = whole + quotient * _PART
        product = (product - quotient * denominator) * _PART + rest * (numerator - high * _PART)
    else:
        product = rest * numerator
    quotient = _near(product, denominator)
    return _settled(whole + quotient, product - quotient * denominator, denominator)


def _near(x: ir.IntegerValue, divisor: Whole) -> ir.IntegerValue:
    """The whole number nearest to x / divisor, as well as floats can tell."""
    return (_quotient(x, divisor) + 0.5).floor().cast("int64")


def _quotient(x: ir.IntegerValue, divisor: Whole) -> ir.FloatingValue:
    # The cast must be ours: for PostgreSQL and SQLite the compiler adds one of its own to a bare `/`, and puts it in the wrong
    # place where a column is used twice, which leaves a division of integers (Ibis 12, sqlglot 30).
    return x.cast("float64") / divisor


def _settled(whole: ir.IntegerValue, rest: ir.IntegerValue, divisor: Whole) -> ir.IntegerValue:
    """whole + rest / divisor rounded half to even, for a rest between -divisor and divisor."""
    odd = whole & 1
    return whole + ibis.cases((rest * 2 + odd > divisor, 1), (rest * -2 + odd > divisor, -1), else_=0)


def _int64(x: ir.IntegerValue) -> ir.IntegerValue:
    return x if x.type().is_int64() else x.cast("int64")


def _check_divisor(divisor: int) -> None:
    if not 1 <= divisor <= _DIVISOR_LIMIT:
        raise ValueError(f"Money cannot be divided by {divisor} exactly: the divisor must be from 1 to {_DIVISOR_LIMIT}.")
