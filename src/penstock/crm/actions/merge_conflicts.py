"""What only one may be of: two memberships, roles, … of the same person after a merge. One stays, the other steps back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q, UniqueConstraint, Value

from penstock.crm.actions.campaign_members import STATUSES
from penstock.crm.actions.merge_notes import Pool
from penstock.crm.actions.rows import concrete
from penstock.crm.models import AccountMember, CampaignMember, ContactRole
from penstock.crm.models.record import Record

# Of two that mean the same, the one that says more stays: the higher rank.
_RANKS: dict[type[Record], Callable[[Any], tuple[Any, ...]]] = {
    AccountMember: lambda one: (one.may_edit, bool(one.role)),
    ContactRole: lambda one: (one.primary, one.role != "other"),
    CampaignMember: lambda one: (STATUSES.index(one.status), -one.status_since.timestamp()),
}


def stepping_back(pool: Pool, model: type[Record], attname: str, survivor: int, merged: int) -> list[Record]:
    """Those of the survivor's and the merged one's that must be removed before both are the survivor's.

    Looks at the records in the pool, as they are now; removed ones are in nobody's way.
    """
    found: list[Record] = []
    for fields in unique_with(model, attname):
        holders: dict[tuple[Any, ...], Any] = {}
        for one in pool.all_of(model):
            if one.removed_at is not None or one in found or getattr(one, attname) not in (survivor, merged):
                continue
            key = tuple(getattr(one, name) for name in fields if name != attname)
            if None in key:
                continue
            if key in holders:
                stays, goes = _ranked(holders[key], one, attname, survivor)
                holders[key] = stays
                found.append(goes)
            else:
                holders[key] = one
    return found


def taken(pool: Pool, record: Record) -> bool:
    """Whether another record has the place of this one, as it is now; records of the pool are looked at as they are now."""
    model = type(record)
    if record.removed_at is not None:
        return False
    pooled = {one.pk: one for one in pool.all_of(model)}
    for constraint in model._meta.constraints:
        if not isinstance(constraint, UniqueConstraint) or not constraint.fields or not _holds(constraint, record):
            continue
        key = {name: getattr(record, concrete(model, name).attname) for name in constraint.fields}
        if None in key.values():
            continue
        others = model._default_manager.filter(constraint.condition or Q(), **key)
        if others.exclude(pk__in=[*pooled, record.pk]).exists():
            return True
        attnames = [concrete(model, name).attname for name in constraint.fields]
        for pk, one in pooled.items():
            alike = all(getattr(one, name) == getattr(record, name) for name in attnames)
            if pk != record.pk and alike and _holds(constraint, one):
                return True
    return False


def _holds(constraint: UniqueConstraint, record: Record) -> bool:
    """Whether the uniqueness is asked of a record as it is now."""
    if constraint.condition is None:
        return True
    fields = record._meta.concrete_fields
    return constraint.condition.check({field.name: Value(getattr(record, field.attname), output_field=field) for field in fields})


def unique_with(model: type[Record], attname: str) -> Iterator[list[str]]:
    """The attributes of each uniqueness of a kind that this reference is a part of."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            names = [concrete(model, name).attname for name in constraint.fields]
            if attname in names:
                yield names


def _ranked(one: Any, other: Any, attname: str, survivor: int) -> tuple[Any, Any]:
    rank = _RANKS.get(type(one), lambda _: ())
    pair = sorted((one, other), key=lambda record: (rank(record), getattr(record, attname) == survivor, -record.pk))
    return pair[1], pair[0]
