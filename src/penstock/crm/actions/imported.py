"""Opportunities with their whole past, and the past of accounts, written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import rows
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.external_keys import KeyTaken, find_ids
from penstock.crm.actions.imported_lines import given_lines, write_lines
from penstock.crm.actions.imported_versions import ImportedDeal, ImportedVersion, Surroundings, images, surroundings
from penstock.crm.actions.intake import OF_THE_PAST
from penstock.crm.actions.past_rows import Image, change_row, differences, event_row, stamp_row, version_row
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import ExternalKey, Opportunity, OpportunityVersion, OutboxEvent, RecordChange, Stamp
from penstock.crm.refusals import InvalidInput, Refusal

__all__ = ["ImportedDeal", "ImportedVersion", "import_opportunities"]

_KIND = "opportunity"
_DEALS_AT_ONCE = 500
_Prepared = tuple[int, ImportedDeal, list[Image], list[dict[str, Any]]]


def import_opportunities(actor: Actor, deals: Sequence[ImportedDeal]) -> Outcome:
    """Write deals with their whole history, hundreds a transaction; their record is their last version.

    No gate is asked: what happened has happened. What follows from a stage is derived for each version. Each deal tells the
    outbox of its creation alone, unless the actor is quiet. Only where the actor's source is import or demo. A faulty deal is
    refused alone, by its number from 0, with all its faults (`3.amount` is the amount of its version 3, from 0); one whose key
    was imported before as KeyTaken.
    """
    if actor.source not in OF_THE_PAST:
        raise InvalidInput({"source": [_("Only an import may bring a past with it.")]})

    def part(own: Actor, numbers: Sequence[int]) -> Outcome:
        outcome = Outcome()
        with change(own, "import_opportunities") as writer:
            some = [deals[number] for number in numbers]
            around = surroundings(own, some)
            given = given_lines(own, some)
            taken = _taken(some)
            prepared: list[_Prepared] = []
            for number, deal, lines in zip(numbers, some, given, strict=True):
                try:
                    prepared.append(_prepared(writer, around, number, deal, lines, taken))
                except Refusal as refusal:
                    outcome.refused[number] = refusal
            outcome.done = _write(writer, around, prepared)
        return outcome

    return in_chunks(range(len(deals)), actor, part, size=_DEALS_AT_ONCE)


def _taken(deals: Iterable[ImportedDeal]) -> dict[tuple[str, str], int]:
    """The keys that records have already, with their ids."""
    by_system: dict[str, list[str]] = {}
    for deal in deals:
        if deal.key:
            by_system.setdefault(deal.system, []).append(deal.key)
    return {(system, key): pk for system, keys in by_system.items() for key, pk in find_ids(_KIND, system, keys).items()}


def _prepared(
    writer: Writer,
    around: Surroundings,
    number: int,
    deal: ImportedDeal,
    lines: Any,
    taken: dict[tuple[str, str], int],
) -> _Prepared:
    if deal.key:
        if not deal.system or len(deal.system) > 40 or len(deal.key) > 200:
            raise InvalidInput({"key": [_("Give the system of the key, and at most 200 characters.")]})
        if (deal.system, deal.key) in taken:
            raise KeyTaken(_KIND, deal.system, deal.key, taken[deal.system, deal.key])
    if isinstance(lines, Refusal):
        raise lines
    found = images(around, deal, lines.values)
    record = Opportunity(**vars(found[-1]))
    writer.require("create", record)
    if deal.key:
        taken[deal.system, deal.key] = -number
    return number, deal, found, lines.rows


def _write(writer: Writer, around: Surroundings, prepared: Sequence[_Prepared]) -> list[int]:
    """Write everything of these deals; returns their ids."""
    ids = rows.new_ids(Opportunity, len(prepared))
    records, versions, changes, stamps, events, keys = [], [], [], [], [], []
    for pk, (_number, deal, found, _lines) in zip(ids, prepared, strict=True):
        last = found[-1]
        records.append(vars(last) | {"id": pk, "revision": len(found)})
        before: Image | None = None
        since: dict[str, datetime] = {}
        for revision, (version, image) in enumerate(zip(deal.versions, found, strict=True), 1):
            at, by = version.effective_at, version.by
            marks = (",".join(version.reconstructed), ",".join(version.unknown))
            versions.append(version_row(writer, pk, image, revision, at, by, marks))
            fields = differences(before, image)
            operation = _operation(before, image)
            changes.append(change_row(writer, (_KIND, pk), operation, fields, revision, at, by))
            stamps += _stamps(writer, around, pk, before, image, at, by, since)
            before = image
        if not writer.actor.quiet:
            events.append(event_row(writer, (_KIND, pk), "create", differences(None, last)))
        if deal.key:
            keys.append({"record_type": _KIND, "record_id": pk, "system": deal.system, "key": deal.key})
    rows.insert(Opportunity, records)
    rows.insert(OpportunityVersion, versions)
    rows.insert(RecordChange, changes)
    rows.insert(Stamp, stamps)
    rows.insert(OutboxEvent, events)
    rows.insert(ExternalKey, keys)
    write_lines(writer, [(pk, found[-1], lines) for pk, (_n, _d, found, lines) in zip(ids, prepared, strict=True)])
    return ids


def _operation(before: Image | None, after: Image) -> str:
    if before is None:
        return "create"
    if before.removed_at != after.removed_at:
        return "remove" if after.removed_at else "restore"
    return "change"


def _stamps(
    writer: Writer,
    around: Surroundings,
    pk: int,
    before: Image | None,
    after: Image,
    at: datetime,
    by: int | None,
    since: dict[str, datetime],
) -> list[dict[str, Any]]:
    """The stamps of a version; `since` remembers when the deal entered what it is in."""
    found = []
    for what in ("stage", "status"):
        origin = "" if before is None else _place(around, what, before)
        target = _place(around, what, after)
        if origin != target:
            found.append(stamp_row(writer, (_KIND, pk), what, (origin, target), at, since.get(what), by))
            since[what] = at
    return found


def _place(around: Surroundings, what: str, image: Image) -> str:
    return around.stages[image.stage_id].key if what == "stage" else image.status
