"""The company's row, its fiscal calendar and its rates, in the ledger's terms."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from penstock.ledger.calendar import FiscalCalendar
from penstock.ledger.rates import RateTable
from penstock.org.models import Company, Rate


def company() -> Company:
    """The company; before it is set up, one with the defaults that is not saved."""
    return Company.objects.filter(pk=1).first() or Company(pk=1, name="")


def fiscal_calendar(of: Company | None = None) -> FiscalCalendar:
    """The company's fiscal calendar and time zone."""
    row = of or company()
    return FiscalCalendar(
        start_month=row.fiscal_start_month,
        pattern=row.calendar_pattern,
        week_start=row.week_start,
        anchor=row.calendar_anchor,
        timezone=row.time_zone,
        named_by=row.year_named_by,
    )


def today(of: Company | None = None) -> date:
    """The day that it is at the company."""
    return fiscal_calendar(of).local_date(timezone.now())


def rate_table(of: Company | None = None) -> RateTable:
    """Every rate to the corporate currency; of two for the same day or year the later one counts."""
    to = (of or company()).corporate_currency
    rows: dict[tuple[str, object], dict[str, object]] = {}
    for rate in Rate.objects.filter(to=to).order_by("id"):
        row: dict[str, object] = {"currency": rate.currency_id, "to": to, "rate": rate.rate}
        row |= {"date": rate.day} if rate.day else {"fiscal_year": rate.fiscal_year}
        rows[rate.currency_id, rate.day or rate.fiscal_year] = row
    return RateTable.from_rows(rows.values(), to=to, source="the company's rates")
