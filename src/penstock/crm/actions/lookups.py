"""Records that others refer to, read once in a change however many rows name them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db.models import Model

from penstock.crm import access
from penstock.crm.models.record import Record
from penstock.org.models import User

M = TypeVar("M", bound=Model)
T = TypeVar("T")

_found: ContextVar[dict[Hashable, Any] | None] = ContextVar("found", default=None)
_AT_ONCE = 500


@contextmanager
def remembering() -> Iterator[None]:
    """What is looked up inside is remembered until the end of the (outermost) block."""
    if _found.get() is not None:
        yield
        return
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


def remembered(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` returns, made once in a change."""
    kept = _found.get()
    if kept is None:
        return make()
    if key not in kept:
        kept[key] = make()
    found: T = kept[key]
    return found


def lookup(user: User | None, model: type[M], pk: int) -> M | None:
    """The row of this id, if it is there and, of a record, if the user may see it."""
    return look_up(user, model, [pk]).get(pk)


def look_up(user: User | None, model: type[M], pks: Iterable[int]) -> dict[int, M]:
    """The rows of these ids, by id, as of `lookup`."""
    kept = _found.get()
    who = user.pk if user else None
    known = {} if kept is None else kept
    wanted = set(pks)
    missing = sorted(pk for pk in wanted if (model, who, pk) not in known)
    for start in range(0, len(missing), _AT_ONCE):
        some = missing[start : start + _AT_ONCE]
        query = access.visible_to(user, model) if issubclass(model, Record) else model._default_manager.all()
        rows = query.filter(pk__in=some).in_bulk()
        known |= {(model, who, pk): rows.get(pk) for pk in some}
    return {pk: row for pk in wanted if (row := known[model, who, pk]) is not None}
