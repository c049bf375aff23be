"""Money columns from one currency into another, at constant rates or at the rate of each row's day.

All in 64-bit integers, rounded half to even per row (`exact`), so that every backend gives the same minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from penstock.ledger import exact
from penstock.ledger.money import currency_code
from penstock.ledger.rates import PAR, MissingRate, Rate, RateTable, in_minor_units

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_NUMERATOR, _DENOMINATOR, _CODE, _DAY = "rate_numerator__", "rate_denominator__", "rate_currency__", "rate_day__"


def convert_column(table: ir.Table, amount: str, currency: str, out: str, rates: Mapping[str, Rate], *, to: str) -> ir.Table:
    """`table` with `out`: the column `amount` (int64, minor units of the column `currency`) in minor units of `to`.

    rates: currency code -> rate to `to` in major units, as `RateTable.plan_rates` and `current_rates` give them. Money in
    `to`, and money without a currency (null), stays as it is; a currency that has no rate gives null: refuse it beforehand.
    """
    return convert_columns(table, {out: (amount, currency)}, rates, to=to)


def convert_columns(table: ir.Table, money: Mapping[str, tuple[str, str]], rates: Mapping[str, Rate], *, to: str) -> ir.Table:
    """`convert_column` for several columns at once. money: out -> (amount, currency)."""
    to = currency_code(to)
    fractions = {code: in_minor_units(rate, code, to) for code, rate in sorted({**rates, to: PAR}.items())}
    bound = {}
    for out, (_, currency) in money.items():
        for part, name in enumerate(_fraction(out)):
            bound[name] = _by_code(table[currency], {code: fraction[part] for code, fraction in fractions.items()})
    return _converted(
        table.mutate(**bound), table.columns, {out: amount for out, (amount, _) in money.items()}, fractions.values()
    )


def convert_dated(table: ir.Table, amount: str, currency: str, day: str, out: str, rates: RateTable) -> ir.Table:
    """`table` with `out`: the column `amount` in minor units of `rates.to`, at the rate in force on the row's `day`.

    day: an integer column, days since 1970-01-01. Otherwise as `convert_column`; rows that have no rate (`missing_rates`
    tells of them) get null.
    """
    return convert_dated_columns(table, {out: (amount, currency, day)}, rates)


def convert_dated_columns(table: ir.Table, money: Mapping[str, tuple[str, str, str]], rates: RateTable) -> ir.Table:
    """`convert_dated` for several columns at once. money: out -> (amount, currency, day)."""
    if not rates.days:
        undated = {out: (amount, currency) for out, (amount, currency, _) in money.items()}
        return convert_columns(table, undated, {}, to=rates.to)
    known = _rates_by_day(rates)
    last = pc.max(known[_DAY]).as_py()
    listed = ibis.memtable(known)
    joined, bound = table, {}
    for out, (_, currency, day) in money.items():
        names = {name: f"{name}{out}" for name in known.column_names}
        rate = listed.select(**{named: listed[name] for name, named in names.items()})
        # The latest rates stay in force, so every later day looks them up under the last day that is listed. (Databases do not
        # agree on the LEAST of a null.)
        looked_up = ibis.ifelse(table[day] > last, last, table[day])
        joined = joined.left_join(rate, [table[currency] == rate[names[_CODE]], looked_up == rate[names[_DAY]]])
        own = table[currency].isnull() | (table[currency] == rates.to)
        for name, part in zip(_fraction(out), (_NUMERATOR, _DENOMINATOR), strict=True):
            bound[name] = ibis.ifelse(own, 1, rate[names[part]]).cast("int64")
    found = joined.select(*(table[name] for name in table.columns), **bound)
    fractions = {in_minor_units(rate, code, rates.to) for code, entries in rates.days.items() for _, rate in entries}
    return _converted(found, table.columns, {out: amount for out, (amount, _, _) in money.items()}, fractions)


def _fraction(out: str) -> tuple[str, str]:
    return f"{_NUMERATOR}_of_{out}", f"{_DENOMINATOR}_of_{out}"


def _converted(bound: ir.Table, kept: Sequence[str], money: Mapping[str, str], fractions: Iterable[Rate]) -> ir.Table:
    """The columns `kept` and each `out` of money (out -> amount), by the fractions bound to its columns."""
    # A view, or Ibis would write each fraction out wherever it is used: slow everywhere, and too deep for SQLite.
    bound = bound.view()
    wide = any(exact.is_wide(*fraction) for fraction in fractions)
    converted = {}
    for out, amount in money.items():
        numerator, denominator = (bound[name] for name in _fraction(out))
        converted[out] = exact.converted_by(bound[amount], numerator, denominator, wide=wide)
    return bound.select(*kept, **converted)


def missing_rates(table: ir.Table, currency: str, day: str, rates: RateTable, *, amount: str | None = None) -> list[MissingRate]:
    """What `rates` lacks to convert `table` by the day: one error for each currency, at the first day that has no rate.

    currency, day: columns as in `convert_dated`. amount: a column; rows where it is null or 0 need no rate. Runs one query.
    """
    rows = table.filter(table[currency].notnull() & (table[currency] != rates.to))
    if amount is not None:
        rows = rows.filter(rows[amount] != 0)
    first_days = rows.group_by(code=rows[currency]).agg(first=rows[day].min()).order_by("code")
    missing = []
    for found in first_days.to_pyarrow().to_pylist():
        try:
            rates.dated(found["code"], date.fromordinal(_EPOCH_DAY + found["first"]))
        except MissingRate as fault:
            missing.append(fault)
    return missing


def _by_code(column: ir.Value, values: Mapping[str, int]) -> ir.Value:
    branches = [(column == code, ibis.literal(value, "int64")) for code, value in values.items()]
    return ibis.cases((column.isnull(), ibis.literal(1, "int64")), *branches, else_=ibis.null("int64"))


def _rates_by_day(rates: RateTable) -> pa.Table:
    """One row for each currency and day from its first rate to the table's last day.

    So the join is one of equality, which every backend hashes; a join by ranges of days would compare each row with each rate.
    """
    last = max(entries[-1][0] for entries in rates.days.values()).toordinal()
    columns: dict[str, list[str | int]] = {_CODE: [], _DAY: [], _NUMERATOR: [], _DENOMINATOR: []}
    for code, entries in rates.days.items():
        ends = [day.toordinal() for day, _ in entries[1:]] + [last + 1]
        for (begin, rate), end in zip(entries, ends, strict=True):
            numerator, denominator = in_minor_units(rate, code, rates.to)
            count = end - begin.toordinal()
            columns[_CODE] += [code] * count
            columns[_DAY] += range(begin.toordinal() - _EPOCH_DAY, end - _EPOCH_DAY)
            columns[_NUMERATOR] += [numerator] * count
            columns[_DENOMINATOR] += [denominator] * count
    types = {_CODE: pa.string(), _DAY: pa.int32(), _NUMERATOR: pa.int64(), _DENOMINATOR: pa.int64()}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
