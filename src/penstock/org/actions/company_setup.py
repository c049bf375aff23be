"""What the whole company has agreed on: name, calendar, corporate currency, language. Nothing stored is rewritten by it.

Periods and amounts in the corporate currency are computed when they are asked for, so that a change shows at once in every
report, of the past too, and taking it back gives the reports as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from penstock.ledger.calendar import ANCHORS, PATTERNS, WEEKDAYS, FiscalCalendar
from penstock.ledger.instants import time_zone
from penstock.ledger.money import currency_code
from penstock.org.actions import permissions
from penstock.org.actions.currencies import offer
from penstock.org.actions.writing import Faults, changed, created
from penstock.org.models import Company, User

EDITABLE = frozenset(
    """name corporate_currency time_zone language fiscal_start_month calendar_pattern week_start calendar_anchor year_named_by
    report_rate alert_days""".split()
)
_OFFERED: dict[str, tuple[str, ...]] = {
    "calendar_pattern": PATTERNS,
    "week_start": WEEKDAYS,
    "calendar_anchor": ANCHORS,
    "year_named_by": ("start", "end"),
    "report_rate": ("plan", "dated", "current"),
    "language": tuple(dict(settings.LANGUAGES)),
}


def set_up_company(by: User | None, changes: Mapping[str, Any], *, reason: str = "") -> Company:
    """Set fields of EDITABLE, the first time and later. Raises NotAllowed, InvalidInput with every fault.

    A corporate currency that is not among the currencies yet is added. Rates to it are asked for where a report needs one.
    """
    with transaction.atomic():
        permissions.require(by, "company")
        row = Company.objects.select_for_update().filter(pk=1).first()
        values = dict(changes)
        faults = _faults(values)
        if "corporate_currency" in values and "corporate_currency" not in faults:
            values["corporate_currency"] = currency_code(str(values["corporate_currency"]))
            offer(by, values["corporate_currency"], reason)
        if row is None:
            return created(by, Company(pk=1), values, EDITABLE, reason, faults)
        return changed(by, row, values, EDITABLE, reason, faults)


def _faults(values: Mapping[str, Any]) -> Faults:
    faults: Faults = {}
    for name, offered in _OFFERED.items():
        if name in values and values[name] not in offered:
            faults[name] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(offered)}]
    _try(faults, values, "corporate_currency", lambda value: currency_code(str(value)))
    _try(faults, values, "time_zone", lambda value: time_zone(str(value)))
    _try(faults, values, "fiscal_start_month", _month)
    days = values.get("alert_days", {})
    if not isinstance(days, Mapping) or not all(type(count) is int and count > 0 for count in days.values()):
        faults["alert_days"] = [_("Give a number of days, 1 or more, for each kind of alert.")]
    return faults


def _try(faults: Faults, values: Mapping[str, Any], name: str, read: Any) -> None:
    if name in values:
        try:
            read(values[name])
        except ValueError as fault:
            faults[name] = [str(fault)]


def _month(value: Any) -> None:
    if type(value) is not int:
        raise ValueError(_("Give the number of a month, from 1 to 12."))
    FiscalCalendar(start_month=value)
