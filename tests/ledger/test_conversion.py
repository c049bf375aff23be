"""Money columns converted at constant and at dated rates, on every backend, against a loop in Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa
import pytest

from penstock.ledger.conversion import convert_column, convert_dated, missing_rates
from penstock.ledger.money import minor_unit, round_half_even
from penstock.ledger.rates import RateTable
from tests.databases import rows_of

EPOCH = date(1970, 1, 1)
TYPES = {"n": pa.int64(), "amount": pa.int64(), "currency": pa.string(), "day": pa.int32()}
RATES = RateTable.from_rows(
    [
        {"currency": "USD", "date": "2025-12-20", "rate": "0.95"},
        {"currency": "USD", "date": "2026-01-10", "rate": "0.9251"},
        {"currency": "USD", "date": "2026-01-11", "rate": "0.8999"},
        {"currency": "JPY", "date": "2026-01-01", "rate": "0.00615"},
        {"currency": "KWD", "date": "2025-06-01", "rate": "2.987654321"},
        {"currency": "KWD", "date": "2026-02-01", "rate": "3"},
    ],
    to="EUR",
)


@pytest.fixture(
    params=[
        "duckdb_con",
        "sqlite_con",
        pytest.param("postgres_con", marks=pytest.mark.postgres),
        pytest.param("spark_con", marks=pytest.mark.spark),
    ]
)
def con(request):
    return request.getfixturevalue(request.param)


def money(con, load, rows: Sequence[tuple[int | None, str | None, date | None]]):
    """A table with a row's number, amount, currency and day."""
    days = [None if day is None else (day - EPOCH).days for _, _, day in rows]
    data = {"n": range(len(rows)), "amount": [r[0] for r in rows], "currency": [r[1] for r in rows], "day": days}
    return load(con, "money", pa.table({name: pa.array(data[name], kind) for name, kind in TYPES.items()}))


def in_order(table, out: str = "eur") -> list[int | None]:
    ordered = table.select("n", out).order_by("n")
    ordered.get_backend()._run_pre_execute_hooks(ordered)  # brings the listed rates to the database, as any execution does
    return [row[out] for row in rows_of(ordered)]


def by_hand(amount: int | None, currency: str | None, rate: tuple[int, int], to: str = "EUR") -> int | None:
    if amount is None or currency in (None, to):
        return amount
    return round_half_even(amount * rate[0] * 10 ** minor_unit(to), rate[1] * 10 ** minor_unit(currency))


def test_constant_rates_respect_both_minor_units(con, load):
    rows = [
        (100_00, "USD", None),  # 100 dollars at 0.925
        (10_000, "JPY", None),  # 10,000 yen at 0.0062
        (1_000_000, "KWD", None),  # 1,000 dinars at 2.987654321
        (-1, "USD", None),
        (77, "EUR", None),
        (88, None, None),
        (None, "USD", None),
        (99, "CHF", None),
    ]
    table = money(con, load, rows)
    rates = {"USD": (925, 1000), "JPY": (62, 10_000), "KWD": (2_987_654_321, 10**9)}
    converted = convert_column(table, "amount", "currency", "eur", rates, to="EUR")
    assert converted.columns == (*table.columns, "eur")
    assert in_order(converted) == [92_50, 62_00, 298_765, -1, 77, 88, None, None]


def test_into_a_currency_of_more_and_of_fewer_digits(con, load):
    table = money(con, load, [(12_345, "USD", None), (-12_345, "USD", None), (5, "KWD", None)])
    dinars = convert_column(table, "amount", "currency", "kwd", {"USD": (307, 1000)}, to="KWD")
    assert in_order(dinars, "kwd") == [37_899, -37_899, 5]  # 123.45 × 0.307 = 37.89915
    yen = convert_column(table, "amount", "currency", "yen", {"USD": (150, 1), "KWD": (500, 1)}, to="JPY")
    assert in_order(yen, "yen") == [18_518, -18_518, 2]  # 18,517.5 and 2.5 go to the even one


def test_the_rate_of_each_row_s_day(con, load):
    some = random.Random(3)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(60)] + [date(2025, 12, 20), date(2031, 5, 5)]
    rows: list[tuple[int | None, str | None, date | None]] = [
        (some.randint(-(10**14), 10**14), some.choice(["USD", "KWD", "EUR", None]), some.choice(days)) for _ in range(150)
    ]
    rows += [(some.randint(-(10**9), 10**9), "JPY", day) for day in days[:40]]
    rows += [
        (None, "USD", days[0]),
        (12, "EUR", None),
        (0, None, None),
        (34, None, date(1999, 1, 1)),
        (56, "EUR", date(1999, 1, 1)),
    ]
    table = money(con, load, rows)
    converted = convert_dated(table, "amount", "currency", "day", "eur", RATES)
    assert converted.columns == (*table.columns, "eur")
    rated = [(1, 1) if code in (None, "EUR") or day is None else RATES.dated(code, day) for _, code, day in rows]
    assert in_order(converted) == [by_hand(amount, code, rate) for (amount, code, _), rate in zip(rows, rated, strict=True)]


def test_conversions_follow_one_another(con, load):
    table = money(con, load, [(1000, "USD", date(2026, 1, 9)), (1000, "USD", date(2026, 1, 11))])
    table = table.mutate(later=(table.day + 1).cast("int32"))
    once = convert_dated(table, "amount", "currency", "day", "at_day", RATES)
    twice = convert_dated(once, "amount", "currency", "later", "at_later", RATES)
    assert in_order(twice, "at_day") == [950, 900]
    assert in_order(twice, "at_later") == [925, 900]


def test_a_row_without_rate_is_null_never_another_day_s_money(con, load):
    table = money(con, load, [(1000, "USD", date(2025, 12, 19)), (1000, "CHF", date(2026, 1, 1)), (1000, "USD", None)])
    assert in_order(convert_dated(table, "amount", "currency", "day", "eur", RATES)) == [None, None, None]
    none = RateTable.from_rows([], to="EUR")
    assert in_order(convert_dated(table, "amount", "currency", "day", "eur", none)) == [None, None, None]


def test_missing_rates_are_named_with_their_first_day(con, load):
    rows = [
        (1, "USD", date(2025, 12, 20)),
        (2, "JPY", date(2025, 12, 31)),
        (2, "JPY", date(2025, 11, 30)),
        (3, "CHF", date(2026, 3, 1)),
        (4, "CHF", date(2026, 3, 2)),
        (0, "SEK", date(2026, 3, 1)),
        (None, "NOK", date(2026, 3, 1)),
        (5, "EUR", date(1990, 1, 1)),
        (6, None, date(1990, 1, 1)),
    ]
    table = money(con, load, rows)
    missing = missing_rates(table, "currency", "day", RATES, amount="amount")
    assert [(fault.currency, fault.day) for fault in missing] == [("CHF", date(2026, 3, 1)), ("JPY", date(2025, 11, 30))]
    every = missing_rates(table, "currency", "day", RATES)
    assert [fault.currency for fault in every] == ["CHF", "JPY", "NOK", "SEK"]
    assert missing_rates(table.filter(table.currency == "USD"), "currency", "day", RATES) == []
