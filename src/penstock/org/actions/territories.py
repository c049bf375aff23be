"""Territories: which accounts are whose, by where and what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from penstock.org.actions import permissions
from penstock.org.actions.writing import Faults, changed, created, found, noted
from penstock.org.models import Territory, User

EDITABLE = frozenset({"name", "rank", "countries", "regions", "segments", "industries"})
_LISTS = ("countries", "regions", "segments", "industries")
_COUNTRY = re.compile(r"[A-Z]{2}")


def add_territory(by: User | None, *, name: str, members: Sequence[int] = (), reason: str = "", **fields: Any) -> Territory:
    """Add a territory: fields of EDITABLE, and the ids of its people. Raises NotAllowed, InvalidInput."""
    with transaction.atomic():
        permissions.require(by, "territories")
        values = _values(fields | {"name": name})
        row = created(by, Territory(), values, EDITABLE, reason, _faults(values, members))
        _set_members(by, row, members, reason)
        return row


def edit_territory(
    by: User | None, territory: int, changes: Mapping[str, Any], *, members: Sequence[int] | None = None, reason: str = ""
) -> Territory:
    """Set fields of EDITABLE and, where they are given, its people."""
    with transaction.atomic():
        permissions.require(by, "territories")
        values = _values(changes)
        row = changed(by, found(Territory, territory), values, EDITABLE, reason, _faults(values, members or ()))
        if members is not None:
            _set_members(by, row, members, reason)
        return row


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Lists without blanks and doubles, in their order; countries in capitals."""
    values = dict(given)
    for name in _LISTS:
        if isinstance(values.get(name), Sequence) and not isinstance(values[name], str):
            texts = [str(one).strip() for one in values[name]]
            texts = [text.upper() for text in texts] if name == "countries" else texts
            values[name] = [text for text in dict.fromkeys(texts) if text]
    return values


def _faults(values: Mapping[str, Any], members: Sequence[int]) -> Faults:
    faults: Faults = {}
    for name in _LISTS:
        if name in values and not isinstance(values[name], list):
            faults[name] = [_("Give a list.")]
    odd = [one for one in values.get("countries", []) if not _COUNTRY.fullmatch(one)] if "countries" not in faults else []
    if odd:
        faults["countries"] = [_("Write countries with two letters, such as FR; not %(odd)s.") % {"odd": ", ".join(odd)}]
    known = set(User.objects.filter(pk__in=members, is_active=True).values_list("pk", flat=True))
    if unknown := sorted(set(members) - known):
        faults["members"] = [_("There is no active user %(ids)s.") % {"ids": ", ".join(map(str, unknown))}]
    return faults


def _set_members(by: User | None, row: Territory, members: Sequence[int], reason: str) -> None:
    before = sorted(row.members.values_list("pk", flat=True))
    if before != sorted(set(members)):
        row.members.set(sorted(set(members)))
        noted(by, row, "change", {"members": (before, sorted(set(members)))}, reason)
