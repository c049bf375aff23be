"""What the survivor of a merge takes over from the merged one: what it lacks, and what somebody has chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.merge_notes import tree_field
from penstock.crm.actions.rows import concrete
from penstock.crm.models import Account, Contact, Lead, LeadStatus
from penstock.crm.models.record import Record
from penstock.crm.names import name_key
from penstock.crm.refusals import InvalidInput

# Belongs to the record itself, or follows from other fields.
_OWN = frozenset("id created_at revision removed_at name_key status_since last_activity_at provenance converted_at".split())
# Where a lead stands and what it has become hang together; they are not mixed from two.
_OF_LEADS = frozenset("status unqualified_reason account_id contact_id opportunity_id".split())
# Is never empty, so that it is only ever chosen.
_CHOSEN_ONLY = frozenset({"status"})
# What says nothing without another field goes with it.
TOGETHER: dict[str, tuple[str, ...]] = {
    "revenue": ("revenue_currency",),
    "consent": ("consent_at",),
    "status": ("status_until", "status_since"),
}
_FOLLOWERS = frozenset(name for names in TOGETHER.values() for name in names)
# Somebody's wish not to be written to or called holds for the one person that there is in the end.
_WISHES = frozenset({"email_opt_out", "call_opt_out"})
_MAPPINGS = frozenset({"custom", "social"})
_LISTS = frozenset({"tools"})
EMPTY: tuple[Any, ...] = (None, "", [], {})

_NAMES: dict[type[Record], tuple[str, ...]] = {
    Account: ("name",),
    Contact: ("email", "first_name", "last_name"),
    Lead: ("email", "company", "last_name"),
}


def takeable(model: type[Record]) -> dict[str, str]:
    """The fields whose value may be chosen in a merge: name -> attribute name."""
    barred = _OWN | _FOLLOWERS | (_OF_LEADS if model is Lead else frozenset())
    return {field.name: field.attname for field in model._meta.concrete_fields if field.attname not in barred}


def taken_over(survivor: Record, other: Record, chosen: Collection[str], reserved: Collection[str]) -> dict[str, Any]:
    """The values that the survivor takes from the other, by attribute name; the place in a tree is not among them.

    chosen: the attributes to be taken whatever the survivor has. reserved: those that will come from somebody else.
    """
    model = type(survivor)
    tree = tree_field(model)
    found: dict[str, Any] = {}
    for attname in takeable(model).values():
        if attname == tree or (attname in reserved and attname not in chosen):
            continue
        mine, theirs = getattr(survivor, attname), getattr(other, attname)
        if attname in chosen:
            found[attname] = theirs
        elif attname in _MAPPINGS:
            found[attname] = {**theirs, **{key: value for key, value in mine.items() if value not in EMPTY}}
        elif attname in _LISTS:
            found[attname] = [*mine, *(one for one in theirs if one not in mine)]
        elif attname in _WISHES:
            found[attname] = mine or theirs
        elif mine in EMPTY and attname not in _CHOSEN_ONLY:
            found[attname] = theirs
    found = {name: value for name, value in found.items() if value != getattr(survivor, name)}
    for leader, followers in TOGETHER.items():
        if leader in found:
            found |= {name: getattr(other, name) for name in followers if hasattr(other, name) and name != "status_since"}
    if "name" in found and hasattr(survivor, "name_key"):
        found["name_key"] = name_key(found["name"])
    if found and hasattr(survivor, "provenance"):
        found["provenance"] = _provenance(survivor, other, found)
    return found


def _provenance(survivor: Any, other: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Where the values came from stays known: with each of them comes its mark."""
    names = [name.removesuffix("_id") for name in values]
    kept = {name: mark for name, mark in survivor.provenance.items() if name not in names}
    return kept | {name: other.provenance[name] for name in names if name in other.provenance}


def require_named(survivor: Record, values: Mapping[str, Any]) -> None:
    """Raise InvalidInput where the survivor would be left without a name."""
    names = _NAMES[type(survivor)]
    if not any(values.get(name, getattr(survivor, name)) for name in names):
        raise InvalidInput({"take": [_("The record would be left without a name.")]})


def require_takeable(
    model: type[Record], take: Mapping[str, int], hidden: Collection[str], ids: Collection[int]
) -> dict[str, int]:
    """The choice by attribute name. Raises InvalidInput for fields that cannot be chosen, or records that are not merged."""
    offered = takeable(model)
    faults = []
    for name, pk in take.items():
        if name not in offered or name in hidden:
            faults.append(_("%(field)s cannot be chosen in a merge.") % {"field": name})
        elif pk not in ids:
            faults.append(_("%(field)s: %(id)s is not one of the records to be merged.") % {"field": name, "id": pk})
    if faults:
        raise InvalidInput({"take": faults})
    return {offered[name]: pk for name, pk in take.items()}


def require_kept_converted(survivor: Record, others: Collection[Record]) -> None:
    """Raise InvalidInput where a converted lead would go into one that is not: what it has become would be forgotten."""
    if isinstance(survivor, Lead) and survivor.status != LeadStatus.CONVERTED:
        converted = [one for one in others if isinstance(one, Lead) and one.status == LeadStatus.CONVERTED]
        if converted:
            text = _("%(name)s is converted. Keep that one, and merge the others into it.")
            raise InvalidInput({"survivor": [text % {"name": converted[0]}]})


def restored(record: Record, attname: str, before: Any) -> Any:
    """A value from a note, in its stored type."""
    field = concrete(type(record), attname)
    return before if before is None or isinstance(before, (dict, list)) else field.to_python(before)
