"""Figures as a reader sees them."""

from __future__ import annotations

from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.charts.amounts import Amounts, percent
from penstock.charts.labels import ELEMENTS, PHRASES, phrase
from tests.charts.charted import plain

EUROS = {"measure": "amount", "currency": "EUR", "minor_unit": 2}


def euros(*minors: int, locale: str = "en", **others: Any) -> Amounts:
    return Amounts.of(EUROS | others, minors, locale)


@pytest.mark.parametrize(
    ("locale", "shown"),
    [("en", "−2.1 M €"), ("fr", "−2,1 M €"), ("it", "−2,1 Mln €")],
)
def test_short_money_follows_the_locale(locale: str, shown: str) -> None:
    assert plain(euros(640_000_000, locale=locale).money(-213_045_000)) == shown


def test_dollars_stand_before_the_figure_in_english_only() -> None:
    assert plain(euros(640_000_000, currency="USD").money(-640_000_000)) == "−$6.4 M"
    assert plain(euros(640_000_000, currency="USD", locale="fr").money(640_000_000)) == "6,4 M $US"


def test_what_would_be_nothing_in_the_unit_of_the_chart_is_shown_in_its_own() -> None:
    amounts = euros(640_000_000)
    assert plain(amounts.short(8_500_000, sign=True)) == "+85 k"
    assert plain(amounts.short(812_345)) == "8,123"
    assert amounts.short(3) == "0.03"


def test_rounding_never_shows_a_thousand_thousands() -> None:
    assert plain(euros(99_999_900).short(99_999_900)) == "1.0 M"


def test_counts_are_whole_and_have_no_currency() -> None:
    counts = euros(64, measure="count")
    assert (counts.exact(64), counts.exact_money(64), counts.money(-3)) == ("64", "64", "−3")


def test_a_currency_without_minor_unit() -> None:
    assert plain(euros(5_000, currency="JPY", minor_unit=0).exact_money(5_000)) == "5,000 JPY"


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["en", "fr", "it"]))
def test_exact_loses_no_cent_of_any_amount(minor: int, locale: str) -> None:
    shown = euros(minor, locale=locale).exact(minor)
    digits = "".join(sign for sign in shown if sign.isdigit())
    assert int(digits) == abs(minor)
    assert shown.startswith("−") == (minor < 0)
    assert shown[-3] == {"en": ".", "fr": ",", "it": ","}[locale]


@given(st.integers(-(10**15), 10**15), st.integers(0, 10**15))
def test_short_is_right_to_one_in_ten(minor: int, largest: int) -> None:
    shown = plain(euros(minor, largest).short(minor)).replace("−", "-").replace(",", "")
    number, _, suffix = shown.partition(" ")
    value = Decimal(number) * {"": 1, "k": 10**3, "M": 10**6, "bn": 10**9}[suffix]
    exact = Decimal(minor) / 100
    assert abs(value - exact) <= max(abs(exact) / 10, Decimal("0.005"))


def test_the_levels_of_an_axis_share_unit_and_decimals() -> None:
    amounts = euros(20_000_000)
    assert [plain(level) for level in amounts.axis([0, 5_000_000, 10_000_000])] == ["0", "50 k", "100 k"]
    amounts = euros(150_000_000)
    assert [plain(level) for level in amounts.axis([-50_000_000, 0, 100_000_000])] == ["−0.5 M", "0", "1.0 M"]


def test_a_share_is_never_rounded_to_all_or_nothing() -> None:
    assert percent(1, 1_000, "en") == "<1%"
    assert percent(999, 1_000, "en") == ">99%"
    assert (percent(0, 5, "en"), percent(5, 5, "en"), percent(1, 3, "en")) == ("0%", "100%", "33%")


def test_a_language_without_wording_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="en, fr, it"):
        phrase("colon", "de")
    with pytest.raises(ValueError, match="no locale 'zz-ZZ'"):
        euros(1, locale="zz-ZZ").exact(1)


@pytest.mark.parametrize("language", ["fr", "it"])
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    assert ELEMENTS[language].keys() == ELEMENTS["en"].keys()
    assert PHRASES[language].keys() == PHRASES["en"].keys()
    for key, words in PHRASES[language].items():
        assert fields(words) == fields(PHRASES["en"][key]), key


def fields(words: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(words) if field}
