"""Pairs of which somebody has said that they are two."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from penstock.crm.models import NotDuplicate

Side = tuple[str, int]


def ordered(one: Side, other: Side) -> tuple[Side, Side]:
    """The two in the order in which they are kept."""
    return (one, other) if one <= other else (other, one)


def dismissed_pairs(record_type: str) -> set[tuple[int, int]]:
    """The pairs of records of one kind that were dismissed, the lower id first."""
    rows = NotDuplicate.objects.filter(first_type=record_type, second_type=record_type)
    return set(rows.values_list("first_id", "second_id"))


def dismissed_with(kind: str, pk: int | None) -> set[Side]:
    """The records that were said to be others than this one."""
    if pk is None:
        return set()
    rows = NotDuplicate.objects.filter(Q(first_type=kind, first_id=pk) | Q(second_type=kind, second_id=pk))
    return {_other(row, (kind, pk)) for row in rows}


def _other(row: NotDuplicate, side: Side) -> Side:
    first, second = (row.first_type, row.first_id), (row.second_type, row.second_id)
    return second if first == side else first


def sides(pairs: Iterable[tuple[Side, Side]]) -> list[tuple[Side, Side]]:
    """The pairs as they are kept, each once."""
    return list(dict.fromkeys(ordered(one, other) for one, other in pairs))
