"""Tables of rates: read from files as people write them, looked up by year and by day, refused in words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.ledger.money import minor_unit
from penstock.ledger.rates import MissingRate, MissingRates, RateTable, in_minor_units

DATED = """currency,date,rate
USD,2026-01-01,0.95
USD,2026-02-01,0.9250
gbp,2026-01-15,1.15
"""


@pytest.fixture
def dated(tmp_path) -> RateTable:
    path = tmp_path / "rates.csv"
    path.write_text(DATED)
    return RateTable.from_file(path, to="EUR")


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2026, 1, 1), (95, 100)),
        (date(2026, 1, 31), (95, 100)),
        (date(2026, 2, 1), (925, 1000)),
        (date(2030, 1, 1), (925, 1000)),
    ],
)
def test_the_rate_of_a_day_is_the_latest_at_or_before_it(dated, day, rate):
    assert dated.dated("USD", day) == rate
    assert dated.current("USD", day) == rate


def test_a_day_before_the_first_rate_is_refused_with_what_to_add(dated):
    with pytest.raises(
        MissingRate, match=r"from GBP to EUR for 2026-01-14 or before in rates\.csv; its first is of 2026-01-15"
    ) as caught:
        dated.dated("GBP", date(2026, 1, 14))
    fault = caught.value
    assert (fault.currency, fault.to, fault.day, fault.fiscal_year) == ("GBP", "EUR", date(2026, 1, 14), None)
    assert "Add a row with currency GBP, date 2026-01-14 or earlier, rate: what 1 GBP is worth in EUR." in str(fault)


def test_a_year_without_plan_rate_is_refused_with_what_to_add():
    table = RateTable.from_rows([{"currency": "USD", "fiscal_year": 2026, "rate": "0.9"}], to="EUR", source="plan.csv")
    assert table.plan("USD", 2026) == (9, 10)
    with pytest.raises(
        MissingRate, match=r"plan rate from USD to EUR for fiscal year 2027 in plan\.csv\. Add a row with currency USD"
    ) as caught:
        table.plan("USD", 2027)
    assert (caught.value.currency, caught.value.fiscal_year, caught.value.day) == ("USD", 2027, None)


def test_a_plan_rate_is_no_dated_rate_and_the_other_way_round(dated):
    with pytest.raises(MissingRate, match="plan rate"):
        dated.plan("USD", 2026)
    plan = RateTable.from_rows([{"currency": "USD", "fiscal_year": "FY2026", "rate": "0.9"}], to="EUR")
    with pytest.raises(MissingRate, match="2026-05-01 or before"):
        plan.dated("USD", date(2026, 5, 1))


def test_the_corporate_currency_is_at_par_without_a_row(dated):
    assert dated.plan("EUR", 1999) == dated.dated("EUR", date(1999, 1, 1)) == (1, 1)


def test_all_missing_rates_are_named_at_once(dated):
    assert dated.current_rates(["USD", "EUR"], date(2026, 1, 20)) == {"USD": (95, 100), "EUR": (1, 1)}
    with pytest.raises(MissingRates) as caught:
        dated.current_rates(["USD", "JPY", "GBP"], date(2026, 1, 2))
    assert [fault.currency for fault in caught.value.missing] == ["JPY", "GBP"]
    assert "from JPY to EUR" in str(caught.value)
    assert "from GBP to EUR" in str(caught.value)
    with pytest.raises(MissingRates, match="fiscal year 2026"):
        dated.plan_rates(["USD"], 2026)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "currency,rate,fiscal_year,to\nUSD,1.10,2026,EUR\n\n"),
        ("b.csv", "\ufeffCurrency;Rate;Fiscal_Year;To;Remark\r\nUSD;1.1;FY2026;eur;from treasury\r\n;;;;\r\n"),
        ("c.tsv", "fiscal_year\tto\tcurrency\trate\n2026\tEUR\tusd\t1.1\n2026\tEUR\tUSD\t1.100\n2026\tEUR\tEUR\t1\n"),
        ("d.csv", 'currency,rate,date,fiscal_year,to\n"USD","1.1","",2026,EUR\nUSD,1.2,2026-01-01,,\n'),
        ("e.yaml", "- {currency: USD, rate: 1.1, fiscal_year: 2026, to: EUR}\n"),
        ("f.yml", "to: EUR\nrates:\n  - currency: USD\n    rate: 1.10\n    fiscal_year: 2026\n"),
        ("g.json", '{"to": "EUR", "rates": [{"currency": "USD", "rate": "1.1", "fiscal_year": 2026}]}'),
    ],
)
def test_files_as_people_write_them(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    table = RateTable.from_file(path)
    assert table.to == "EUR"
    assert table.plan("USD", 2026) == (11, 10)


def test_a_rate_in_yaml_does_not_pass_through_a_float(tmp_path):
    path = tmp_path / "rates.yaml"
    path.write_text("- {currency: KWD, rate: 3.123456789, date: 2026-01-01}")
    assert RateTable.from_file(path, to="USD").dated("KWD", date(2026, 1, 1)) == (3_123_456_789, 10**9)


def test_rows_may_hold_python_s_own_values():
    rows = [
        {"currency": "USD", "date": date(2026, 1, 1), "rate": Decimal("0.95")},
        {"currency": "USD", "date": datetime(2026, 2, 1, 9), "rate": 1, "fiscal_year": None},
    ]
    table = RateTable.from_rows(rows, to="EUR")
    assert [table.dated("USD", date(2026, month, 5)) for month in (1, 2)] == [(95, 100), (1, 1)]


def test_every_faulty_row_is_listed(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text(
        "currency,date,fiscal_year,rate,to\n"
        "USD,2026-01-01,,0.95,EUR\n"
        "Dollar,2026-01-01,,0.95,EUR\n"
        "USD,01/02/2026,,0.95,EUR\n"
        "USD,,26,0.95,EUR\n"
        "USD,2026-01-01,2026,0.95,EUR\n"
        "USD,,,0.95,EUR\n"
        "USD,2026-01-02,,,EUR\n"
        'USD,2026-01-03,,"0,95",EUR\n'
        "USD,2026-01-04,,-1,EUR\n"
        "USD,2026-01-05,,0.00,EUR\n"
        "USD,2026-01-06,,0.1234567891,EUR\n"
        "USD,2026-01-07,,9000000000,EUR\n"
        "USD,2026-01-01,,0.96,EUR\n"
        "GBP,2026-01-01,,1.2,USD\n"
        "EUR,2026-01-01,,1.2,EUR\n"
        "USD,2026-02-30,,1.2,EUR\n"
    )
    with pytest.raises(ValueError, match=r"rates\.csv has faulty rows") as caught:
        RateTable.from_file(path, to="EUR")
    head, *faults = str(caught.value).splitlines()
    assert head == "rates.csv has faulty rows (15 of 16):"
    expected = [
        "line 3: 'Dollar' is not a currency code",
        "line 4: '01/02/2026' is not a date: write it like 2026-01-31.",
        "line 5: '26' is not a fiscal year: write it like 2026.",
        "line 6: give either a date or a fiscal_year, not both.",
        "line 7: give either a date or a fiscal_year.",
        "line 8: '' is not a rate",
        "line 9: '0,95' is not a rate: write a decimal number with a point",
        "line 10: '-1' is not a rate",
        "line 11: '0.00' is not a rate: it must be more than 0",
        "line 12: 0.1234567891 has too many digits",
        "line 13: 9000000000 has too many digits",
        "line 14: USD has another rate for 2026-01-01 in a row above.",
        "line 15: the rate is to USD, but the corporate currency is EUR.",
        "line 16: EUR is the corporate currency: its rate to itself is 1.",
        "line 17: '2026-02-30' is not a date",
    ]
    assert len(faults) == len(expected)
    for fault, words in zip(faults, expected, strict=True):
        assert fault.startswith(words)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("r.csv", "", "it is empty"),
        ("r.csv", "currency,worth\nUSD,1\n", "its first line has currency, worth"),
        ("r.csv", "currency,rate\nUSD,1\n", "it needs columns currency, rate, and date or fiscal_year"),
        (
            "r.csv",
            "currency,rate,date\nUSD,1,2026-01-01\n",
            "does not tell the corporate currency .it has no column `to`.*--currency",
        ),
        ("r.csv", "currency,rate,date,to\nUSD,1,2026-01-01,EUR\nUSD,1,2026-01-01,GBP\n", "names EUR, GBP"),
        ("r.yaml", "just words", "write a list of rows"),
        ("r.yaml", "rates: [1, 2]", "write a list of rows"),
        ("r.yaml", "{", "is not YAML"),
    ],
)
def test_what_is_no_table_of_rates_is_refused_in_words(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        RateTable.from_file(path)


def test_other_encodings_are_refused_in_words(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_bytes("currency,rate,date,note\nUSD,1,2026-01-01,für März\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"rates\.csv is not UTF-8"):
        RateTable.from_file(path, to="EUR")


RATES = st.builds(lambda digits, decimals: (digits, 10**decimals), st.integers(1, 9 * 10**9 - 1), st.integers(0, 9))
CODES = st.sampled_from(["JPY", "EUR", "KWD", "CLF"])


@given(RATES)
def test_a_rate_is_held_as_it_is_written(rate):
    numerator, denominator = rate
    text = format(Decimal(numerator) / denominator, "f")
    held = RateTable.from_rows([{"currency": "USD", "date": "2026-01-01", "rate": text}], to="EUR").dated("USD", date(2026, 1, 1))
    assert Fraction(*held) == Fraction(text)


@given(RATES, CODES, CODES)
def test_between_minor_units_a_rate_means_the_same(rate, currency, to):
    minor = in_minor_units(rate, currency, to)
    assert Fraction(*minor) == Fraction(*rate) * 10 ** minor_unit(to) / 10 ** minor_unit(currency)
    assert minor[1] <= 10**13
    assert minor[1] == 1 or minor[0] < 9 * 10**9


def test_ten_thousand_yen_in_euros():
    # 1 JPY = 0.0062 EUR, so 10,000 yen (10,000 minor units) are 62.00 euros (6,200 cents).
    assert in_minor_units((62, 10_000), "JPY", "EUR") == (31, 50)
    assert 10_000 * 31 // 50 == 6_200
