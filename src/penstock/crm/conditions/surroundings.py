"""What a condition knows beside the record: the moment, the company's day, currency and rates, and the kinds of custom fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm.actions.lookups import remembered
from penstock.crm.models import CustomField
from penstock.ledger.calendar import FiscalCalendar
from penstock.ledger.money import minor_unit, round_half_even, to_minor
from penstock.ledger.rates import RateTable, in_minor_units
from penstock.org.company import company, fiscal_calendar, rate_table
from penstock.org.models import Company


class Surroundings:
    """One moment at the company. Each part is read when it is first asked for, and once."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self._kinds: dict[str, dict[str, str]] = {}

    @cached_property
    def company(self) -> Company:
        """The company's row."""
        return company()

    @cached_property
    def calendar(self) -> FiscalCalendar:
        """The company's calendar and time zone."""
        return fiscal_calendar(self.company)

    @cached_property
    def today(self) -> date:
        """The day that it is at the company."""
        return self.calendar.local_date(self.now)

    @cached_property
    def rates(self) -> RateTable:
        """The rates to the corporate currency."""
        return rate_table(self.company)

    def custom_kinds(self, record_type: str) -> Mapping[str, str]:
        """Key -> kind, of the custom fields of a kind of record."""
        if record_type not in self._kinds:
            declared = CustomField.objects.filter(record_type=record_type)
            self._kinds[record_type] = dict(declared.values_list("key", "kind"))
        return self._kinds[record_type]


def surroundings() -> Surroundings:
    """Those of this moment; in a change, the same for all that is asked in it."""
    return remembered("surroundings of conditions", Surroundings)


class Faults:
    """What functions could not do, in words: kept here, since what a function raises is not told through CEL."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def guarded(self, name: str, arguments: int, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, giving null for null and for what it cannot do."""

        def call(*values: Any) -> Any:
            if len(values) != arguments:
                self.words.append(_("%(name)s takes %(count)s values.") % {"name": name, "count": arguments})
                return None
            if name != "filled" and any(value is None for value in values):
                return None
            try:
                return function(*values)
            except ValueError as fault:
                self.words.append(f"{name}: {fault}")
                return None

        return call


# How many values each function takes.
FUNCTIONS = {"money": 1, "corporate": 2, "days_since": 1, "days_until": 1, "filled": 1}


def functions(around: Surroundings, faults: Faults) -> dict[str, Callable[..., Any]]:
    """The functions of the language at one moment, by name."""
    found: dict[str, Callable[..., Any]] = {
        "money": lambda amount: _money(around, amount),
        "corporate": lambda amount, currency: _corporate(around, amount, currency),
        "days_since": lambda moment: (around.today - _day(around, moment)).days,
        "days_until": lambda moment: (_day(around, moment) - around.today).days,
        "filled": lambda value: value not in (None, "", [], {}),
    }
    return {name: faults.guarded(name, FUNCTIONS[name], function) for name, function in found.items()}


def _money(around: Surroundings, amount: Any) -> int:
    if isinstance(amount, bool) or not isinstance(amount, (int, str)):
        raise ValueError(_('write a whole number, or decimals in quotes: money(50000), money("1234.50").'))
    digits = minor_unit(around.company.corporate_currency)
    return to_minor(amount if isinstance(amount, str) else Decimal(amount), digits)


def _corporate(around: Surroundings, amount: Any, currency: Any) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise ValueError(_("the amount is a whole number of minor units."))
    code, to = str(currency), around.company.corporate_currency
    if code == to:
        return amount
    if around.company.report_rate == "plan":
        rate = around.rates.plan(code, around.calendar.quarter_of(around.today).year)
    else:
        rate = around.rates.current(code, around.today)
    numerator, denominator = in_minor_units(rate, code, to)
    return round_half_even(amount * numerator, denominator)


def _day(around: Surroundings, moment: Any) -> date:
    if isinstance(moment, datetime):
        return around.calendar.local_date(moment)
    try:
        return date.fromisoformat(str(moment))
    except ValueError:
        raise ValueError(_("%(value)s is no day; write it as YYYY-MM-DD.") % {"value": moment}) from None
