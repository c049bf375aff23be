"""Pairs that look alike are said to be two, or looked at again after all."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.writing import Writer, change
from penstock.crm.duplicates.dismissed import Side, sides
from penstock.crm.models import NotDuplicate
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model
from penstock.crm.refusals import InvalidInput


def dismiss(actor: Actor, pairs: Sequence[tuple[Side, Side]]) -> int:
    """Say that pairs are no duplicates: each as two (kind of record, id), such as `("account", 4)`. They stay away from now on.

    Returns how many were not dismissed before. Needs to be allowed to edit one of the two; raises NotAllowed, NotFound.
    """
    wanted = sides(pairs)
    with change(actor, "dismiss_duplicates", result={"pairs": wanted}) as writer:
        _require(writer, wanted)
        rows = [_row(one, other) | {"change": writer.change} for one, other in wanted]
        new = [row for row in rows if not NotDuplicate.objects.filter(**_key(row)).exists()]
        NotDuplicate.objects.bulk_create([NotDuplicate(**row) for row in new], ignore_conflicts=True)
    return len(new)


def reconsider(actor: Actor, pairs: Sequence[tuple[Side, Side]]) -> int:
    """Take back that pairs are no duplicates; returns how many had been dismissed."""
    wanted = sides(pairs)
    with change(actor, "reconsider_duplicates", result={"pairs": wanted}) as writer:
        _require(writer, wanted)
        return sum(NotDuplicate.objects.filter(**_row(one, other)).delete()[0] for one, other in wanted)


def _require(writer: Writer, pairs: Sequence[tuple[Side, Side]]) -> None:
    by_kind: dict[str, set[int]] = {}
    for one, other in pairs:
        if one == other:
            raise InvalidInput({"pairs": [_("A record is not its own duplicate.")]})
        for kind, pk in (one, other):
            by_kind.setdefault(kind, set()).add(pk)
    records: dict[Side, Record] = {}
    for kind in sorted(by_kind):
        found = writer.locked(record_model(kind), by_kind[kind])
        records |= {(kind, pk): record for pk, record in found.items()}
    for one, other in pairs:
        if not access.may(writer.actor.user, "edit", records[one]):
            writer.require("edit", records[other])


def _row(one: Side, other: Side) -> dict[str, object]:
    return {"first_type": one[0], "first_id": one[1], "second_type": other[0], "second_id": other[1]}


def _key(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "change"}
