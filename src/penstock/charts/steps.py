"""A waterfall's figures as steps, each beginning where the last one ended; checked to add up before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

ELEMENTS = ("starting", "new", "change", "won", "lost", "ending")
# Change, opened into its lines, in the order of the bars; a transfer is shown net of what came in and what went out.
CHANGE_LINES: dict[str, tuple[str, ...]] = {
    "increase": ("increase",),
    "decrease": ("decrease",),
    "pulled_in": ("pulled_in",),
    "pushed_out": ("pushed_out",),
    "pulled_out": ("pulled_out",),
    "reopened": ("reopened",),
    "restored": ("restored",),
    "removed": ("removed",),
    "transferred": ("transferred_in", "transferred_out"),
    "currency": ("currency",),
    "probability": ("probability",),
}
MOST_GROUPS = 12


@dataclass(frozen=True)
class Step:
    """One bar: `amount` is signed (a level for starting and ending), from `begin` to `end`, all in minor units.

    deals: how many, if the figures say. parts: this quarter and the next three, for the two levels.
    """

    key: str
    amount: int
    begin: int
    end: int
    deals: int | None = None
    parts: tuple[int, int] | None = None


def steps(group: Mapping[str, Any], *, detail: bool) -> list[Step]:
    """The bars of one group: starting, new, change (with `detail` its non-zero lines), won, lost, ending.

    ValueError when the figures do not add up or leave a residual: such figures are an error, not a chart."""
    _check(group)
    moves = [("new", int(group["new"]))]
    moves += _lines(group) if detail else [("change", int(group["change"]))]
    moves += [("won", int(group["won"])), ("lost", int(group["lost"]))]
    level = int(group["starting"])
    found = [Step("starting", level, 0, level, _deals(group, "starting"), _parts(group, "starting"))]
    for key, amount in moves:
        found.append(Step(key, amount, level, level + amount, _deals(group, key)))
        level += amount
    return [*found, Step("ending", level, 0, level, _deals(group, "ending"), _parts(group, "ending"))]


def shown_groups(groups: Sequence[Mapping[str, Any]], most: int = MOST_GROUPS) -> tuple[list[Mapping[str, Any]], int]:
    """At most `most` groups in the order given, the smallest summed into a last one; and how many were summed."""
    if len(groups) <= most:
        return list(groups), 0
    by_size = sorted(range(len(groups)), key=lambda place: (-_size(groups[place]), place))
    kept = set(by_size[: most - 1])
    rest = [group for place, group in enumerate(groups) if place not in kept]
    other = rest[0]
    for group in rest[1:]:
        other = _sum(other, group)
    return [*(group for place, group in enumerate(groups) if place in kept), other], len(rest)


def check_figures(figures: Mapping[str, Any]) -> None:
    """ValueError that says what is missing, what leaves a residual, or in which element the groups miss the total."""
    missing = [key for key in ("window", "total") if key not in figures]
    if missing:
        raise ValueError(f"these are not the figures of a waterfall: {', '.join(missing)} missing")
    groups, total = figures.get("groups") or [], figures["total"]
    for group in (total, *groups):
        _check(group)
    for key in ELEMENTS:
        together = sum(int(group[key]) for group in groups)
        if groups and together != int(total[key]):
            raise ValueError(f"the groups do not add up to the total: {key} is {together} in them, {total[key]} in the total")


def _check(group: Mapping[str, Any]) -> None:
    missing = [key for key in ELEMENTS if key not in group]
    if missing:
        raise ValueError(f"these are not the figures of a waterfall: {', '.join(missing)} missing")
    moved = sum(int(group[key]) for key in ELEMENTS[:-1])
    residual = int(group.get("residual") or 0)
    if moved != group["ending"] or residual:
        gap = residual or int(group["ending"]) - moved
        name = group_name(group) or "the total"
        raise ValueError(f"the waterfall does not tie out: {name} leaves a residual of {gap} (minor units)")


def _lines(group: Mapping[str, Any]) -> list[tuple[str, int]]:
    lines = group.get("lines") or {}
    found = [(key, sum(int(lines.get(name, 0)) for name in names)) for key, names in CHANGE_LINES.items()]
    together = sum(amount for _, amount in found)
    if together != group["change"]:
        raise ValueError(f"the lines add up to {together}, change is {group['change']}; mend the lines or draw with detail=False")
    return [(key, amount) for key, amount in found if amount]


def _deals(group: Mapping[str, Any], key: str) -> int | None:
    counts: Mapping[str, Any] = group.get("counts") or {}
    names = CHANGE_LINES.get(key, (key,))
    # The contract has the counts of elements and lines side by side; lines may also stand under "lines".
    place: Mapping[str, Any] = counts.get("lines") or {} if key in CHANGE_LINES and "lines" in counts else counts
    if not all(name in place for name in names):
        return None
    return sum(abs(int(place[name])) for name in names)


def _parts(group: Mapping[str, Any], key: str) -> tuple[int, int] | None:
    given = (group.get("parts") or {}).get(key)
    if not given or (not given["this_quarter"] and not given["next_three"]):
        return None
    pair = int(given["this_quarter"]), int(given["next_three"])
    if sum(pair) != group[key]:
        raise ValueError(f"the parts of {key} add up to {sum(pair)}, {key} is {group[key]}")
    return pair


def group_name(group: Mapping[str, Any]) -> str:
    """The values a group stands for, joined; "" for the total."""
    return " · ".join(str(value) for value in (group.get("group") or {}).values() if value not in (None, ""))


def _size(group: Mapping[str, Any]) -> int:
    return max(abs(int(group[key])) for key in ELEMENTS)


def _sum(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two groups as one: whole numbers added at every depth, their names dropped."""
    together: dict[str, Any] = {}
    for key in [*one, *(key for key in other if key not in one)]:
        left, right = one.get(key), other.get(key)
        if key == "group":
            continue
        if isinstance(left, Mapping) or isinstance(right, Mapping):
            together[key] = _sum(left or {}, right or {})
        else:
            together[key] = int(left or 0) + int(right or 0)
    return together


def connected(found: Sequence[Step]) -> list[tuple[int, int]]:
    """The connectors: for each bar but the last, its place and the level at which it hands over to the next."""
    return [(place, step.end) for place, (step, _) in enumerate(pairwise(found))]
