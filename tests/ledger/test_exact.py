"""Exact division in 64 bits on every backend, against Python's integers."""

from __future__ import annotations

import random

import ibis
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from penstock.ledger import exact
from penstock.ledger.money import AMOUNT_LIMIT, round_half_even
from tests.databases import rows_of

LARGE = 9_200_000_000_000_000_000
DATABASES = [
    "duckdb_con",
    "sqlite_con",
    pytest.param("postgres_con", marks=pytest.mark.postgres),
    pytest.param("spark_con", marks=pytest.mark.spark),
]
# From one to the largest, about where one guess of the quotient stops being enough, and with ties.
DIVISORS = [1, 2, 3, 7, 10, 100, 8191, 8192, 8193, 10_000, 86_400_000_000, 10**13, 10**15]
FRACTIONS = [(1, 1), (1, 2), (3, 4), (5, 10), (5, 1000), (9_999, 1), (10_825, 10_000), (31, 50), (1, 10**13)]
FRACTIONS += [(8_999_999_999, 10**9), (2_987_654_321, 10**10), (8_999_999_999, 10**13), (5 * 10**8, 10**13)]


@pytest.fixture(params=DATABASES)
def con(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=DATABASES[:2])
def quick_con(request):
    return request.getfixturevalue(request.param)


def around(limit: int) -> list[int | None]:
    """Extremes, small numbers, ties and a fixed choice of others, with a null."""
    some = random.Random(7)
    edges = [limit - n for n in (0, 1, 2, 4_999, 5_000, 5_001)]
    small = list(range(-30, 31)) + [n * 5_000 for n in range(-9, 10)]
    powers = [
        sign * (10**n + off) for n in range(1, len(str(limit)) - 1) for off in (-1, 0, 1, 5 * 10 ** (n - 1)) for sign in (1, -1)
    ]
    others = [some.randint(-limit, limit) for _ in range(200)]
    ties = [(2 * some.randint(-limit // 20_000, limit // 20_000) + 1) * 5_000 for _ in range(50)]
    return [None, *edges, *(-n for n in edges), *small, *powers, *others, *ties]


def columns(con, load, values: list[int | None], expressions) -> dict[str, list[int | None]]:
    """The values of each expression of the column `x`, in the order of `values`."""
    rows = pa.table({"n": pa.array(range(len(values)), pa.int64()), "x": pa.array(values, pa.int64())})
    table = load(con, "numbers", rows)
    found = rows_of(table.select("n", **expressions(table.x)).order_by("n"))
    return {name: [row[name] for row in found] for name in found[0] if name != "n"}


def test_floor_div(con, load):
    values = around(LARGE)
    found = columns(con, load, values, lambda x: {f"by_{d}": exact.floor_div(x, d) for d in DIVISORS})
    for d in DIVISORS:
        assert found[f"by_{d}"] == [None if x is None else x // d for x in values], d


def test_round_half_even_div(con, load):
    values = around(LARGE)
    found = columns(con, load, values, lambda x: {f"by_{d}": exact.round_half_even_div(x, d) for d in DIVISORS})
    for d in DIVISORS:
        assert found[f"by_{d}"] == [None if x is None else round_half_even(x, d) for x in values], d


def test_weighted(con, load):
    values = around(AMOUNT_LIMIT)
    points = [0, 1, 5, 2_500, 3_333, 5_000, 9_999, 10_000]
    found = columns(con, load, values, lambda x: {f"at_{bp}": exact.weighted(x, bp) for bp in points})
    for bp in points:
        assert found[f"at_{bp}"] == [None if x is None else round_half_even(x * bp, 10_000) for x in values], bp


def test_converted(con, load):
    values = around(AMOUNT_LIMIT)
    found = columns(con, load, values, lambda x: {f"c{n}": exact.converted(x, *f) for n, f in enumerate(FRACTIONS)})
    for n, (numerator, denominator) in enumerate(FRACTIONS):
        expected = [None if x is None else round_half_even(x * numerator, denominator) for x in values]
        assert found[f"c{n}"] == expected, (numerator, denominator)


def test_converted_by_columns(con, load):
    """Each row by a fraction of its own, as when a table's rates are looked up."""
    rows = [(x, *fraction) for x in around(AMOUNT_LIMIT)[::3] for fraction in FRACTIONS]
    names = ("x", "numerator", "denominator")
    data = {name: pa.array(values, pa.int64()) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    table = load(con, "numbers", pa.table({"n": pa.array(range(len(rows)), pa.int64()), **data}))
    value = exact.converted_by(table.x, table.numerator, table.denominator, wide=True)
    found = [row["value"] for row in rows_of(table.select("n", value=value).order_by("n"))]
    assert found == [None if x is None else round_half_even(x * numerator, denominator) for x, numerator, denominator in rows]


def test_weighted_by_a_column_of_narrow_types(con, load):
    rows = pa.table(
        {"amount": pa.array([1_999_999_999, -5, None], pa.int32()), "points": pa.array([9_999, 5_000, 1], pa.int32())}
    )
    table = load(con, "narrow", rows)
    found = sorted(
        (row["w"] for row in rows_of(table.select(w=exact.weighted(table.amount, table.points)))), key=lambda w: (w is None, w)
    )
    assert found == [-2, 1_999_799_999, None]


AMOUNTS = st.lists(st.integers(-AMOUNT_LIMIT, AMOUNT_LIMIT) | st.integers(-100, 100) | st.none(), min_size=1, max_size=30)
FRACTION = st.tuples(st.integers(1, 9 * 10**9 - 1), st.integers(0, 13).map(lambda power: 10**power))


@given(AMOUNTS, FRACTION, st.integers(0, 10_000))
@example([AMOUNT_LIMIT, -AMOUNT_LIMIT, 1 - AMOUNT_LIMIT], (8_999_999_999, 10**9), 9_999)
def test_money_is_that_of_python_s_integers(quick_con, load, amounts, fraction, points):
    numerator, denominator = fraction
    fits = [None if x is None or abs(x * numerator) > LARGE * denominator else x for x in amounts]
    found = columns(quick_con, load, fits, lambda x: {"c": exact.converted(x, *fraction), "w": exact.weighted(x, points)})
    assert found["c"] == [None if x is None else round_half_even(x * numerator, denominator) for x in fits]
    assert found["w"] == [None if x is None else round_half_even(x * points, 10_000) for x in fits]


@given(st.lists(st.integers(-LARGE, LARGE) | st.none(), min_size=1, max_size=30), st.integers(1, 10**15) | st.integers(1, 10**4))
def test_division_is_that_of_python_s_integers(quick_con, load, values, divisor):
    found = columns(
        quick_con, load, values, lambda x: {"f": exact.floor_div(x, divisor), "r": exact.round_half_even_div(x, divisor)}
    )
    assert found["f"] == [None if x is None else x // divisor for x in values]
    assert found["r"] == [None if x is None else round_half_even(x, divisor) for x in values]


def test_what_cannot_be_exact_is_refused():
    x = ibis.table({"x": "int64"}, name="t").x
    with pytest.raises(ValueError, match="divided by 0"):
        exact.floor_div(x, 0)
    for divisor in (-2, 10**17):
        with pytest.raises(ValueError, match=f"divided by {divisor} exactly"):
            exact.round_half_even_div(x, divisor)
    for numerator, denominator in [(0, 1), (-1, 1), (9 * 10**9, 10), (1, 10**14)]:
        with pytest.raises(ValueError, match="not a rate"):
            exact.converted(x, numerator, denominator)
