"""Money in minor units: read, written, rounded and split, against Python's decimals and fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.ledger.money import (
    AMOUNT_LIMIT,
    currency_code,
    format_money,
    format_short,
    minor_unit,
    round_half_even,
    split_exactly,
    to_major,
    to_minor,
)

NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"
AMOUNTS = st.integers(-AMOUNT_LIMIT, AMOUNT_LIMIT)


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("EUR", 2),
        ("JPY", 0),
        ("KWD", 3),
        ("BHD", 3),
        ("TND", 3),
        ("CLP", 0),
        ("CLF", 4),
        ("HUF", 2),
        ("ISK", 0),
        ("IQD", 3),
        ("UGX", 0),
        ("COP", 2),
        ("IDR", 2),
        ("LBP", 2),
        ("ALL", 2),
        ("MGA", 2),
        ("UYW", 4),
        ("XXX", 2),
        ("usd ", 2),
        ("ITL", 0),
    ],
)
def test_minor_units_are_those_of_iso_4217(code, digits):
    assert minor_unit(code) == digits


@pytest.mark.parametrize("text", ["EURO", "€", "", "US", "ZZZ", "12"])
def test_what_is_no_currency_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a currency code of ISO 4217\. Write three letters"):
        currency_code(text)


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [
        ("1234.50", 2, 123450),
        ("-0.01", 2, -1),
        (" 7 ", 2, 700),
        ("+7.", 2, 700),
        (".5", 2, 50),
        ("1.5000", 2, 150),
        ("1E3", 2, 100000),
        ("1200", 0, 1200),
        ("1200.00", 0, 1200),
        ("1.234", 3, 1234),
        (f"{MINUS}3", 2, -300),
        ("0e99", 2, 0),
        ("15e-1", 2, 150),
        ("9000000000000.00", 2, AMOUNT_LIMIT),
        (Decimal("2.50"), 2, 250),
        (Decimal("-1E+2"), 0, -100),
    ],
)
def test_amounts_are_read_exactly(text, exponent, minor):
    assert to_minor(text, exponent) == minor


@pytest.mark.parametrize(
    ("text", "exponent", "words"),
    [
        ("1.505", 2, "more than 2 decimals"),
        ("0.5", 0, "more than 0 decimals"),
        ("1e-300", 2, "more than 2 decimals"),
        ("1,50", 2, "not an amount"),
        ("1_000", 2, "not an amount"),
        ("1 000", 2, "not an amount"),
        ("nan", 2, "not an amount"),
        ("", 2, "not an amount"),
        ("٣", 2, "not an amount"),
        (Decimal("Infinity"), 2, "not an amount"),
        ("9000000000000.01", 2, "too large: amounts are held exactly up to 9000000000000.00"),
        ("1e400", 2, "too large"),
        ("1e999", 2, "too large"),
    ],
)
def test_what_cannot_be_held_exactly_is_refused(text, exponent, words):
    with pytest.raises(ValueError, match=words):
        to_minor(text, exponent)


@given(AMOUNTS, st.integers(0, 4))
def test_major_and_back_loses_nothing(minor, exponent):
    text = to_major(minor, exponent)
    assert to_minor(text, exponent) == minor
    assert Decimal(text) == Decimal(minor).scaleb(-exponent)
    assert len(text.partition(".")[2]) == exponent


@given(st.integers(-(10**30), 10**30), st.integers(-(10**14), 10**14).filter(bool))
def test_round_half_even_is_python_s_rounding_of_fractions(numerator, denominator):
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@given(st.integers(-(10**18), 10**18))
def test_ties_go_to_the_even_one(twice):
    with localcontext() as context:
        context.prec = 40
        expected = (Decimal(twice) / 2).to_integral_value(ROUND_HALF_EVEN)
    assert round_half_even(twice, 2) == expected


WEIGHTS = st.lists(st.integers(0, 10**6) | st.fractions(0, 1000, max_denominator=997), min_size=1, max_size=20)


@given(AMOUNTS, WEIGHTS)
def test_shares_sum_exactly_and_are_within_one_of_their_part(total, weights):
    if not sum(weights):
        with pytest.raises(ValueError, match="no weight above 0"):
            split_exactly(total or 1, weights)
        return
    shares = split_exactly(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total) * weight / sum(weights)) < 1
    # The method of the largest remainder: who got a unit more than his whole part had no smaller remainder than who did not.
    sign = -1 if total < 0 else 1
    exact = [abs(total) * Fraction(weight) / sum(weights) for weight in weights]
    more = [part % 1 for part, share in zip(exact, shares, strict=True) if sign * share > part // 1]
    less = [part % 1 for part, share in zip(exact, shares, strict=True) if sign * share == part // 1]
    assert min(more, default=Fraction(1)) >= max(less, default=Fraction(0))


def test_of_equal_remainders_the_earlier_gets_the_unit():
    assert split_exactly(100, [1, 1, 1]) == [34, 33, 33]
    assert split_exactly(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split_exactly(5, [1, 0, 1]) == [3, 0, 2]
    assert split_exactly(101, [Fraction(2, 5), Fraction(1, 5), Fraction(2, 5)]) == [41, 20, 40]
    assert split_exactly(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="weight is negative"):
        split_exactly(10, [2, -1])


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (123456789, "EUR", "en_US", "€1,234,567.89"),
        (-123456789, "EUR", "en-US", f"{MINUS}€1,234,567.89"),
        (-123456789, "EUR", "de_DE", f"{MINUS}1.234.567,89{NBSP}€"),
        (123456789, "EUR", "fr_FR", f"1{NARROW}234{NARROW}567,89{NBSP}€"),
        (1234567, "JPY", "en_US", "¥1,234,567"),
        (1234567, "KWD", "en_US", f"KWD{NBSP}1,234.567"),
        (1234567, "IQD", "en_US", f"IQD{NBSP}1,234.567"),  # CLDR shows dinars without decimals; here no digit is lost
        (1234567, "ISK", "en_US", f"ISK{NBSP}1,234,567"),
        (-12345, "XXX", "en_US", f"{MINUS}123.45"),
        (0, "EUR", "en_US", "€0.00"),
        (900_000_000_000_000, "USD", "en_US", "$9,000,000,000,000.00"),
    ],
)
def test_money_for_people(minor, currency, locale, text):
    assert format_money(minor, currency, locale) == text


@pytest.mark.parametrize(
    ("minor", "locale", "sign", "text"),
    [
        (123450, "en_US", "always", "+$1,234.50"),
        (-123450, "en_US", "always", f"{MINUS}$1,234.50"),
        (0, "en_US", "always", "$0.00"),
        (123450, "de_DE", "always", f"+1.234,50{NBSP}$"),
        (-123450, "en_US", "accounting", "($1,234.50)"),
        (123450, "en_US", "accounting", "$1,234.50"),
    ],
)
def test_signs(minor, locale, sign, text):
    assert format_money(minor, "USD", locale, sign=sign) == text


def test_an_unknown_locale_or_sign_is_refused_in_words():
    with pytest.raises(ValueError, match=r"no locale 'xx_YY'.*for example en_US"):
        format_money(1, "EUR", "xx_YY")
    with pytest.raises(ValueError, match="minus, always or accounting"):
        format_money(1, "EUR", "en_US", sign="never")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (120_000_000, "EUR", "en_US", f"1.2{NARROW}M"),
        (-123_456_789, "EUR", "en_US", f"{MINUS}1.23{NARROW}M"),
        (99_999_900, "EUR", "en_US", f"1{NARROW}M"),  # never 1000 K
        (12_345_600, "EUR", "en_US", f"123{NARROW}K"),
        (1_234_000_000, "JPY", "en_US", f"1.23{NARROW}B"),
        (4_250, "EUR", "en_US", "42.5"),
        (0, "EUR", "en_US", "0"),
        (120_000_000, "EUR", "de_DE", f"1,2{NBSP}Mio."),
        (12_345_678, "EUR", "de_DE", "123.457"),
        (99_999, "EUR", "de_DE", "1.000"),
        (120_000_000, "EUR", "fr_FR", f"1,2{NBSP}M"),
    ],
)
def test_money_on_a_chart(minor, currency, locale, text):
    assert format_short(minor, currency, locale) == text
