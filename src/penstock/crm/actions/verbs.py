"""What the verbs of most records have in common: creating, editing, handing over, removing and restoring, one or many.

An object's own file says which fields may be set and what must be true of them (`complete` of new ones, `settle` of an edit).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.intake import OF_THE_PAST, Intake
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models.record import OwnedRecord, Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import InvalidInput, NotFound, Refusal
from penstock.crm.survivors import require_unmerged
from penstock.org.models import User

R = TypeVar("R", bound=Record)
T = TypeVar("T")
Row = Mapping[str, Any]


@dataclass
class Draft:
    """A record to be. number: its row's; values: by attribute name; at: when it came to be; refusal: why it can't be."""

    number: int
    values: dict[str, Any]
    at: datetime
    refusal: Refusal | None = None

    def refuse(self, field: str, message: str) -> None:
        """Refuse it for one field, beside what it was refused for before."""
        faults = self.refusal.faults if isinstance(self.refusal, InvalidInput) else {}
        self.refusal = InvalidInput(faults | {field: [*faults.get(field, []), message]})


# Fills in and checks drafts; whatever depends on what becomes of them is left to `writer.afterwards`.
Complete = Callable[[Writer, Sequence[Draft]], None]
Settle = Callable[[Writer, R, dict[str, Any]], None]


def _as_it_is(*_: object) -> None:
    """Nothing has to be completed or settled."""


def create_one(
    actor: Actor, verb: str, model: type[R], editable: Collection[str], fields: Row, complete: Complete = _as_it_is
) -> R:
    """Create a record. Raises InvalidInput, NotAllowed."""

    def once() -> R:
        with change(actor, verb) as writer:
            records, refused = _created(writer, model, editable, [(0, fields, writer.at)], complete)
            if refused:
                raise refused[0]
            return records[0]

    return _again_where_taken(once)


def create_many(
    actor: Actor,
    verb: str,
    model: type[R],
    editable: Collection[str],
    rows: Sequence[Row],
    complete: Complete = _as_it_is,
    at: Sequence[datetime] | None = None,
) -> Outcome:
    """Create many, a thousand a transaction. A faulty row is refused alone, by its number from 0.

    at: when each came to be; only an import or the demo may say so.
    """
    moments = _moments(actor, len(rows), at)

    def part(own: Actor, numbered: Sequence[int]) -> Outcome:
        def once() -> Outcome:
            with change(own, verb) as writer:
                given = [(number, rows[number], moments[number] if moments else writer.at) for number in numbered]
                records, refused = _created(writer, model, editable, given, complete)
            return Outcome(done=[record.pk for record in records], refused=dict(refused))

        return _again_where_taken(once)

    return in_chunks(range(len(rows)), actor, part)


def _created(
    writer: Writer,
    model: type[R],
    editable: Collection[str],
    given: Sequence[tuple[int, Row, datetime]],
    complete: Complete,
) -> tuple[Sequence[R], dict[int, Refusal]]:
    intake = Intake(writer.actor, model, editable)
    intake.expect(row for _, row, _ in given)
    refused: dict[int, Refusal] = {}
    drafts = []
    for number, row, moment in given:
        try:
            drafts.append(Draft(number, intake.of(row), moment))
        except Refusal as refusal:
            refused[number] = refusal
    complete(writer, drafts)
    records, moments = [], []
    made = _maker(model)
    for draft in drafts:
        try:
            if draft.refusal:
                raise draft.refusal
            record = made({"created_at": draft.at} | draft.values)
            writer.require("create", record)
            records.append(record)
            moments.append(draft.at)
        except Refusal as refusal:
            refused[draft.number] = draft.refusal = refusal
    return writer.create(records, at=moments, verb=None), refused


def _maker(model: type[R]) -> Callable[[Row], R]:
    """What makes a record of values by attribute name, the others at their defaults: many at once, faster than by names."""
    columns = [(field.attname, field) for field in model._meta.concrete_fields]
    fixed = {name: field.get_default() for name, field in columns if field.default not in (dict, list)}

    def make(values: Row) -> R:
        given = [
            values[name] if name in values else fixed[name] if name in fixed else field.get_default() for name, field in columns
        ]
        return model(*given)

    return make


def _moments(actor: Actor, count: int, at: Sequence[datetime] | None) -> Sequence[datetime] | None:
    if at is None:
        return None
    if actor.source not in OF_THE_PAST:
        raise InvalidInput({"at": [_("Only an import may say when a record was made.")]})
    if len(at) != count:
        raise InvalidInput({"at": [_("Give a moment for each row.")]})
    now = timezone.now()
    if any(moment > now for moment in at):
        raise InvalidInput({"at": [_("A change cannot become true in the future.")]})
    return at


def _again_where_taken(once: Callable[[], T]) -> T:
    """Where somebody took a name while ours was being checked, the second time it is seen and refused in words."""
    try:
        return once()
    except IntegrityError:
        return once()


def edit_one(
    actor: Actor,
    verb: str,
    model: type[R],
    pk: int,
    changes: Row,
    editable: Collection[str],
    settle: Settle[R] = _as_it_is,
    *,
    revision: int | None = None,
) -> R:
    """Set fields of a record. revision: the one that was read. Raises StaleWrite, InvalidInput, NotAllowed, NotFound."""

    def once() -> R:
        with change(actor, verb) as writer:
            record = writer.locked(model, [pk], revisions={} if revision is None else {pk: revision})[pk]
            apply(writer, record, Intake(actor, model, editable), changes, settle)
            return record

    return _again_where_taken(once)


def edit_many(
    actor: Actor,
    verb: str,
    model: type[R],
    pks: Sequence[int],
    changes: Row,
    editable: Collection[str],
    settle: Settle[R] = _as_it_is,
) -> Outcome:
    """Set the same fields of many; those that cannot be changed are refused alone, by id."""

    def each(writer: Writer, record: R, intake: Intake) -> None:
        apply(writer, record, intake, changes, settle)

    return to_each(actor, verb, model, pks, each, editable)


def to_each(
    actor: Actor,
    verb: str,
    model: type[R],
    pks: Sequence[int],
    each: Callable[[Writer, R, Intake], None],
    editable: Collection[str] = (),
) -> Outcome:
    """Do something to many records, a thousand a transaction; where it is refused, the record is left as it was."""

    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        outcome = Outcome()
        with change(own, verb, result={"done": list(ids)}) as writer:
            intake = Intake(own, model, editable)
            for pk, record in present(writer, model, ids, outcome).items():
                try:
                    each(writer, record, intake)
                    outcome.done.append(pk)
                except Refusal as refusal:
                    outcome.refused[pk] = refusal
                    writer.forget(record)
        return outcome

    return in_chunks(list(dict.fromkeys(pks)), actor, part)


def present(writer: Writer, model: type[R], pks: Sequence[int], outcome: Outcome) -> dict[int, R]:
    """Those of the records that are there and may be seen, locked; the others are refused in `outcome`."""
    try:
        return writer.locked(model, pks)
    except NotFound as absent:
        gone = set(absent.details["ids"])
    outcome.refused |= {pk: NotFound(record_type(model), [pk]) for pk in pks if pk in gone}
    return writer.locked(model, [pk for pk in pks if pk not in gone])


def apply(writer: Writer, record: R, intake: Intake, changes: Row, settle: Settle[R] = _as_it_is) -> bool:
    """Set fields of a locked record; returns whether anything differs. A new owner is asked for as `reassign`."""
    if record.removed_at:
        raise InvalidInput({"removed_at": [_("This is removed; restore it first.")]})
    values = intake.of(changes, existing=record)
    settle(writer, record, values)
    handed = False
    if isinstance(record, OwnedRecord) and values.get("owner_id", record.owner_id) != record.owner_id:
        handed = writer.update(record, verb="reassign", owner_id=_owner(values.pop("owner_id")))
        if not values:
            return handed
    return writer.update(record, **values) or handed


def hand_over(actor: Actor, verb: str, model: type[R], pks: Sequence[int], owner: User | int) -> Outcome:
    """Give records to an owner, who must be active."""
    new = _owner(owner)

    def each(writer: Writer, record: R, _: Intake) -> None:
        writer.update(record, verb="reassign", owner_id=new)

    return to_each(actor, verb, model, pks, each)


def _owner(owner: User | int | None) -> int | None:
    if owner is None:
        return None
    user = owner if isinstance(owner, User) else User.objects.filter(pk=owner).first()
    if user is None or not user.is_active:
        raise InvalidInput({"owner": [_("%(name)s is not active.") % {"name": user or owner}]})
    return user.pk


def remove(
    actor: Actor, verb: str, model: type[R], pks: Sequence[int], before: Callable[[Writer, R], None] = _as_it_is
) -> Outcome:
    """Mark records as removed; `before` refuses those that must stay."""

    def each(writer: Writer, record: R, _: Intake) -> None:
        writer.require("remove", record)
        if record.removed_at is None:
            before(writer, record)
            writer.update(record, verb=None, removed_at=writer.at)

    return to_each(actor, verb, model, pks, each)


def restore(
    actor: Actor, verb: str, model: type[R], pks: Sequence[int], before: Callable[[Writer, R], None] = _as_it_is
) -> Outcome:
    """Bring removed records back as they were; `before` refuses those that cannot come back."""

    def each(writer: Writer, record: R, _: Intake) -> None:
        writer.require("restore", record)
        if record.removed_at is not None:
            require_unmerged(record)
            before(writer, record)
            writer.update(record, verb=None, removed_at=None)

    return to_each(actor, verb, model, pks, each)
