"""Columns of money and of whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from penstock.readers.currencies import CODES, is_currency
from penstock.readers.faults import Fault, ReadError
from penstock.readers.findings import ask, fault_of
from penstock.readers.numbers import CURRENCY, NOTHING, Numbers, read_numbers, scaled_sql, surplus_sql
from penstock.readers.quoting import literal
from penstock.readers.sheet import Sheet

LARGEST_MINOR = 900_000_000_000_000
LARGEST_INTEGER = 9_000_000_000_000_000_000


@dataclass(frozen=True)
class MoneyColumn:
    """sql: BIGINT minor units. currencies: the signs and codes found beside the amounts, with how often (codes in capitals)."""

    sql: str
    currencies: dict[str, int] = field(default_factory=dict)


def _units(sheet: Sheet, column: str, numbers: Numbers) -> tuple[dict[str, int], list[Fault]]:
    """What stands beside the numbers, and the rows where that is no currency."""
    unit = f"({numbers.read}).u"
    rows = sheet.con.execute(
        f"SELECT unit, count(*) FROM (SELECT {unit} AS unit FROM {sheet.table}) WHERE unit <> '' GROUP BY unit ORDER BY unit"
    ).fetchall()
    found: dict[str, int] = {}
    for name, count in rows:
        if is_currency(name):
            code = name.upper() if name.upper() in CODES else name
            found[code] = found.get(code, 0) + int(count)
    strange = [name for name, _ in rows if not is_currency(name)]
    if not strange:
        return found, []
    where = f"{unit} IN ({', '.join(literal(name) for name in strange)})"
    what = "Column {column}: beside {count} [amount|amounts] stands what is no currency ({strange})."
    remedy = "Write the whole figure, with an ISO code or nothing beside it."
    fault = fault_of(sheet, column, where, what, remedy, strange=", ".join(strange[:5]))
    return found, [fault] if fault else []


def _limits(sheet: Sheet, column: str, numbers: Numbers, exponent: int, rounding: bool, largest: int) -> list[Fault]:
    """Rows with too many decimals, or too large for the ledger."""
    faults = []
    scaled = scaled_sql(numbers.read, exponent)
    if not rounding:
        what = f"Column {{column}}: {{count}} [value has|values have] more than {exponent} decimals."
        remedy = "Give --round to round half to even, or the right --currency." if exponent else "Write them without decimals."
        faults.append(fault_of(sheet, column, surplus_sql(numbers.read, exponent), what, remedy))
    where = f"{numbers.text} IS NOT NULL AND coalesce(abs({scaled}) > {largest}, true)"
    what = f"Column {{column}}: {{count}} [value is|values are] larger than {largest // 10**exponent:,}."
    faults.append(fault_of(sheet, column, where, what, "Correct these values; are digits doubled?"))
    return [fault for fault in faults if fault is not None]


def _typed(sheet: Sheet, numbers: Numbers, exponent: int) -> str:
    """SQL: BIGINT. Where every value is plain, DuckDB's own decimals (of 18 digits) are as exact, and much faster."""
    whole = min(15, 18 - exponent)
    pattern = rf"-?\d{{1,{whole}}}" + (rf"(?:\.\d{{1,{exponent}}})?" if exponent else "")
    if not ask(sheet, "1", f"{numbers.text} IS NOT NULL AND NOT regexp_full_match({numbers.text}, '{pattern}') LIMIT 1"):
        return f"(({numbers.text})::DECIMAL(18, {exponent}) * {10**exponent})::BIGINT"
    return f"({scaled_sql(numbers.read, exponent)})::BIGINT"


def money_sql(sheet: Sheet, column: str, *, exponent: int = 2, decimal: str | None = None, rounding: bool = False) -> MoneyColumn:
    """SQL that reads a column as money: BIGINT minor units, exact; and the currencies found in it.

    Read are $22,700.00, 1.234,56 €, 1 234,56, CHF 1'234.50, (1,200.00), 1,200.00-, 1e6 and 12,34,567.00, with any kind of space
    or minus. exponent: decimals of the currency. decimal: "." or ",", where the rows do not settle it; a column is settled by
    any row that has one reading only. rounding: round surplus decimals half to even.
    Raises ReadError, with rows: no numbers; more decimals than the exponent (zeros and the noise of floating point aside);
    more than 9e14 minor units; units that are no currency; both marks used as decimal; and a column that can be read in two ways.
    """
    numbers = read_numbers(sheet, column, CURRENCY, decimal)
    currencies, faults = _units(sheet, column, numbers)
    faults += _limits(sheet, column, numbers, exponent, rounding, LARGEST_MINOR)
    if faults:
        raise ReadError(faults)
    return MoneyColumn(_typed(sheet, numbers, exponent), currencies)


def integer_sql(sheet: Sheet, column: str, *, decimal: str | None = None) -> str:
    """SQL that reads a column as whole numbers: BIGINT. Forms, `decimal` and errors as for money, without a unit; 3.0 is 3."""
    numbers = read_numbers(sheet, column, NOTHING, decimal)
    faults = _limits(sheet, column, numbers, 0, False, LARGEST_INTEGER)
    if faults:
        raise ReadError(faults)
    return _typed(sheet, numbers, 0)
