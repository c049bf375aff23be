"""A merge is undone: everything goes back to where it was, but for what was changed since, which stays and is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.activities import find_last_activity
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.history import plain, since_fields
from penstock.crm.actions.merge_conflicts import taken
from penstock.crm.actions.merge_notes import Pool, line_above, tree_field
from penstock.crm.actions.merge_values import TOGETHER, restored
from penstock.crm.actions.opportunities import pipeline_of, stage_of
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import derived
from penstock.crm.models import Account, ExternalKey, Merge, NotDuplicate, Opportunity
from penstock.crm.models.record import Record
from penstock.crm.names import name_key
from penstock.crm.record_types import record_model, record_type
from penstock.crm.refusals import InvalidInput, NotFound

_QUIET = frozenset({"provenance"})


@dataclass(frozen=True)
class Kept:
    """Something that stays as it is by now, since it was changed after the merge."""

    record_type: str
    id: int
    field: str
    text: str


@dataclass(frozen=True)
class Undone:
    """What came of it: the two records, apart again, and what did not go back."""

    survivor: Any
    restored: Any
    kept: tuple[Kept, ...]


def undo_merge(actor: Actor, merge_id: int) -> Undone:
    """Take a merged record out of its survivor again. merge_id: of its `Merge` row.

    It comes back with all that was its own; values that the survivor took over go back. What was changed since stays where it
    is and is named in `kept`; what was added to the survivor since is the survivor's. Needs to be allowed to merge both.
    Raises InvalidInput (undone already; the survivor was merged itself; an address that somebody else has now), NotAllowed,
    NotFound.
    """
    with change(actor.but(at=None), "undo_merge", result={"merge": merge_id}) as writer:
        row = Merge.objects.select_for_update(of=("self",)).filter(pk=merge_id).first()
        if row is None:
            raise NotFound("merge", [merge_id])
        model = record_model(row.record_type)
        records = writer.locked(model, [row.survivor_id, row.merged_id])
        survivor, merged = records[row.survivor_id], records[row.merged_id]
        for record in (survivor, merged):
            writer.require("merge", record)
        _require_undoable(row)
        undoing = _Undoing(writer, Pool(records.values()), row)
        undoing.references()
        undoing.values()
        undoing.require_places(survivor, merged)
        undoing.circles(model)
        undoing.derive()
        undoing.keys()
        row.undone_by = writer.change
        row.save(update_fields=["undone_by"])
        if model is Account:
            writer.afterwards(lambda: find_last_activity([survivor.pk, merged.pk]))
        return Undone(survivor, merged, tuple(undoing.kept))


def _require_undoable(row: Merge) -> None:
    if row.undone_by_id:
        raise InvalidInput({"merge": [_("This merge has been undone already.")]})
    later = Merge.objects.filter(record_type=row.record_type, merged_id=row.survivor_id, undone_by__isnull=True).first()
    if later is not None:
        text = _("The survivor was merged itself since. Undo that merge (number %(id)s) first.")
        raise InvalidInput({"merge": [text % {"id": later.pk}]})


class _Undoing:
    """One merge going back, step by step. kept: what does not."""

    def __init__(self, writer: Writer, pool: Pool, row: Merge) -> None:
        self.writer, self.pool, self.row = writer, pool, row
        self.kept: list[Kept] = []
        self._both = (row.survivor_id, row.merged_id)
        # (record, attribute, value before this undo) of everything that goes back.
        self._back: list[tuple[Record, str, Any]] = []

    def references(self) -> None:
        """What was re-pointed refers to the merged record again."""
        for label, ids in self.row.moved.items():
            kind, _dot, attname = label.partition(".")
            if kind in ("external_key", "not_duplicate"):
                continue
            for record in self.pool.these(record_model(kind), ids).values():
                self._return(record, attname, self.row.merged_id, self.row.survivor_id)

    def values(self) -> None:
        """Values that were set go back, those that hang together together."""
        for kind, records in self.row.before.items():
            found = self.pool.these(record_model(kind), map(int, records))
            for pk, fields in records.items():
                self._values_of(found[int(pk)], fields)

    def _values_of(self, record: Record, fields: dict[str, list[Any]]) -> None:
        stay = {name for leader, names in TOGETHER.items() if self._changed(record, leader, fields) for name in names}
        sinces = {since for _name, since in since_fields(type(record))}
        # When it entered a status is set with the status, so that it is put right afterwards.
        now = {name: getattr(record, name) for name in fields}
        for name in sorted(fields, key=lambda name: name in sinces):
            if name in stay:
                continue
            before, after = fields[name]
            if isinstance(before, (dict, list)) or isinstance(after, (dict, list)):
                self._return_parts(record, name, before, after)
            elif name in sinces:
                if plain(now[name]) == after:
                    self._set(record, name, restored(record, name, before))
            else:
                self._return(record, name, restored(record, name, before), restored(record, name, after))
        if isinstance(record, Account) and "name" in fields:
            self.writer.update(record, verb=None, name_key=name_key(record.name))

    def _changed(self, record: Record, name: str, fields: dict[str, list[Any]]) -> bool:
        return name in fields and plain(getattr(record, name)) not in fields[name]

    def _return(self, record: Record, name: str, before: Any, after: Any) -> None:
        now = getattr(record, name)
        if now == before:
            return
        if now != after:
            self._keep(record, name)
            return
        self._set(record, name, before)
        one_of_both = (record_type(type(record)), record.pk) in [(self.row.record_type, pk) for pk in self._both]
        if not one_of_both and taken(self.pool, record):
            self._set(record, name, now)
            self._keep(record, name, _("another one has its place by now"))

    def _return_parts(self, record: Record, name: str, before: Any, after: Any) -> None:
        """Of a mapping each key, of a list each entry, as it was before, unless it was changed since."""
        now = getattr(record, name)
        if isinstance(now, list):
            added = [one for one in after if one not in before]
            gone = [one for one in before if one not in after and one not in now]
            self._set(record, name, before if now == after else [*(one for one in now if one not in added), *gone])
            return
        if now == after:
            self._set(record, name, before)
            return
        found = dict(now)
        for key in {*before, *after}:
            if before.get(key) == after.get(key) or now.get(key) == before.get(key):
                continue
            if now.get(key) != after.get(key):
                if name not in _QUIET:
                    self._keep(record, f"{name}.{key}")
            elif key in before:
                found[key] = before[key]
            else:
                found.pop(key)
        self._set(record, name, found)

    def _set(self, record: Record, name: str, value: Any) -> None:
        self._back.append((record, name, getattr(record, name)))
        self.writer.update(record, verb=None, **{name: value})

    def _keep(self, record: Record, field: str, why: str = "") -> None:
        kind, name = record_type(type(record)), field.removesuffix("_id")
        said = {"kind": kind.replace("_", " "), "name": record, "id": record.pk, "field": name.replace("_", " ")}
        said["why"] = why or _("it was changed since the merge")
        text = _("The %(field)s of the %(kind)s %(name)s (number %(id)s) stays as it is: %(why)s.") % said
        self.kept.append(Kept(kind, record.pk, name, text))

    def require_places(self, *records: Record) -> None:
        """Raise InvalidInput where somebody else has by now what is theirs alone."""
        for record in records:
            if taken(self.pool, record):
                text = _("Somebody else has %(value)s by now. Change that one first.")
                raise InvalidInput({"email": [text % {"value": getattr(record, "email", record)}]})

    def circles(self, model: type[Record]) -> None:
        """In a tree, nobody is put below somebody who has come to stand below them, or below one who is gone."""
        attname = tree_field(model)
        for record, name, earlier in self._back if attname else ():
            if not isinstance(record, model) or name != attname:
                continue
            above = getattr(record, name)
            gone = above is not None and _removed(self.pool, model, above)
            if gone or record.pk in line_above(self.pool, model, name, above):
                self.writer.update(record, verb=None, **{name: earlier})
                self._keep(record, name, _("the one above is gone, or stands below it by now"))

    def derive(self) -> None:
        """What follows from the facts of deals follows them back."""
        for deal in self.pool.all_of(Opportunity):
            if any(record is deal for record, _name, _value in self._back):
                self.writer.update(deal, verb=None, **derived(deal, stage_of(deal), pipeline_of(deal)))

    def keys(self) -> None:
        """Keys of other systems that were not given to another record since, and the pairs that the survivor inherited."""
        ids = self.row.moved.get("external_key.record_id", [])
        own = ExternalKey.objects.filter(record_type=self.row.record_type, record_id=self.row.survivor_id, pk__in=ids)
        own.update(record_id=self.row.merged_id)
        NotDuplicate.objects.filter(pk__in=self.row.moved.get("not_duplicate", [])).delete()


def _removed(pool: Pool, model: type[Record], pk: int) -> bool:
    known = pool.known(model, pk)
    if known is not None:
        return known.removed_at is not None
    return model._default_manager.filter(pk=pk, removed_at__isnull=False).exists()
