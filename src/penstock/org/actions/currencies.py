"""Currencies in which deals may be made, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from penstock.ledger.money import currency_code
from penstock.ledger.rates import RateTable
from penstock.org.actions import permissions
from penstock.org.actions.writing import changed, created
from penstock.org.company import company
from penstock.org.models import Currency, Rate, User
from penstock.org.refusals import InvalidInput


def add_currency(by: User | None, code: str, *, reason: str = "") -> Currency:
    """Offer a currency of ISO 4217 in forms, anew or again. Raises NotAllowed, InvalidInput."""
    with transaction.atomic():
        permissions.require(by, "currencies")
        return offer(by, _code(code), reason)


def withdraw_currency(by: User | None, code: str, *, reason: str = "") -> Currency:
    """Offer a currency no more; deals that are in it stay so. The corporate currency is always offered."""
    with transaction.atomic():
        permissions.require(by, "currencies")
        row = Currency.objects.select_for_update().filter(pk=_code(code)).first()
        if row is None:
            raise InvalidInput({"currency": [_("%(code)s is not among the currencies.") % {"code": code}]})
        if row.code == company().corporate_currency:
            raise InvalidInput({"currency": [_("%(code)s is the corporate currency.") % {"code": row.code}]})
        return changed(by, row, {"active": False}, {"active"}, reason)


def offer(by: User | None, code: str, reason: str) -> Currency:
    """A currency that is offered, by a code that was checked."""
    row = Currency.objects.select_for_update().filter(pk=code).first()
    if row is None:
        return created(by, Currency(code=code), {"active": True}, {"active"}, reason)
    return changed(by, row, {"active": True}, {"active"}, reason)


def add_rate(
    by: User | None,
    currency: str,
    rate: str,
    *,
    day: date | None = None,
    fiscal_year: int | None = None,
    to: str | None = None,
    reason: str = "",
) -> Rate:
    """Say what 1 of a currency is worth: from a day on, or (plan) for a fiscal year. See `add_rates`."""
    row = {"currency": currency, "rate": rate, "day": day, "fiscal_year": fiscal_year, "to": to}
    return add_rates(by, [row], reason=reason)[0]


def add_rates(by: User | None, rows: Sequence[Mapping[str, Any]], *, reason: str = "") -> list[Rate]:
    """Add rates, all or none: `currency`, `rate` as decimal text, `day` or `fiscal_year`, and `to` (the corporate currency).

    A rate is kept exactly as its digits. Of two rows for the same day or year the later one counts; nothing is overwritten.
    Raises NotAllowed, InvalidInput with every faulty row, by its number from 0.
    """
    with transaction.atomic():
        permissions.require(by, "currencies")
        corporate = company().corporate_currency
        faults: dict[str, list[str]] = {}
        read = []
        for number, row in enumerate(rows):
            try:
                read.append(_read(row, corporate))
            except ValueError as fault:
                faults[f"rates.{number}"] = [str(fault)]
        if faults:
            raise InvalidInput(faults)
        fields = frozenset({"currency", "to", "rate", "day", "fiscal_year"})
        for code in dict.fromkeys(values["currency"] for values in read):
            if not Currency.objects.filter(pk=code).exists():
                offer(by, code, reason)
        return [created(by, Rate(), values, fields, reason) for values in read]


def _read(row: Mapping[str, Any], corporate: str) -> dict[str, Any]:
    """The fields of a rate, checked by the table of rates that will apply it. ValueError in words."""
    if isinstance(row.get("rate"), float):
        raise ValueError(_("Write the rate as text, such as 1.0825: a float does not keep its digits."))
    to = currency_code(str(row.get("to") or corporate))
    code = currency_code(str(row.get("currency") or ""))
    if code == to:
        raise ValueError(_("%(code)s is worth 1 in itself; give a rate of another currency.") % {"code": code})
    when = {"date": row.get("day"), "fiscal_year": row.get("fiscal_year")}
    given: dict[str, object] = {"currency": code, "to": to, "rate": str(row.get("rate") or "").strip()}
    try:
        table = RateTable.from_rows([given | {name: value for name, value in when.items() if value is not None}], to=to)
    except ValueError as fault:
        raise ValueError(str(fault).split("row 1: ", 1)[-1]) from None
    day = table.days[code][0][0] if table.days else None
    year = next((year for _, year in table.plans), None)
    return {"currency": code, "to": to, "rate": given["rate"], "day": day, "fiscal_year": year}


def _code(code: str) -> str:
    try:
        return currency_code(code)
    except ValueError as fault:
        raise InvalidInput({"currency": [str(fault)]}) from None
