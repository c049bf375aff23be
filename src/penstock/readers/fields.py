"""The roles that columns play for a reader, and the names people give to those columns.

A *role* is a canonical field or something a shape needs beside it (whether a deal is closed, which field a log row is of).
Names are compared without case, spaces, underscores and punctuation: see `plain`.
"""

from __future__ import annotations

import re
from typing import Final

INSTANTS: Final = (
    "effective_at", "recorded_at", "created_at", "changed_at", "modified_at", "snapshot_at", "closed_at", "won_at", "lost_at",
    "ends_at"
)  # fmt: skip
DATES: Final = ("close_date", "previous_close_date")
AMOUNTS: Final = ("amount", "previous_amount")
BOOLEANS: Final = ("is_won", "is_closed", "is_deleted", "qualified", "is_current")
INTEGERS: Final = ("seq", "stage_order")

# What one version of an opportunity is made of, in the order of the canonical history.
STATE: Final = (
    "status", "stage", "stage_order", "amount", "currency", "close_date", "created_at", "qualified", "probability",
    "forecast_category"
)  # fmt: skip
FLAGS: Final = ("is_won", "is_closed", "is_deleted")

SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "opportunity_id": (
        "opportunity_id", "opportunity", "opportunity number", "opportunity key", "opp id", "oppid", "oppty id", "deal id",
        "dealid", "deal number", "potential id", "record id", "case concept name", "case id",
    ),
    "effective_at": ("effective_at", "effective from", "valid from", "effective date", "version date", "dbt valid from",
        "fivetran start"),
    "ends_at": ("valid to", "effective to", "dbt valid to", "fivetran end"),
    "is_current": ("fivetran active",),
    "recorded_at": ("recorded_at", "recorded on", "known at"),
    "seq": ("seq", "sequence", "sequence number", "event index"),
    "status": ("status", "deal status", "opportunity status", "outcome", "deal outcome"),
    "stage": (
        "stage", "stage name", "deal stage", "sales stage", "opportunity stage", "pipeline stage", "stage id", "sales stage id",
        "deal stage id", "sales phase", "phase",
    ),
    "stage_order": ("stage_order", "stage sort order", "stage number", "stage rank", "stage position"),
    "amount": (
        "amount", "deal amount", "deal value", "deal size", "opportunity amount", "opportunity value", "close value",
        "contract value", "acv", "tcv", "amount req", "case amount req", "amount usd", "amount eur", "betrag", "montant",
        "importe",
    ),
    "currency": ("currency", "currency code", "currency iso code", "deal currency", "deal currency code"),
    "close_date": (
        "close_date", "closing date", "expected close date", "expected close", "estimated close date", "expected closing date",
        "close date expected close date",
    ),
    "created_at": (
        "created_at", "created", "created date", "create date", "created time", "created on", "creation date", "date created",
        "engage date", "opened", "open date", "opened at", "opened on",
    ),
    "modified_at": ("modified_at", "last modified date", "last modified", "modified time", "modified date", "updated_at",
        "update time"),
    "closed_at": ("closed_at", "closed time", "close time", "closed date", "date closed", "actual close date", "deal closed on"),
    "won_at": ("won_at", "won date", "won time", "date won"),
    "lost_at": ("lost_at", "lost date", "lost time", "date lost"),
    "qualified": ("qualified", "is qualified"),
    "probability": ("probability", "win probability", "deal probability", "close probability", "probability pct",
        "probability percent"),
    "forecast_category": ("forecast_category", "forecast category name"),
    "is_won": ("is_won", "won"),
    "is_closed": ("is_closed",),
    "is_deleted": ("is_deleted",),
    "reconstructed_fields": ("reconstructed_fields",),
    "unknown_fields": ("unknown_fields",),
    "snapshot_at": (
        "snapshot_date", "snapshot", "snapshot at", "snapshot week", "snapshot day", "as of", "as of date", "week ending",
        "report date",
    ),
    "field": ("field", "field name", "field key", "property", "property name", "attribute", "changed field"),
    "old_value": ("old_value", "old", "previous value", "from value", "value before", "before"),
    "new_value": ("new_value", "new", "value", "to value", "value after", "after"),
    "changed_at": ("changed_at", "changed", "changed on", "change date", "when", "timestamp", "log time", "edit date",
        "created date"),
    "activity": ("activity", "concept name", "event", "event name", "activity name"),
    "lifecycle": ("lifecycle", "lifecycle transition"),
}  # fmt: skip

OWNERS: Final = (
    "owner", "ownerid", "ownername", "opportunityowner", "dealowner", "potentialowner", "hubspotownerid",
    "propertyhubspotownerid", "accountexecutive", "salesrep", "rep",
)  # fmt: skip


def plain(name: str) -> str:
    """A column's name as it is compared: lower case, letters and digits only (`Close Date` -> `closedate`)."""
    return re.sub(r"[\W_]+", "", name.casefold())


def snake(name: str) -> str:
    """A column's name as a dimension: `Lead Source` -> `lead_source`, `OwnerId` -> `owner_id`, `ISWON` -> `iswon`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[\W_]+", "_", spaced).strip("_").lower() or "column"
