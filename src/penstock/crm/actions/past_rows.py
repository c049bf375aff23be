"""History that is written with its own moments: rows for what was true before now, for imports and late corrections.

What `history` writes of a change that happens now, this makes of many moments of one record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from penstock.crm.actions.history import FACTS, plain
from penstock.crm.actions.writing import Writer

# What an image of an opportunity holds beside its facts; together they are what its versions and its record share.
BESIDE = ("created_at", "removed_at", "closed_at", "custom")
IMAGE = (*FACTS, *BESIDE)
EMPTY: tuple[Any, ...] = (None, "", [], {})


class Image(SimpleNamespace):
    """Everything that an opportunity is at a moment, by attribute name (`IMAGE`)."""

    def copy(self) -> Image:
        """Another one alike."""
        return Image(**vars(self))


def differences(before: Image | None, after: Image) -> dict[str, list[Any]]:
    """{field: [before, after]} as record changes hold it; of a first image, what is filled."""
    new = vars(after)
    if before is None:
        return {name: [None, plain(value)] for name, value in new.items() if value not in EMPTY}
    old = vars(before)
    return {name: [plain(old[name]), plain(value)] for name, value in new.items() if old[name] != value}


def version_row(
    writer: Writer, opportunity: int, image: Image, revision: int, at: datetime, by: int | None, marks: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """A row of `OpportunityVersion`. marks: reconstructed and unknown fields, names joined by commas."""
    return vars(image) | {
        "revision": revision,
        "opportunity_id": opportunity,
        "change_id": writer.change.pk,
        "effective_at": at,
        "recorded_at": writer.now,
        "by_id": by,
        "reconstructed_fields": marks[0],
        "unknown_fields": marks[1],
    }


def change_row(
    writer: Writer,
    record: tuple[str, int],
    operation: str,
    fields: Mapping[str, Any],
    revision: int,
    at: datetime,
    by: int | None,
) -> dict[str, Any]:
    """A row of `RecordChange`. record: its kind and id."""
    return {
        "change_id": writer.change.pk,
        "record_type": record[0],
        "record_id": record[1],
        "operation": operation,
        "fields": fields,
        "revision": revision,
        "effective_at": at,
        "by_id": by,
    }


def stamp_row(
    writer: Writer,
    record: tuple[str, int],
    what: str,
    way: tuple[str, str],
    at: datetime,
    since: datetime | None,
    by: int | None,
    reason: str | None = None,
) -> dict[str, Any]:
    """A row of `Stamp`. way: from where (empty at birth) to where; since: when it had entered what it left."""
    return {
        "change_id": writer.change.pk,
        "record_type": record[0],
        "record_id": record[1],
        "what": what,
        "origin": way[0],
        "target": way[1],
        "at": at,
        "seconds": None if since is None else int((at - since).total_seconds()),
        "by_id": by,
        "reason": writer.actor.reason if reason is None else reason,
    }


def event_row(writer: Writer, record: tuple[str, int], operation: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `OutboxEvent`, waiting."""
    return {
        "change_id": writer.change.pk,
        "topic": f"{record[0]}.{operation}",
        "record_type": record[0],
        "record_id": record[1],
        "fields": fields,
        "created_at": writer.now,
        "attempts": 0,
        "not_before": None,
        "handled_at": None,
        "failed_at": None,
        "error": "",
    }
