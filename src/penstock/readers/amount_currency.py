"""Amounts and the currency they are in: how many decimals it has, and what a sign beside an amount tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from penstock.ledger.money import minor_unit
from penstock.readers import columns
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.options import Options
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet

# Signs that are one currency's only; $, ¥ and kr are several's.
_SIGNS = {"€": "EUR", "₹": "INR", "₩": "KRW", "₪": "ILS", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₫": "VND", "zł": "PLN"}


def amounts(sheet: Sheet, role: str, roles: Mapping[str, str], typed: dict[str, str], options: Options, notes: list[Note]) -> str:
    """SQL for an amount column in minor units of its row's currency.

    Adds `currency` to `typed` where only the amounts tell it, and notes for what was assumed. Raises ReadError for unreadable
    amounts and for signs of several currencies in a column without a currency beside it.
    """
    column, currency = roles[role], roles.get("currency")
    if currency is None:
        code = options.currency or options.constants.get("currency")
        exponent = _exponent(code, sheet)
        money = columns.money_sql(sheet, column, exponent=exponent, decimal=options.decimal, rounding=options.rounding)
        if role == "amount" and code is None:
            _tell(sheet, column, dict(money.currencies), typed, notes)
        return money.sql
    return _by_currency(sheet, column, currency, options)


def _by_currency(sheet: Sheet, column: str, currency: str, options: Options) -> str:
    """One expression per number of decimals among the column's currencies, chosen in each row."""
    key = f"upper({identifier(currency)})"
    codes = [row[0] for row in sheet.con.execute(f"SELECT DISTINCT {key} FROM {sheet.table}").fetchall()]
    by_exponent: dict[int, list[str]] = {}
    for code in codes:
        by_exponent.setdefault(_exponent(code or options.currency, sheet, currency), []).append(code or "")
    if len(by_exponent) <= 1:
        exponent = next(iter(by_exponent), 2)
        return columns.money_sql(sheet, column, exponent=exponent, decimal=options.decimal, rounding=options.rounding).sql
    cases = []
    for exponent, names in by_exponent.items():
        among = f"coalesce({key}, '') IN ({', '.join(literal(name) for name in names)})"
        view = f"{sheet.table}_exponent_{exponent}"
        sheet.con.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM {sheet.table} WHERE {among}")
        view_sheet = replace(sheet, table=view)
        money = columns.money_sql(view_sheet, column, exponent=exponent, decimal=options.decimal, rounding=options.rounding)
        cases.append(f"WHEN {among} THEN ({money.sql})")
    return f"CASE {' '.join(cases)} END"


def _tell(sheet: Sheet, column: str, signs: dict[str, int], typed: dict[str, str], notes: list[Note]) -> None:
    """The currency that the signs beside the amounts name, if it is one and no other country's."""
    codes = {_SIGNS.get(sign, sign if len(sign) == 3 and sign.isalpha() else ""): sign for sign in signs}
    if len(signs) > 1 and len(codes) > 1:
        what = f"Column {column} has amounts in several currencies ({', '.join(signs)}) and no column says which row is in which."
        raise ReadError(
            [Fault(what, "Add a column with currency codes and name it with --map currency=COLUMN.", sheet.path, column)]
        )
    code = next(iter(codes), "")
    if code:
        typed["currency"] = literal(code.upper())
        notes.append(Note("currency_from_sign", sum(signs.values()), values={"code": code.upper(), "sign": codes[code]}))
    elif signs:
        sign = next(iter(signs))
        notes.append(Note("sign_of_several", signs[sign], "unknown", {"sign": sign}))


def _exponent(code: str | None, sheet: Sheet, column: str = "") -> int:
    if not code:
        return 2
    try:
        return minor_unit(code.upper())
    except ValueError as error:
        what = f"{code} is not the code of a currency."
        raise ReadError([Fault(what, "Use ISO 4217 codes, such as EUR.", sheet.path, column, (), (code,))]) from error
