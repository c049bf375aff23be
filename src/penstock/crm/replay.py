"""Does the history replay to the state? The checks of records against their own past, each naming every offender.

Used by `penstock verify` and at the end of every test of an action. Records and history are read side by side in the order of
their ids, so that memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from penstock.crm.actions.history import FACTS, STAMPED, UNTOLD, plain
from penstock.crm.models import Opportunity, OpportunityVersion, RecordChange, Stage, Stamp
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_models, record_type

_MIRRORED = ("created_at", "removed_at", "closed_at", "custom")
_AT_ONCE = 2_000
_EMPTY: tuple[Any, ...] = (None, "", [], {})

Pair = tuple[int, dict[str, Any] | None, list[Any]]


@dataclass(frozen=True)
class Offender:
    """A record whose history and state disagree: which check, which record, and how."""

    check: str
    record_type: str
    record_id: int
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.record_type} {self.record_id}: {self.text}"


def offenders() -> Iterator[Offender]:
    """Every disagreement between the records and their history."""
    for model in record_models():
        yield from changes_replay(model)
    yield from versions_replay()
    for model in STAMPED:
        yield from stamps_replay(model)


def versions_replay() -> Iterator[Offender]:
    """The last version, by (effective_at, id), of each opportunity is its state."""
    names = (*FACTS, *_MIRRORED)
    query = OpportunityVersion.objects.order_by("opportunity_id", "effective_at", "id")
    versions = query.values_list("opportunity_id", *names).iterator(_AT_ONCE)
    for pk, state, rows in _side_by_side(Opportunity, names, versions):
        if state is None or not rows:
            text = "it has versions and no record" if rows else "it has no version"
            yield Offender("versions", "opportunity", pk, text)
            continue
        for name, past in zip(names, rows[-1][1:], strict=True):
            if state[name] != past:
                yield Offender("versions", "opportunity", pk, f"{name} is {state[name]!r}, its last version says {past!r}")


def changes_replay(model: type[Record]) -> Iterator[Offender]:
    """The field changes of each record, in their order, lead from nothing to its state, and each begins where the last ended."""
    kind = record_type(model)
    names = [one.attname for one in model._meta.concrete_fields if one.attname not in UNTOLD]
    query = RecordChange.objects.filter(record_type=kind).order_by("record_id", "id")
    changes = query.values_list("record_id", "operation", "fields").iterator(_AT_ONCE)
    for pk, state, rows in _side_by_side(model, names, changes):
        if state is None or not rows:
            yield Offender("changes", kind, pk, "it has a history and no record" if rows else "it has no history")
            continue
        past: dict[str, Any] = {}
        for _, operation, fields in rows:
            if operation == "correct":
                # A late correction of what was over by then: it is told, and leaves the state as it is.
                continue
            for name, (before, after) in fields.items():
                if operation != "create" and not _same(past.get(name), before):
                    yield Offender("changes", kind, pk, f"a change of {name} began from {before!r}, not from {past.get(name)!r}")
                past[name] = after
        for name in names:
            if not _same(past.get(name), plain(state[name])):
                yield Offender("changes", kind, pk, f"{name} is {state[name]!r}, its history says {past.get(name)!r}")


def stamps_replay(model: type[Record]) -> Iterator[Offender]:
    """The stamps of each record follow on one another, and the last ones say what it is now."""
    kind = record_type(model)
    fields = {what: name for name, what, _ in STAMPED[model]}
    keys = dict(Stage.objects.values_list("pk", "key")) if "stage" in fields else {}
    query = Stamp.objects.filter(record_type=kind).order_by("record_id", "at", "id")
    stamps = query.values_list("record_id", "what", "origin", "target", "at").iterator(_AT_ONCE)
    for pk, state, rows in _side_by_side(model, list(fields.values()), stamps):
        if state is None:
            yield Offender("stamps", kind, pk, "it has stamps and no record")
            continue
        for what, name in fields.items():
            now = str(keys.get(state[name], state[name]) if what == "stage" else state[name])
            moments = groupby((row for row in rows if row[1] == what), key=itemgetter(4))
            before = ""
            for _at, some in moments:
                chain = [(origin, target) for _pk, _what, origin, target, _ in some]
                if not _leads_on(before, chain):
                    origin, target = chain[0]
                    yield Offender("stamps", kind, pk, f"it entered {target} from {origin!r}, but was in {before!r}")
                before = chain[-1][1]
            if before != now:
                yield Offender("stamps", kind, pk, f"its {what} is {now!r}, its last stamp says {before!r}")


def _leads_on(before: str, chain: list[tuple[str, str]]) -> bool:
    """Whether the stamps of one moment, or the last ones of them where a correction came later, lead on from `before`."""
    for start in range(len(chain)):
        origins = [before, *(target for _, target in chain[start:])]
        if all(origin == expected for (origin, _), expected in zip(chain[start:], origins, strict=False)):
            return True
    return False


def _side_by_side(model: type[Record], names: Iterable[str], rows: Iterable[Any]) -> Iterator[Pair]:
    """Each record's values and its rows, by id; None for the values where there are only rows."""
    wanted = ("pk", *names)
    records = model._default_manager.order_by("pk").values_list(*wanted).iterator(_AT_ONCE)
    grouped = ((pk, list(some)) for pk, some in groupby(rows, key=itemgetter(0)))
    waiting = next(grouped, None)
    for values in records:
        while waiting is not None and waiting[0] < values[0]:
            yield waiting[0], None, waiting[1]
            waiting = next(grouped, None)
        own: list[Any] = []
        if waiting is not None and waiting[0] == values[0]:
            own, waiting = waiting[1], next(grouped, None)
        yield values[0], dict(zip(wanted, values, strict=True)), own
    while waiting is not None:
        yield waiting[0], None, waiting[1]
        waiting = next(grouped, None)


def _same(one: Any, other: Any) -> bool:
    return one == other or (one in _EMPTY and other in _EMPTY)
