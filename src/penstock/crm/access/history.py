"""History as a viewer may see it: of records that they see now, without the fields hidden from them.

This is the one way from the tables of history to a person. Who sees a record today sees its whole past; who does not see it any
more sees nothing of it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from penstock.crm.access.fields import hidden_fields, without
from penstock.crm.access.questions import visible_opportunity_ids, visible_to
from penstock.crm.models import Change, Opportunity, OpportunityVersion, RecordChange, Stamp
from penstock.crm.record_types import record_model
from penstock.org.models import User


def visible_history(user: User | None, record_type: str, record_id: int) -> list[RecordChange]:
    """What happened to a record, oldest first, each row with its change and who did it; none where it may not be seen.

    Hidden fields are taken out of `fields`, and rows in which nothing else changed are left out. The rows are for reading: they
    are never saved. ValueError for a kind of record that is none.
    """
    model = record_model(record_type)
    if not _sees(user, record_type, record_id):
        return []
    hidden = hidden_fields(user, model)
    rows = RecordChange.objects.filter(record_type=record_type, record_id=record_id)
    found = []
    for row in rows.select_related("change", "by").order_by("id"):
        full = row.fields
        row.fields = {name: pair for name, pair in without(full, model, hidden).items() if _differs(pair)}
        if row.fields or row.operation != "change" or not full:
            found.append(row)
    return found


def visible_stamps(user: User | None, record_type: str, record_id: int) -> QuerySet[Stamp]:
    """A record's entries into stages and statuses, oldest first; none where it, or the field, may not be seen."""
    hidden = hidden_fields(user, record_model(record_type))
    rows = Stamp.objects.filter(record_type=record_type, record_id=record_id).select_related("by").order_by("id")
    return rows.exclude(what__in=sorted(hidden)) if _sees(user, record_type, record_id) else rows.none()


def visible_versions(user: User | None) -> QuerySet[OpportunityVersion, dict[str, Any]]:
    """The versions of visible opportunities, as mappings of the columns that are not hidden, in the ledger's order.

    `custom` is left out whole where one of its keys is hidden.
    """
    hidden = hidden_fields(user, Opportunity)
    if any(name.startswith("custom.") for name in hidden):
        hidden |= {"custom"}
    columns = [field.attname for field in OpportunityVersion._meta.concrete_fields if field.name not in hidden]
    rows = OpportunityVersion.objects.order_by("opportunity", "effective_at", "id")
    ids = visible_opportunity_ids(user)
    seen: QuerySet[OpportunityVersion, dict[str, Any]] = (rows if ids is None else rows.filter(opportunity__in=ids)).values(
        *columns
    )
    return seen


def visible_changes(user: User | None, record_type: str, record_id: int) -> QuerySet[Change]:
    """The calls of actions that touched a record, oldest first; none where it may not be seen."""
    rows = Change.objects.select_related("user").order_by("id")
    touched = RecordChange.objects.filter(record_type=record_type, record_id=record_id).order_by()
    return rows.filter(pk__in=touched.values("change")) if _sees(user, record_type, record_id) else rows.none()


def _sees(user: User | None, record_type: str, record_id: int) -> bool:
    return visible_to(user, record_model(record_type)).filter(pk=record_id).exists()


def _differs(pair: Any) -> bool:
    before, after = pair
    return bool(before != after)
