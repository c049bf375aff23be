"""Money, whole numbers, probabilities and yes-no columns: every style, what settles it, and what is refused."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.readers.columns import boolean_sql, integer_sql, money_sql, probability_sql
from penstock.readers.faults import ReadError
from tests.readers.sheets import column, faults, typed

POINT = [
    ("$22,700.00", 2_270_000), ("-1,200.00", -120_000), ("(1,200.00)", -120_000), ("1,200.00-", -120_000), ("−3.5", -350),
    ("CHF 1'234.50", 123_450), ("CHF 1’234.50", 123_450), ("1 234.56", 123_456), ("12,34,567.00", 123_456_700),
    ("1e6", 100_000_000), ("€(0.01)", -1), ("(€ 0.01)", -1), ("US $5", 500),
    ("1.5E+3", 150_000), ("+7", 700), ("$-5.10", -510), ("-$5.10", -510), ("US$ 5", 500), ("5 EUR", 500), ("1054", 105_400),
    (".5", 50), ("0", 0), ("-0.00", 0), ("3.1000", 310), ("0.30000000000000004", 30), ("1234.5599999999", 123_456),
]  # fmt: skip
COMMA = [
    ("1.234,56 €", 123_456),
    ("1 234,56", 123_456),
    ("1\u00a0234,56", 123_456),
    ("1\u202f234", 123_400),
    ("-5,5", -550),
    ("1.234", 123_400),
]


@pytest.mark.parametrize("forms", [POINT, COMMA], ids=["point", "comma"])
def test_money_as_people_write_it(tmp_path: Path, forms: list[tuple[str, int]]) -> None:
    sheet = column(tmp_path, [text for text, _ in forms])
    assert typed(sheet, money_sql(sheet, "value").sql) == [minor for _, minor in forms]


def test_the_currencies_are_counted(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["$5", "$ 6", "7 eur", "EUR 8", "$9 USD", "10", ""])
    assert money_sql(sheet, "value").currencies == {"$": 2, "EUR": 2, "USD": 1}


@pytest.mark.parametrize("values", [["1.234"], ["12.500", "7"], ["1,234", "999,999"], ["1.234", "5 €"]])
def test_thousands_or_decimals_is_asked(tmp_path: Path, values: list[str]) -> None:
    sheet = column(tmp_path, values)
    (fault,) = faults(lambda: money_sql(sheet, "value"))
    assert "--decimal" in fault.remedy
    assert fault.values[0] == values[0]
    mark = "," if "." in values[0] else "."
    assert typed(sheet, money_sql(sheet, "value", decimal=mark).sql)[0] == int(values[0].replace(".", "").replace(",", "")) * 100


@pytest.mark.parametrize(
    ("values", "minor"),
    [
        (["1054", "550"], [105_400, 55_000]),
        (["0.5"], [50]),
        (["1234.5"], [123_450]),
        (["1.234", "0,5"], [123_400, 50]),
        (["1.234.567", "1.234"], [123_456_700, 123_400]),
        (["1,234", "12.50"], [123_400, 1_250]),
    ],
)
def test_one_clear_row_settles_the_column(tmp_path: Path, values: list[str], minor: list[int]) -> None:
    sheet = column(tmp_path, values)
    assert typed(sheet, money_sql(sheet, "value").sql) == minor


def test_two_decimal_marks_in_one_column_are_refused(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["1.5", "2.5", "3,5", "n/a"])
    mixed, unreadable = faults(lambda: money_sql(sheet, "value"))
    assert (mixed.rows, unreadable.rows) == ([3], [4])
    assert [list(fault.rows) for fault in faults(lambda: money_sql(sheet, "value", decimal="."))] == [[3, 4]]


def test_what_is_no_amount_is_named(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["5", "TBD", "1.2.3", "(5", "--5", "12 34", "5 %", "1,23,45", "007,000"])
    (fault,) = faults(lambda: money_sql(sheet, "value", decimal="."))
    assert list(fault.rows) == [2, 3, 4, 5, 6, 7, 8, 9]
    scaled = column(tmp_path, ["5", "5M", "6k"])
    (fault,) = faults(lambda: money_sql(scaled, "value"))
    assert (list(fault.rows), "whole figure" in fault.remedy) == ([2, 3], True)


def test_surplus_decimals_are_refused_or_rounded_half_even(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["0.125", "0.135", "-0.125", "0.1251", "3333.3333333333", "2.50"])
    (fault,) = faults(lambda: money_sql(sheet, "value"))
    assert (list(fault.rows), "--round" in fault.remedy) == ([1, 2, 3, 4, 5], True)
    assert typed(sheet, money_sql(sheet, "value", rounding=True).sql) == [12, 14, -12, 13, 333_333, 250]


def test_exponents_of_currencies(tmp_path: Path) -> None:
    yen = column(tmp_path, ["1234", "5"])
    assert typed(yen, money_sql(yen, "value", exponent=0).sql) == [1234, 5]
    dinar = column(tmp_path, ["1.234", "0.5"])
    assert typed(dinar, money_sql(dinar, "value", exponent=3).sql) == [1234, 500]


def test_amounts_beyond_the_ledger_are_refused(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["9000000000000.00", "9000000000000.01", "1" * 50])
    assert list(faults(lambda: money_sql(sheet, "value"))[0].rows) == [2, 3]


def _render(value: Decimal, group: str, mark: str, negative: str, unit: str) -> str:
    whole, _, decimals = f"{abs(value):.2f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", group)
    text = grouped + mark + decimals
    if value < 0:
        text = negative.format(text)
    return unit.format(text)


STYLES = [
    (",", "."),
    (".", ","),
    (" ", "."),
    (" ", ","),
    ("\u202f", ","),
    ("\u00a0", "."),
    ("'", "."),
    ("’", "."),
    ("", "."),
    ("", ","),
]
MONEY = st.decimals(-9_000_000_000_000, 9_000_000_000_000, places=2)


@given(
    st.lists(MONEY, min_size=1, max_size=12),
    st.sampled_from(STYLES),
    st.sampled_from(["-{}", "\u2212{}", "({})", "{}-"]),
    st.sampled_from(["{}", "€{}", "{} €", "CHF {}", "{} EUR"]),
)
def test_money_in_one_style_reads_back_exactly(
    tmp_path: Path, values: list[Decimal], style: tuple[str, str], negative: str, unit: str
) -> None:
    sheet = column(tmp_path, [_render(value, *style, negative, unit) for value in values])
    assert typed(sheet, money_sql(sheet, "value").sql) == [int(value * 100) for value in values]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.sampled_from([",", "."]))
def test_grouped_whole_numbers_are_read_right_or_asked_about(tmp_path: Path, values: list[int], group: str) -> None:
    sheet = column(tmp_path, [f"{value:,}".replace(",", group) for value in values])
    mark = None
    try:
        integer_sql(sheet, "value")
    except ReadError as refused:
        mark, remedy = "." if group == "," else ",", refused.faults[0].remedy
    assert mark is None or "--decimal" in remedy
    assert typed(sheet, integer_sql(sheet, "value", decimal=mark)) == values


@given(st.lists(st.decimals(-(10**9), 10**9, places=7), min_size=1, max_size=8), st.integers(0, 4))
def test_rounding_is_pythons_half_even(tmp_path: Path, values: list[Decimal], exponent: int) -> None:
    sheet = column(tmp_path, [f"{value:f}" for value in values])
    expected = [int((value * 10**exponent).quantize(Decimal(1), ROUND_HALF_EVEN)) for value in values]
    assert typed(sheet, money_sql(sheet, "value", exponent=exponent, decimal=".", rounding=True).sql) == expected


def test_whole_numbers(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["1", "2.0", "-3", "1,000", ""])
    assert typed(sheet, integer_sql(sheet, "value")) == [1, 2, -3, 1000, None]
    halves = column(tmp_path, ["1", "2.5", "x", "$3"])
    assert list(faults(lambda: integer_sql(halves, "value"))[0].rows) == [3, 4]
    assert list(faults(lambda: integer_sql(column(tmp_path, ["1", "2.5"]), "value"))[0].rows) == [2]


@pytest.mark.parametrize(
    ("values", "points"),
    [
        (["65.0%", "5 %", "0"], [6500, 500, 0]),
        (["65", "0.5", "100"], [6500, 50, 10_000]),
        (["0.65", "1", "0", "0.33333"], [6500, 10_000, 0, 3333]),
        (["0,65", "0,5"], [6500, 5000]),
        (["0", "0"], [0, 0]),
    ],
)
def test_probabilities_are_percent_or_fractions_by_column(tmp_path: Path, values: list[str], points: list[int]) -> None:
    sheet = column(tmp_path, values)
    assert typed(sheet, probability_sql(sheet, "value")) == points


def test_probabilities_that_cannot_be_told_are_refused(tmp_path: Path) -> None:
    bits = column(tmp_path, ["1", "0"])
    assert faults(lambda: probability_sql(bits, "value"))[0].rows == [1]
    assert typed(bits, probability_sql(bits, "value", scale="percent")) == [100, 0]
    assert typed(bits, probability_sql(bits, "value", scale="fraction")) == [10_000, 0]
    mixed = column(tmp_path, ["65%", "0.5", "20"])
    assert faults(lambda: probability_sql(mixed, "value"))[0].rows == [2]
    assert typed(mixed, probability_sql(column(tmp_path, ["65%", "0.5"], con=mixed.con), "value", scale="fraction"))[:2] == [
        6500,
        5000,
    ]
    outside = column(tmp_path, ["65", "101", "-1"])
    assert faults(lambda: probability_sql(outside, "value"))[0].rows == [2, 3]


def test_yes_and_no(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["TRUE", "no", "Sì", "oui", "0", "1.0", "F", ""])
    assert typed(sheet, boolean_sql(sheet, "value")) == [True, False, True, True, False, True, False, None]
    marks = column(tmp_path, ["x", "", "X"])
    assert typed(marks, boolean_sql(marks, "value")) == [True, False, True]
    assert faults(lambda: boolean_sql(column(tmp_path, ["yes", "maybe"]), "value"))[0].values == ["maybe"]
