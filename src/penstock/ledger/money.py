"""Money: whole minor units of a currency, how they are read, written and split. No floats anywhere.

The number of minor digits follows ISO 4217, not CLDR: what people round to in shops (no Icelandic, Iraqi or Hungarian small
change) must not change what an amount is worth.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

# Amounts beyond this (nine trillion, in a currency of two digits) are refused: up to it, weighting is exact in 64 bits.
AMOUNT_LIMIT: Final = 9 * 10**14
NO_CURRENCY: Final = "XXX"

# ISO 4217, table A.1, where it differs from 2; from ADP on, codes since withdrawn that had no minor unit, for old records.
_EXCEPTIONS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE TPE TRL",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXCEPTIONAL_MINOR_UNITS: Final = {code: digits for digits, codes in _EXCEPTIONS.items() for code in codes.split()}

_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NO_BREAK_SPACE: Final = "\u00a0"
_NARROW_SPACE: Final = "\u202f"
_LETTER_BEFORE_DIGIT: Final = re.compile(r"(?<=[A-Z])(?=\d)")
_DIGIT_BEFORE_LETTER: Final = re.compile(r"(?<=\d)(?=[A-Za-z])")
_MINUS: Final = "\u2212"


@lru_cache(maxsize=512)
def currency_code(text: str) -> str:
    """The ISO 4217 code that `text` is, in capitals; ValueError where it is none. XXX, no currency, is one."""
    from babel.numbers import list_currencies

    code = text.strip().upper()
    if code not in list_currencies():
        raise ValueError(f"{text!r} is not a currency code of ISO 4217. Write three letters such as EUR, USD or JPY.")
    return code


def minor_unit(code: str) -> int:
    """Digits after the point of an ISO 4217 currency: EUR 2, JPY 0, KWD 3; XXX 2. ValueError for a code that is none."""
    return EXCEPTIONAL_MINOR_UNITS.get(currency_code(code), 2)


def to_minor(text_or_decimal: str | Decimal, exponent: int) -> int:
    """Minor units of a decimal amount: ("1234.50", 2) is 123450. Exact.

    Text is a plain decimal number: point, no grouping. ValueError for other text, for digits other than 0 beyond the
    exponent, and for amounts beyond `AMOUNT_LIMIT` minor units.
    """
    if isinstance(text_or_decimal, str):
        text = text_or_decimal.strip().replace(_MINUS, "-")
        if _NUMBER.fullmatch(text) is None:
            raise ValueError(
                f"{text_or_decimal!r} is not an amount. Write digits with a point before the decimals, like -1234.50."
            )
        amount = Decimal(text)
    else:
        amount = text_or_decimal
        if not amount.is_finite():
            raise ValueError(f"{amount} is not an amount.")
    if amount and amount.adjusted() + exponent > 15:
        raise ValueError(f"{text_or_decimal} is too large: amounts are held exactly up to {to_major(AMOUNT_LIMIT, exponent)}.")
    sign, digits, power = amount.as_tuple()
    whole = int("".join(map(str, digits)))
    shift = int(power) + exponent
    minor, rest = (whole * 10**shift, 0) if shift >= 0 else divmod(whole, 10**-shift) if whole else (0, 0)
    if rest:
        raise ValueError(
            f"{text_or_decimal} has more than {exponent} decimals, which its currency does not have. Round it first."
        )
    if minor > AMOUNT_LIMIT:
        raise ValueError(f"{text_or_decimal} is too large: amounts are held exactly up to {to_major(AMOUNT_LIMIT, exponent)}.")
    return -minor if sign else minor


def to_major(minor: int, exponent: int) -> str:
    """The amount as a decimal number for machines, exact: (-123450, 2) is "-1234.50"."""
    if exponent == 0:
        return str(minor)
    whole, part = divmod(abs(minor), 10**exponent)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{exponent}d}"


def format_money(minor: int, currency: str, locale: str, *, sign: str = "minus") -> str:
    """The amount for people of a locale (`de_DE`, `en-US`), with its currency's symbol (none for XXX) and all its minor digits.

    sign: `minus` writes a true minus before negative amounts; `always` a plus before positive ones, too; `accounting` brackets
    negative amounts where the locale's accountants do. ValueError for an unknown locale, currency or sign.
    """
    if sign not in ("minus", "always", "accounting"):
        raise ValueError(f"{sign!r} is not a way to show a sign: give minus, always or accounting.")
    language = _locale(locale)
    exponent = minor_unit(currency)
    pattern = _pattern(language, currency_code(currency), exponent, "accounting" if sign == "accounting" else "standard")
    plus = sign == "always" and minor > 0
    amount = Decimal(to_major(-minor if plus else minor, exponent))
    text: str = pattern.apply(amount, language, currency=currency_code(currency), currency_digits=False)
    text = _LETTER_BEFORE_DIGIT.sub(_NO_BREAK_SPACE, text).replace("-", _MINUS)
    return text.replace(_MINUS, "+") if plus else text


def format_short(minor: int, currency: str, locale: str) -> str:
    """The amount in at most three digits for a chart's labels, without symbol: `1.2 M`, in German `1,2 Mio.`.

    Where the locale has no short form for its size (German thousands), it is written out, in whole units. ValueErrors as above.
    """
    from babel.numbers import format_compact_decimal, format_decimal

    amount, language = Decimal(to_major(minor, minor_unit(currency))), _locale(locale)
    three_digits = round(amount, 2 - amount.adjusted()) if amount else amount
    text = format_compact_decimal(three_digits, locale=language, fraction_digits=2)
    if not any(map(str.isalpha, text)) and abs(three_digits) >= 1000:
        text = format_decimal(amount, format="#,##0", locale=language)
    return _DIGIT_BEFORE_LETTER.sub(_NARROW_SPACE, text).replace("-", _MINUS)


def round_half_even(numerator: int, denominator: int) -> int:
    """numerator / denominator, rounded to the nearest whole number and from the middle to the even one. Denominator not 0."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest + quotient % 2 > denominator)


def split_exactly(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Shares of `total` by weight that add up to it (method of the largest remainder, the earlier of equals first).

    A negative total is split like its positive mirror. ValueError for a negative weight, or where all are 0 and total is not.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError(f"{total} cannot be split: a weight is negative. Give weights of 0 or more.")
    if total < 0:
        return [-share for share in split_exactly(-total, weights)]
    whole = sum(weights, Fraction(0))
    if whole == 0:
        if total:
            raise ValueError(f"{total} cannot be split: there is no weight above 0 to carry it.")
        return [0 for _ in weights]
    exact = [Fraction(total * weight) / whole for weight in weights]
    shares = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        raise ValueError(f"There is no locale {name!r}. Give a language and country, for example en_US or de_DE.") from None


@lru_cache(maxsize=256)
def _pattern(language: Locale, currency: str, exponent: int, kind: str) -> NumberPattern:
    """The locale's pattern with the ISO number of decimals in place of CLDR's."""
    original = language.decimal_formats[None] if currency == NO_CURRENCY else language.currency_formats[kind]
    pattern: NumberPattern = copy.copy(original)
    pattern.frac_prec = (exponent, exponent)
    return pattern
