"""Values of custom fields, checked against their declarations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.models import CustomField
from penstock.crm.refusals import InvalidInput

_LINK = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_LONGEST = 2_000


def validated_custom(record_type: str, values: Any, existing: Mapping[str, Any]) -> dict[str, Any]:
    """`existing` with `values` set; a value of None takes the key away. Raises InvalidInput with every fault, by key."""
    if not isinstance(values, Mapping):
        raise InvalidInput({"custom": [_("Give custom fields as names with values.")]})
    declared = {field.key: field for field in CustomField.objects.filter(record_type=record_type, archived=False)}
    result = dict(existing)
    faults: dict[str, list[str]] = {}
    for key, value in values.items():
        if key not in declared:
            faults[key] = [_("There is no such custom field. Make it first in the settings.")]
        elif value in (None, ""):
            if declared[key].required:
                faults[key] = [_("This field is needed.")]
            result.pop(key, None)
        else:
            try:
                result[key] = _READ[declared[key].kind](value, declared[key])
            except ValueError as fault:
                faults[key] = [str(fault)]
    if faults:
        raise InvalidInput(faults)
    return result


def _text(value: Any, _field: CustomField) -> str:
    text = str(value).strip()
    if len(text) > _LONGEST:
        raise ValueError(_("Use at most %(count)s characters.") % {"count": _LONGEST})
    return text


def _number(value: Any, _field: CustomField) -> str:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(_("Write a number, such as 12.5."))
    return format(number, "f")


def _money(value: Any, _field: CustomField) -> dict[str, Any]:
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        raise ValueError(_("Give an amount in minor units and a currency."))
    amount, currency = value["amount"], str(value["currency"]).upper()
    if not isinstance(amount, int) or isinstance(amount, bool) or not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(_("Give an amount in minor units, a whole number, and a currency of three letters."))
    return {"amount": amount, "currency": currency}


def _date(value: Any, _field: CustomField) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError:
        raise ValueError(_("Write a day as YYYY-MM-DD.")) from None


def _choice(value: Any, field: CustomField) -> str:
    offered = [str(choice["value"]) for choice in field.choices]
    if str(value) not in offered:
        raise ValueError(_("Choose one of: %(offered)s.") % {"offered": ", ".join(offered)})
    return str(value)


def _boolean(value: Any, _field: CustomField) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in ("true", "false", "1", "0", "yes", "no"):
        raise ValueError(_("Say yes or no."))
    return text in ("true", "1", "yes")


def _link(value: Any, _field: CustomField) -> str:
    if not _LINK.fullmatch(str(value).strip()):
        raise ValueError(_("Write a whole address, beginning with https://."))
    return str(value).strip()


_READ: dict[str, Callable[[Any, CustomField], Any]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "boolean": _boolean,
    "link": _link,
}
