"""Duplicates become one: the survivor takes over what it lacks and everything that hangs on the others. See `merge_undo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.activities import find_last_activity
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.merge_conflicts import stepping_back, unique_with
from penstock.crm.actions.merge_notes import Notes, Pool, line_above, references, tree_field
from penstock.crm.actions.merge_undo import Kept, Undone, undo_merge
from penstock.crm.actions.merge_values import (
    require_kept_converted,
    require_named,
    require_takeable,
    taken_over,
)
from penstock.crm.actions.opportunities import pipeline_of, stage_of
from penstock.crm.actions.trees import require_no_circle
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import INHERITED, derived
from penstock.crm.duplicates.dismissed import dismissed_with, ordered
from penstock.crm.models import Account, Contact, ExternalKey, Lead, Merge, NotDuplicate, Opportunity, Status
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import InvalidInput

__all__ = ["Kept", "Merged", "Undone", "merge_accounts", "merge_contacts", "merge_leads", "undo_merge"]


@dataclass(frozen=True)
class Merged:
    """What came of a merge: the survivor, and the ids of the `Merge` rows by which each of the others can be taken out again."""

    survivor: Any
    merges: tuple[int, ...]


def merge_accounts(actor: Actor, survivor: int, others: Sequence[int], *, take: Mapping[str, int] | None = None) -> Merged:
    """Merge accounts into one. It keeps its values, takes what it lacks from the others in their order, and all their records.

    take: field -> id of the account whose value it gets, whatever it has; `status` too. The others are marked as removed, and
    `undo_merge` brings each back. Open opportunities follow the facts of the survivor where they followed those of their own
    account. Needs to be allowed to merge each of them; raises InvalidInput, NotAllowed, NotFound.
    """
    return _merge(actor, Account, survivor, others, take or {})


def merge_contacts(actor: Actor, survivor: int, others: Sequence[int], *, take: Mapping[str, int] | None = None) -> Merged:
    """Merge contacts into one, as `merge_accounts`. A wish to get no e-mail or calls holds for the survivor."""
    return _merge(actor, Contact, survivor, others, take or {})


def merge_leads(actor: Actor, survivor: int, others: Sequence[int], *, take: Mapping[str, int] | None = None) -> Merged:
    """Merge leads into one, as `merge_accounts`. A converted lead can only be the survivor, or go into a converted one."""
    return _merge(actor, Lead, survivor, others, take or {})


def _merge(actor: Actor, model: type[Record], survivor: int, others: Sequence[int], take: Mapping[str, int]) -> Merged:
    kind = record_type(model)
    given = list(dict.fromkeys(others))
    if not given or survivor in given:
        raise InvalidInput({"others": [_("Choose at least one other record to merge into this one.")]})
    # A merge is of today: what it moves has been elsewhere until now.
    with change(actor.but(at=None), f"merge_{kind}s", result={"survivor": survivor, "merged": given}) as writer:
        records = writer.locked(model, [survivor, *given])
        for pk in (survivor, *given):
            writer.require("merge", records[pk])
            if records[pk].removed_at:
                raise InvalidInput({"others": [_("%(name)s is removed; restore it first.") % {"name": records[pk]}]})
        kept = records[survivor]
        require_kept_converted(kept, [records[pk] for pk in given])
        chosen = require_takeable(model, take, access.hidden_fields(actor.user, model), records)
        pool = Pool(records.values())
        _read(pool, model, survivor, given)
        rows = [_absorbed(writer, pool, kept, records[pk], chosen) for pk in given]
        Merge.objects.bulk_create(rows)
        if model is Account:
            writer.afterwards(lambda: find_last_activity(records))
        return Merged(kept, tuple(row.pk for row in rows))


def _read(pool: Pool, model: type[Record], survivor: int, others: Sequence[int]) -> None:
    """What hangs on the others; of the survivor's own, what may be in the way of it, and deals, which follow its facts."""
    for referring, attname in references(model):
        own = referring is Opportunity or any(unique_with(referring, attname))
        ids = [survivor, *others] if own else others
        pool.read(referring._default_manager.filter(**{f"{attname}__in": ids}))


def _absorbed(writer: Writer, pool: Pool, kept: Record, other: Record, chosen: Mapping[str, int]) -> Merge:
    """Merge one record into the survivor as it is by now; returns the row that tells how."""
    model, kind = type(kept), record_type(type(kept))
    notes = Notes(writer)
    notes.set(other, removed_at=writer.at)
    # The survivor's own values may have been chosen, too: then they are taken from nobody else.
    from_other = {attname for attname, pk in chosen.items() if pk == other.pk}
    values = taken_over(kept, other, from_other, chosen)
    require_named(kept, values)
    _climb(pool, notes, kept, other, chosen)
    _follow(writer, pool, notes, kept, other, values)
    notes.set(kept, **values)
    for referring, attname in references(model):
        _repoint(writer, pool, notes, referring, attname, kept, other.pk)
    keys = ExternalKey.objects.filter(record_type=kind, record_id=other.pk).select_for_update()
    ids = list(keys.values_list("pk", flat=True))
    if ids:
        ExternalKey.objects.filter(pk__in=ids).update(record_id=kept.pk)
        notes.moved["external_key.record_id"] = ids
    inherited = _inherit_dismissals(writer, (kind, kept.pk), (kind, other.pk))
    if inherited:
        notes.moved["not_duplicate"] = inherited
    return Merge(
        record_type=kind,
        survivor_id=kept.pk,
        merged_id=other.pk,
        moved=notes.moved,
        before=notes.before,
        change=writer.change,
    )


def _repoint(writer: Writer, pool: Pool, notes: Notes, referring: type[Record], attname: str, kept: Record, merged: int) -> None:
    for one in stepping_back(pool, referring, attname, kept.pk, merged):
        notes.set(one, removed_at=writer.at)
    for one in pool.all_of(referring):
        if getattr(one, attname) == merged and one is not kept:
            notes.point(one, attname, kept.pk)


def _climb(pool: Pool, notes: Notes, kept: Record, other: Record, chosen: Mapping[str, int]) -> None:
    """The survivor's place in a tree: where it was; under the merged one, where that was; without one, where that was."""
    model = type(kept)
    attname = tree_field(model)
    if attname is None:
        return
    mine, theirs = getattr(kept, attname), getattr(other, attname)
    line = line_above(pool, model, attname, theirs)
    if chosen.get(attname) == other.pk:
        require_no_circle(kept.pk, line, "take")
        notes.set(kept, **{attname: theirs})
    elif other.pk in line_above(pool, model, attname, mine):
        # Whatever stood between the two comes to stand below the survivor.
        notes.set(kept, **{attname: theirs})
    elif mine is None and attname not in chosen and theirs is not None and kept.pk not in line:
        notes.set(kept, **{attname: theirs})


def _follow(writer: Writer, pool: Pool, notes: Notes, kept: Record, other: Record, values: Mapping[str, Any]) -> None:
    """Give open deals the survivor's facts where they had those of their own account; what was set by hand stays."""
    if not isinstance(kept, Account):
        return
    for deal in pool.all_of(Opportunity):
        if deal.status != Status.OPEN or deal.account_id not in (kept.pk, other.pk):
            continue
        own = kept if deal.account_id == kept.pk else other
        facts = {name: values.get(name, getattr(kept, name)) for name in INHERITED}
        new = {name: fact for name, fact in facts.items() if fact and fact != getattr(deal, name) in ("", getattr(own, name))}
        if new:
            notes.set(deal, **new)
            writer.update(deal, verb=None, **derived(deal, stage_of(deal), pipeline_of(deal)))


def _inherit_dismissals(writer: Writer, kept: tuple[str, int], other: tuple[str, int]) -> list[int]:
    """Who was said to be another than the merged one is another than the survivor; the ids of what was added."""
    known = dismissed_with(*kept)
    pairs = [ordered(kept, side) for side in sorted(dismissed_with(*other) - known) if side != kept]
    rows = [
        NotDuplicate(first_type=one[0], first_id=one[1], second_type=two[0], second_id=two[1], change=writer.change)
        for one, two in pairs
    ]
    return [row.pk for row in NotDuplicate.objects.bulk_create(rows)]
