"""Targets and quotas: set, set anew, taken away."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from penstock.ledger.money import AMOUNT_LIMIT, currency_code
from penstock.org.actions import permissions
from penstock.org.actions.writing import Faults, changed, created, deleted, found
from penstock.org.models import Target, Team, User

EDITABLE = frozenset({"measure", "start", "end", "dimension", "value", "amount", "currency"})


def set_target(
    by: User | None,
    *,
    measure: str,
    start: date,
    end: date,
    amount: int,
    dimension: str = "",
    value: str = "",
    currency: str = "",
    reason: str = "",
) -> Target:
    """Set what is wanted of a measure from `start` to before `end`, for one value of a dimension or (both empty) for all.

    amount: minor units of `currency`, or a count where there is none. One that is there already is changed. Raises NotAllowed,
    InvalidInput.
    """
    with transaction.atomic():
        permissions.require(by, "targets")
        key = {"measure": measure, "start": start, "end": end, "dimension": dimension, "value": value}
        faults = _faults(start, end, amount, dimension, value, currency)
        row = None if faults else Target.objects.select_for_update().filter(**key).first()
        if row is not None:
            return changed(by, row, {"amount": amount, "currency": currency.upper()}, EDITABLE, reason)
        return created(by, Target(), key | {"amount": amount, "currency": currency.upper()}, EDITABLE, reason, faults)


def remove_target(by: User | None, target: int, *, reason: str = "") -> None:
    """Take a target away; its history stays."""
    with transaction.atomic():
        permissions.require(by, "targets")
        deleted(by, found(Target, target), reason)


def _faults(start: object, end: object, amount: object, dimension: str, value: str, currency: str) -> Faults:
    faults: Faults = {}
    if not isinstance(start, date) or not isinstance(end, date):
        faults["start"] = [_("Give the first day, and the first day after the last.")]
    elif end <= start:
        faults["end"] = [_("The end must come after the start; it is the first day that is not in it.")]
    if type(amount) is not int or not 0 <= amount <= AMOUNT_LIMIT:
        faults["amount"] = [_("Give an amount in minor units, a whole number of 0 or more.")]
    if currency:
        try:
            currency_code(currency)
        except ValueError as fault:
            faults["currency"] = [str(fault)]
    if bool(dimension) != bool(value):
        faults["value"] = [_("Give both a dimension and its value, or neither for the whole company.")]
    people = {"owner": User, "team": Team}
    if dimension in people and value:
        known = value.isdigit() and people[dimension]._default_manager.filter(pk=int(value)).exists()
        if not known:
            faults["value"] = [_("There is no %(dimension)s %(value)s.") % {"dimension": dimension, "value": value}]
    return faults
