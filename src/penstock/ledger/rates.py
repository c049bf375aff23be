"""Exchange rates: what one unit of a currency is worth in the corporate currency, by fiscal year (plan) or by day (dated).

A rate is an exact fraction (numerator, power of ten), small enough for `exact.converted` to apply it in 64 bits.
`conversion` applies rates to tables; here they are read, checked and looked up.
"""

from __future__ import annotations

import csv
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeAlias

from penstock.ledger.money import currency_code, minor_unit

# Corporate units for one unit, both in major units: numerator / denominator.
Rate: TypeAlias = tuple[int, int]
PAR: Final[Rate] = (1, 1)

_NUMERATOR_LIMIT: Final = 9 * 10**9
_DECIMALS_LIMIT: Final = 9
_RATE: Final = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)
_YEAR: Final = re.compile(r"(?:FY ?)?(\d{4})", re.ASCII | re.IGNORECASE)


class MissingRate(ValueError):  # noqa: N818
    """A rate that is asked for and not in the table: of `currency`, at `day` or for `fiscal_year`."""

    def __init__(
        self,
        currency: str,
        to: str,
        source: str,
        *,
        day: date | None = None,
        fiscal_year: int | None = None,
        first: date | None = None,
    ) -> None:
        self.currency, self.to, self.source, self.day, self.fiscal_year = currency, to, source, day, fiscal_year
        worth = f"rate: what 1 {currency} is worth in {to}"
        if day is None:
            text = (
                f"There is no plan rate from {currency} to {to} for fiscal year {fiscal_year} in {source}. "
                f"Add a row with currency {currency}, fiscal_year {fiscal_year}, {worth}."
            )
        else:
            begins = f"; its first is of {first}" if first else ""
            text = (
                f"There is no rate from {currency} to {to} for {day} or before in {source}{begins}. "
                f"Add a row with currency {currency}, date {day} or earlier, {worth}."
            )
        super().__init__(text)


class MissingRates(ValueError):  # noqa: N818
    """Several missing rates at once; `missing` holds them."""

    def __init__(self, missing: Sequence[MissingRate]) -> None:
        self.missing = tuple(missing)
        super().__init__("\n".join(map(str, missing)))


@dataclass(frozen=True)
class RateTable:
    """Rates to one corporate currency, `to`. `source` names in errors where they came from (a file).

    plans: (currency, fiscal year) -> rate. days: currency -> its dated rates, by date. The corporate currency itself is at
    par always and needs no row.
    """

    to: str
    source: str
    plans: Mapping[tuple[str, int], Rate] = field(default_factory=dict)
    days: Mapping[str, Sequence[tuple[date, Rate]]] = field(default_factory=dict)

    @classmethod
    def from_file(cls, path: str | Path, *, to: str | None = None) -> RateTable:
        """Read a CSV file, or (by its suffix .yaml, .yml or .json) a YAML list of rows, alone or under the key `rates`.

        Columns: currency, rate (decimal, with a point), and date (YYYY-MM-DD) or fiscal_year; optionally `to`, the corporate
        currency. A row has either a date or a fiscal year. ValueError lists every faulty row; FileNotFoundError as usual.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise ValueError(f"{path.name} is not UTF-8 text. Save it as UTF-8, CSV or YAML.") from None
        rows = _yaml_rows(text, path.name) if path.suffix.lower() in (".yaml", ".yml", ".json") else _csv_rows(text, path.name)
        return cls._from_placed(rows, to, path.name)

    @classmethod
    def from_rows(
        cls, rows: Iterable[Mapping[str, object]], *, to: str | None = None, source: str = "the rates given"
    ) -> RateTable:
        """The table of these rows: keys as the columns of `from_file`, values as text, numbers or dates. ValueError likewise."""
        return cls._from_placed([(f"row {number}", row) for number, row in enumerate(rows, start=1)], to, source)

    @classmethod
    def _from_placed(cls, rows: Sequence[tuple[str, Mapping[str, object]]], to: str | None, source: str) -> RateTable:
        corporate = _corporate([_text(row, "to") for _, row in rows], to, source)
        read: dict[tuple[str, int | date], Rate] = {}
        faults: list[str] = []
        for where, row in rows:
            try:
                currency, when, rate = _read(row, corporate)
                if read.setdefault((currency, when), rate) != rate:
                    raise ValueError(f"{currency} has another rate for {when} in a row above")
            except ValueError as fault:
                faults.append(f"{where}: {str(fault).removesuffix('.')}.")
        if faults:
            raise ValueError(f"{source} has faulty rows ({len(faults)} of {len(rows)}):\n" + "\n".join(faults))
        plans = {(currency, when): rate for (currency, when), rate in read.items() if isinstance(when, int)}
        days: dict[str, list[tuple[date, Rate]]] = {}
        for (currency, when), rate in read.items():
            if isinstance(when, date):
                days.setdefault(currency, []).append((when, rate))
        return cls(corporate, source, plans, {currency: sorted(entries) for currency, entries in days.items()})

    def plan(self, currency: str, fiscal_year: int) -> Rate:
        """The plan rate of a fiscal year, by the name the fiscal calendar gives it; MissingRate where there is none."""
        if currency == self.to:
            return PAR
        rate = self.plans.get((currency, fiscal_year))
        if rate is None:
            raise MissingRate(currency, self.to, self.source, fiscal_year=fiscal_year)
        return rate

    def dated(self, currency: str, day: date) -> Rate:
        """The rate in force on a day: the latest of that day or before; MissingRate where there is none."""
        if currency == self.to:
            return PAR
        known = self.days.get(currency, ())
        position = bisect_right(known, day, key=lambda entry: entry[0])
        if position == 0:
            raise MissingRate(currency, self.to, self.source, day=day, first=known[0][0] if known else None)
        return known[position - 1][1]

    def current(self, currency: str, day: date) -> Rate:
        """The one rate for all money of a report made on `day`: the dated rate of that day. MissingRate as `dated`."""
        return self.dated(currency, day)

    def plan_rates(self, currencies: Iterable[str], fiscal_year: int) -> dict[str, Rate]:
        """The plan rate of each currency; MissingRates names every one that is not there."""
        return _each(currencies, lambda currency: self.plan(currency, fiscal_year))

    def current_rates(self, currencies: Iterable[str], day: date) -> dict[str, Rate]:
        """The rate of each currency in force on `day`; MissingRates names every one that is not there."""
        return _each(currencies, lambda currency: self.current(currency, day))


def in_minor_units(rate: Rate, currency: str, to: str) -> Rate:
    """The rate between minor units (cents to yen, say), as a fraction in lowest terms that `exact.converted` takes."""
    numerator, denominator = rate
    shift = minor_unit(to) - minor_unit(currency)
    numerator, denominator = numerator * 10 ** max(shift, 0), denominator * 10 ** max(-shift, 0)
    common = math.gcd(numerator, denominator)
    return numerator // common, denominator // common


def _each(currencies: Iterable[str], rate_of: Callable[[str], Rate]) -> dict[str, Rate]:
    rates: dict[str, Rate] = {}
    missing: list[MissingRate] = []
    for currency in currencies:
        try:
            rates[currency] = rate_of(currency)
        except MissingRate as fault:
            missing.append(fault)
    if missing:
        raise MissingRates(missing)
    return rates


def _csv_rows(text: str, source: str) -> list[tuple[str, Mapping[str, object]]]:
    lines = text.splitlines()
    header = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=max(",;\t", key=header.count))
    names: list[str] = []
    rows: list[tuple[str, Mapping[str, object]]] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = [cell.strip().lower() for cell in cells]
            continue
        rows.append((f"line {reader.line_num}", dict(zip(names, cells, strict=False))))
    if not {"currency", "rate"} <= set(names) or not {"date", "fiscal_year"} & set(names):
        has = f"its first line has {', '.join(names)}" if names else "it is empty"
        raise ValueError(f"{source} is not a table of rates: it needs columns currency, rate, and date or fiscal_year; {has}.")
    return rows


def _yaml_rows(text: str, source: str) -> list[tuple[str, Mapping[str, object]]]:
    import yaml

    try:
        # BaseLoader leaves every value as it is written: a rate must not pass through a float.
        content = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as fault:
        raise ValueError(f"{source} is not YAML: {fault}") from None
    shared = {key: value for key, value in content.items() if key == "to"} if isinstance(content, dict) else {}
    rows = content.get("rates") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(
            f"{source} is not a table of rates: write a list of rows like {{currency: USD, date: 2026-01-31, rate: 0.92}}."
        )
    return [(f"row {number}", shared | row) for number, row in enumerate(rows, start=1)]


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if isinstance(value, datetime):
        value = value.date()
    return "" if value is None else str(value).strip()


def _corporate(named: Sequence[str], to: str | None, source: str) -> str:
    """The corporate currency: the one asked for, else the only one that the rows name."""
    if to is not None:
        return currency_code(to)
    codes = sorted({name.upper() for name in named if name})
    if len(codes) != 1:
        found = f"its column `to` names {', '.join(codes)}" if codes else "it has no column `to`"
        raise ValueError(
            f"{source} does not tell the corporate currency ({found}). Name one, with --currency or in every row's `to`."
        )
    return currency_code(codes[0])


def _read(row: Mapping[str, object], corporate: str) -> tuple[str, int | date, Rate]:
    currency = currency_code(_text(row, "currency"))
    to = _text(row, "to")
    if to and to.upper() != corporate:
        raise ValueError(f"the rate is to {to}, but the corporate currency is {corporate}")
    rate = _rate(_text(row, "rate"))
    if currency == corporate and rate != PAR:
        raise ValueError(f"{currency} is the corporate currency: its rate to itself is 1")
    return currency, _when(_text(row, "date"), _text(row, "fiscal_year")), rate


def _when(day: str, year: str) -> int | date:
    if bool(day) == bool(year):
        raise ValueError("give either a date or a fiscal_year" + (", not both" if day else ""))
    if year:
        match = _YEAR.fullmatch(year)
        if match is None:
            raise ValueError(f"{year!r} is not a fiscal year: write it like 2026")
        return int(match[1])
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise ValueError
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"{day!r} is not a date: write it like 2026-01-31") from None


def _rate(text: str) -> Rate:
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a rate: write a decimal number with a point, like 1.0825")
    decimals = (match[2] or "").rstrip("0")
    numerator = int(match[1] + decimals)
    if numerator == 0:
        raise ValueError(f"{text!r} is not a rate: it must be more than 0")
    if len(decimals) > _DECIMALS_LIMIT or numerator >= _NUMERATOR_LIMIT:
        raise ValueError(f"{text} has too many digits to be applied exactly: round it to 9 decimals, and to 9 digits in all")
    return numerator, 10 ** len(decimals)
