"""After how many days something is told or done: the company's own numbers, or the usual ones."""

from __future__ import annotations

from django.utils.translation import gettext as _

from penstock.crm.refusals import InvalidInput
from penstock.org.company import company
from penstock.org.models import Company

USUAL: dict[str, int] = {
    "idle_target": 30,
    "idle_opportunity": 14,
    "overdue_close": 0,
    "missing_next_step": 3,
    "gate_debt": 0,
    "renewal_near": 90,
}


def days_of(kind: str, of: Company | None = None) -> int | None:
    """The days of a kind of alert; None where the company has switched it off (`alert_days` says null)."""
    own = (of or company()).alert_days
    return own[kind] if kind in own else USUAL[kind]


def days(value: int | str, of: Company | None = None) -> int:
    """Days given as a number, or by the name of a kind of alert, whose usual number counts where the company has none.

    Raises InvalidInput for a name that is none.
    """
    if isinstance(value, int):
        return value
    if value not in USUAL:
        raise InvalidInput({"days": [_("Give a number of days, or one of: %(names)s.") % {"names": ", ".join(USUAL)}]})
    found = days_of(value, of)
    return USUAL[value] if found is None else found
