"""A trend's figures as layers that lie on one another; checked to add up. No drawing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from penstock.charts.dates import instant
from penstock.charts.steps import group_name


@dataclass(frozen=True)
class Layer:
    """One group: its amounts at each instant, and where it begins and ends in the stack, in minor units."""

    name: str
    amounts: list[int]
    lower: list[int]
    upper: list[int]


@dataclass(frozen=True)
class Trend:
    """The totals by instant and the layers, first group at the bottom. A group that never held anything is left out."""

    totals: list[tuple[datetime, int]]
    layers: list[Layer]

    def edges(self) -> tuple[int, int]:
        """The lowest and highest place of the stack, zero included."""
        places = [0, *(place for layer in self.layers for place in (*layer.lower, *layer.upper))]
        return min(places), max(places)


def trend_of(figures: Mapping[str, Any], unnamed: str) -> Trend:
    """The layers of a trend's figures; `unnamed` is the name of a group without values. ValueError if they do not add up."""
    measure = str(figures.get("measure", "amount"))
    points: Sequence[Mapping[str, Any]] = figures["points"]
    if not points:
        raise ValueError("the trend has no points to draw; give a window that holds at least one instant")
    zone = str(figures.get("timezone") or "UTC")
    totals = [(instant(point["at"], zone), int(point["total"][measure])) for point in points]
    if any(later[0] <= earlier[0] for earlier, later in pairwise(totals)):
        raise ValueError("the points of a trend must go forward in time, each instant once")
    held = [_held(point, measure) for point in points]
    for (moment, total), groups in zip(totals, held, strict=True):
        if groups and sum(groups.values()) != total:
            raise ValueError(f"at {moment.isoformat()} the groups add up to {sum(groups.values())}, the total is {total}")
    whole = not any(held)
    if whole:
        held = [{(): total} for _, total in totals]
    names = _order(held)
    layers = _stacked([[groups.get(name, 0) for groups in held] for name in names])
    named = ["" if whole else group_name({"group": dict(name)}) or unnamed for name in names]
    return Trend(totals, [Layer(name, *parts) for name, parts in zip(named, layers, strict=True) if any(parts[0])])


Key = tuple[tuple[str, Any], ...]


def _held(point: Mapping[str, Any], measure: str) -> dict[Key, int]:
    return {tuple((group.get("group") or {}).items()): int(group[measure]) for group in point.get("groups") or []}


def _order(held: Sequence[Mapping[Key, int]]) -> list[Key]:
    """Every group once. One that comes up later stands behind the one it follows there."""
    order: list[Key] = []
    for groups in held:
        place = 0
        for name in groups:
            if name in order:
                place = order.index(name) + 1
            else:
                order.insert(place, name)
                place += 1
    return order


def _stacked(amounts: Sequence[Sequence[int]]) -> list[tuple[list[int], list[int], list[int]]]:
    """For each group (amounts, lower edges, upper edges): what is above zero piles up, what is below zero piles down."""
    instants = len(amounts[0]) if amounts else 0
    up, down = [0] * instants, [0] * instants
    found = []
    for row in amounts:
        lower, upper = [], []
        for place, amount in enumerate(row):
            pile = up if amount >= 0 else down
            lower.append(pile[place])
            pile[place] += amount
            upper.append(pile[place])
        found.append((list(row), lower, upper))
    return found
