"""Results of the smaller questions: a snapshot, a trend, the net view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penstock.ledger.net import LABELS

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


@dataclass(frozen=True)
class Snapshot:
    """Open pipeline just before an instant.

    groups: each with group (dimension -> value), amount and weighted (minor units), count, and overdue (the same three of
    deals whose close date has passed the horizon's start). total: their sums. evidence: money by how well it is known.
    """

    at: str
    horizon: Mapping[str, str] | None
    currency: str
    minor_unit: int
    grouping: str
    by: tuple[str, ...]
    groups: tuple[Mapping[str, Any], ...]
    total: Mapping[str, Any]
    evidence: Mapping[str, int]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The machine-readable form that `--format json` prints."""
        return {
            "at": self.at,
            "horizon": None if self.horizon is None else dict(self.horizon),
            "currency": self.currency,
            "minor_unit": self.minor_unit,
            "grouping": self.grouping,
            "by": list(self.by),
            "groups": [dict(group) for group in self.groups],
            "total": dict(self.total),
            "evidence": dict(self.evidence),
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per group: dimensions, amount, weighted, count, overdue_amount, overdue_weighted, overdue_count."""
        import pandas as pd

        return pd.DataFrame([flat_group(group) for group in self.groups])


@dataclass(frozen=True)
class Trend:
    """Open pipeline at many instants. points: each with at, groups (group, amount, weighted, count) and total.

    horizon: {"rolling": "4q"} where it moves on with each point's quarter, else as of a snapshot.
    """

    measure: str
    currency: str
    minor_unit: int
    grouping: str
    by: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...]
    horizon: Mapping[str, str] | None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The machine-readable form that `--format json` prints."""
        return {
            "measure": self.measure,
            "currency": self.currency,
            "minor_unit": self.minor_unit,
            "grouping": self.grouping,
            "by": list(self.by),
            "horizon": None if self.horizon is None else dict(self.horizon),
            "points": [dict(point) for point in self.points],
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per instant and group."""
        import pandas as pd

        return pd.DataFrame([{"at": point["at"], **flat_group(group)} for point in self.points for group in point["groups"]])

    def chart(self, **options: Any) -> alt.TopLevelMixin:
        """An Altair chart; `options` as of `charts.trend_chart` (title, theme, locale)."""
        from penstock.charts.trend import trend_chart

        return trend_chart(self.to_dict(), **options)


@dataclass(frozen=True)
class Net:
    """Each deal compared at the two ends only. deals: opportunity_id, label, amount (minor units), starting, ending."""

    window: Mapping[str, str]
    horizon: Mapping[str, str] | None
    measure: str
    currency: str
    minor_unit: int
    deals: tuple[Mapping[str, Any], ...] = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> dict[str, dict[str, int]]:
        """Count and amount of each label that occurs, in order of precedence."""
        sums = {label: {"count": 0, "amount": 0} for label in LABELS}
        for deal in self.deals:
            sums[deal["label"]]["count"] += 1
            sums[deal["label"]]["amount"] += deal["amount"]
        return {label: figures for label, figures in sums.items() if figures["count"]}

    @property
    def starting(self) -> int:
        """Starting pipeline, equal to the waterfall's."""
        return sum(deal["starting"] for deal in self.deals)

    @property
    def ending(self) -> int:
        """Ending pipeline, equal to the waterfall's."""
        return sum(deal["ending"] for deal in self.deals)

    def to_dict(self) -> dict[str, Any]:
        """The machine-readable form that `--net --format json` prints."""
        return {
            "window": dict(self.window),
            "horizon": None if self.horizon is None else dict(self.horizon),
            "measure": self.measure,
            "currency": self.currency,
            "minor_unit": self.minor_unit,
            "starting": self.starting,
            "ending": self.ending,
            "labels": self.labels,
            "deals": [dict(deal) for deal in self.deals],
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per deal."""
        import pandas as pd

        return pd.DataFrame([dict(deal) for deal in self.deals])


def flat_group(group: Mapping[str, Any]) -> dict[str, Any]:
    """A group's figures as one level of columns, its dimensions first."""
    row = {name: value for name, value in group.items() if name not in ("group", "overdue")}
    if "overdue" in group:
        row |= {f"overdue_{name}": value for name, value in group["overdue"].items()}
    return named_beside(row, group["group"]) | row


def named_beside(figures: Iterable[str], group: Mapping[str, Any]) -> dict[str, Any]:
    """A group's values as columns beside `figures`; a dimension named like one (currency is also a line) becomes group_<name>."""
    taken = set(figures)
    return {f"group_{name}" if name in taken else name: value for name, value in group.items()}
