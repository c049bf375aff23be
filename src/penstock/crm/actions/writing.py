"""The one writer: state, history, stamps and outbox rows of a change, in one transaction.

How an action uses it::

    with change(actor, "set_amount") as writer:
        deal = writer.locked(Opportunity, [id])[id]
        writer.update(deal, amount=120_000_00)

Nothing is written to the history until the block ends; whatever a block does to a record, one version comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions import history, rows
from penstock.crm.actions.actor import MAXIMUM_DEPTH, Actor
from penstock.crm.actions.lookups import remembering
from penstock.crm.actions.moments import latest, require_latest
from penstock.crm.actions.stale import refuse_stale
from penstock.crm.models import Change, Opportunity
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import AlreadyDone, InvalidInput, NotAllowed, NotFound, TooDeep

R = TypeVar("R", bound=Record)


class Writer:
    """A change in the making. at: when it becomes true; now: when it is recorded; change: its row."""

    def __init__(self, actor: Actor, verb: str, change_row: Change) -> None:
        self.actor = actor
        self.verb = verb
        self.change = change_row
        self.now = change_row.recorded_at
        self.at: datetime = actor.at or self.now
        self._touched: dict[tuple[type[Record], int], history.Touched] = {}
        self._afterwards: list[Callable[[], None]] = []

    def locked(self, model: type[R], ids: Iterable[int], *, revisions: Mapping[int, int] | None = None) -> dict[int, R]:
        """The records of these ids that the actor may see, locked until the change is done, by id.

        Raises NotFound for ids that are not there, StaleWrite where a record is not at the revision that was given for it.
        """
        wanted = sorted(set(ids))
        found: dict[int, R] = {}
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            visible = access.visible_to(self.actor.user, model).filter(pk__in=some).order_by().values("pk")
            # The lock is taken on the plain table, since PostgreSQL locks no row of a DISTINCT or a join's optional side.
            query = model._default_manager.filter(pk__in=visible).order_by("pk").select_for_update(of=("self",))
            found |= {record.pk: record for record in query}
            self._not_before(model, some)
        missing = [pk for pk in wanted if pk not in found]
        if missing:
            raise NotFound(record_type(model), missing)
        for pk, revision in (revisions or {}).items():
            if found[pk].revision != revision:
                refuse_stale(found[pk], revision, self.actor.user)
        access.prepare(self.actor.user, list(found.values()))
        return found

    def _not_before(self, model: type[Record], ids: Sequence[int]) -> None:
        """Let this change be no earlier than what others did to these records while it waited, or by a clock ahead of its own."""
        if self.actor.at is None:
            last = latest(ids) if model is Opportunity else None
            self.at = self.now = max(self.at, timezone.now(), last or self.at)

    def create(self, records: Sequence[R], *, at: Sequence[datetime] | None = None, verb: str | None = "create") -> Sequence[R]:
        """Insert new records; they have their ids afterwards. at: when each came to be, where that is not now.

        verb: what the actor must be allowed; None where that was asked already, or follows from what was.
        """
        moments = at or [self.at] * len(records)
        for record, moment in zip(records, moments, strict=True):
            if getattr(record, "created_at", None) is None:
                record.created_at = moment
            if verb:
                self.require(verb, record)
        if not records:
            return records
        model = type(records[0])
        rows.insert_new(model, records)
        for record, moment in zip(records, moments, strict=True):
            self._touched[model, record.pk] = history.Touched(record, moment, created=True)
        return records

    def update(self, record: Record, *, verb: str | None = "edit", **changes: Any) -> bool:
        """Set fields of a locked record by attribute name (`owner_id=3`); returns whether anything differs."""
        if verb:
            self.require(verb, record)
        touched = self._touched.setdefault((type(record), record.pk), history.Touched(record, self.at))
        differing = {name: value for name, value in changes.items() if getattr(record, name) != value}
        for name, value in differing.items():
            touched.before.setdefault(name, getattr(record, name))
            setattr(record, name, value)
        for name, since in history.since_fields(type(record)):
            if name in differing:
                touched.before.setdefault(since, getattr(record, since))
                setattr(record, since, touched.at)
        return bool(differing)

    def forget(self, record: Record) -> None:
        """Take back what this change did to a record that it has not created."""
        touched = self._touched.pop((type(record), record.pk), None)
        for name, value in (touched.before if touched else {}).items():
            setattr(record, name, value)

    def require(self, verb: str, record: Record) -> None:
        """Raise NotAllowed unless the actor may do `verb` to the record, as it was before this change."""
        touched = self._touched.get((type(record), record.pk)) if record.pk else None
        if touched is not None and touched.created:
            return  # What this change has made it may also finish.
        if not access.may(self.actor.user, verb, touched.as_it_was() if touched else record):
            kind = record_type(type(record))
            named = {"verb": verb.replace("_", " "), "kind": kind.replace("_", " "), "name": str(record)}
            text = _("You may not %(verb)s this %(kind)s (%(name)s). Ask its owner, or an administrator.") % named
            raise NotAllowed(text, verb=verb, record_type=kind, id=record.pk)

    def afterwards(self, act: Callable[[], None]) -> None:
        """Call `act` once the state is written, still in the transaction: for what is kept of records and has no history."""
        self._afterwards.append(act)

    def finish(self) -> None:
        """Write what was changed, and its history."""
        touched = [one for one in self._touched.values() if one.created or one.differs()]
        if self.actor.at is not None:
            require_latest({one.record.pk: one.at for one in touched if isinstance(one.record, Opportunity) and not one.created})
        self._write_state([one for one in touched if one.differs()])
        history.write(self, touched)
        for act in self._afterwards:
            act()

    def _write_state(self, touched: Sequence[history.Touched]) -> None:
        groups: dict[tuple[int, type[Record], tuple[str, ...]], list[history.Touched]] = {}
        # What goes frees its place first, and what comes back takes its place last, where only one may have it.
        for one in sorted(touched, key=history.turn):
            groups.setdefault((history.turn(one), type(one.record), tuple(sorted(one.changes()))), []).append(one)
        for (_turn, model, names), members in groups.items():
            values = [(one.record.pk, one.record.revision, [getattr(one.record, name) for name in names]) for one in members]
            if rows.update(model, names, values) != len(members):
                # Only a record read without `locked` gets here.
                for one in members:
                    refuse_stale(one.record, one.record.revision, self.actor.user)
            for one in members:
                one.record.revision += 1


@contextmanager
def change(actor: Actor, verb: str, *, result: Mapping[str, Any] | None = None) -> Iterator[Writer]:
    """A transaction in which one action does its work through the writer that is given.

    Raises AlreadyDone for a repeated `actor.key`, TooDeep past the longest chain of causes, InvalidInput for a moment to come.
    """
    if actor.depth > MAXIMUM_DEPTH:
        raise TooDeep(
            _("A chain of rules that set each other off was stopped after %(depth)s changes.") % {"depth": MAXIMUM_DEPTH},
            caused_by=actor.caused_by,
        )
    now = timezone.now()
    if actor.at is not None and actor.at > now:
        raise InvalidInput({"at": [_("A change cannot become true in the future.")]})
    with transaction.atomic(), remembering(), access.remembered():
        writer = Writer(actor, verb, _change_row(actor, verb, now, result or {}))
        yield writer
        writer.finish()


def _change_row(actor: Actor, verb: str, now: datetime, result: Mapping[str, Any]) -> Change:
    row = Change(
        verb=verb,
        user=actor.user,
        recorded_at=now,
        source=actor.source,
        reason=actor.reason,
        caused_by_id=actor.caused_by,
        depth=actor.depth,
        rule=actor.rule,
        key=actor.key,
        result=dict(result),
    )
    if actor.key is None:
        row.save(force_insert=True)
        return row
    _refuse_repeated(actor.key)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        _refuse_repeated(actor.key)
        raise
    return row


def _refuse_repeated(key: str) -> None:
    earlier = Change.objects.filter(key=key).first()
    if earlier is not None:
        raise AlreadyDone(key, earlier.pk, earlier.result)
