"""A waterfall as an object: the six elements, the lines under them, groups, residual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penstock.ledger.evidence import GRADES
from penstock.ledger.postings import LINES
from penstock.library.figures import named_beside

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from penstock.library.postings import Postings

ELEMENTS = ("starting", "new", "change", "won", "lost", "ending")
PARTS = ("this_quarter", "next_three")


@dataclass(frozen=True)
class Figures:
    """The six elements in one measure: money in minor units, or deals. Signed so that they add up; lines likewise."""

    starting: int
    new: int
    change: int
    won: int
    lost: int
    ending: int
    residual: int
    lines: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The elements, residual and lines by name."""
        return {name: getattr(self, name) for name in (*ELEMENTS, "residual")} | {"lines": dict(self.lines)}


@dataclass(frozen=True)
class Group:
    """One group's waterfall.

    group: dimension -> value (None is blank); empty for the total. money: in the report's measure. counts: in deals.
    parts: starting and ending by this quarter and next three. overdue: open deals beside the pipeline, at start and end;
    overdue_counts, how many. roll: into the horizon moved on by a quarter. evidence: gross money by how well it is known.
    """

    group: Mapping[str, str | None]
    money: Figures
    counts: Figures
    parts: Mapping[str, Mapping[str, int]]
    overdue: Mapping[str, int]
    overdue_counts: Mapping[str, int]
    roll: Mapping[str, int]
    evidence: Mapping[str, int]

    @classmethod
    def from_row(cls, row: Mapping[str, Any], group: Mapping[str, str | None]) -> Group:
        """A group from a row of `ledger.waterfall`."""
        rolls = {"entering": row["entering"], "overdue": row["leaving"]}
        return cls(
            group=group,
            money=_figures(row, ""),
            counts=_figures(row, "count_"),
            parts={end: {part: row[f"{end}_{part}"] for part in PARTS} for end in ("starting", "ending")},
            overdue={end: row[f"{end}_overdue"] for end in ("starting", "ending")},
            overdue_counts={end: row[f"count_{end}_overdue"] for end in ("starting", "ending")},
            roll=rolls | {"next_starting": row["ending"] + rolls["entering"] - rolls["overdue"]},
            evidence={grade: row[f"evidence_{grade}"] for grade in GRADES},
        )

    @property
    def empty(self) -> bool:
        """True where nothing stood and nothing moved."""
        return not any(self.counts.to_dict()[name] for name in ELEMENTS) and not any(
            (*self.counts.lines.values(), *self.money.lines.values(), *self.overdue_counts.values(), self.roll["entering"])
        )

    def to_dict(self) -> dict[str, Any]:
        """As in the machine-readable form."""
        return {
            "group": dict(self.group),
            **self.money.to_dict(),
            "counts": self.counts.to_dict(),
            "parts": {end: dict(parts) for end, parts in self.parts.items()},
            "overdue": dict(self.overdue),
            "overdue_counts": dict(self.overdue_counts),
            "roll": dict(self.roll),
        }


def _figures(row: Mapping[str, Any], prefix: str) -> Figures:
    elements = {name: row[f"{prefix}{name}"] for name in (*ELEMENTS, "residual")}
    return Figures(**elements, lines={line: row[f"{prefix}{line}"] for line in LINES})


def total_of(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> dict[str, int]:
    """Rows of `ledger.waterfall` added up, column by column."""
    sums = dict.fromkeys(columns, 0)
    for row in rows:
        for name in sums:
            sums[name] += row[name]
    return sums


@dataclass(frozen=True)
class Waterfall:
    """The waterfall of a window. Money is in minor units of `currency`, divided by 10**minor_unit for display.

    window: start and end, ISO 8601 UTC. horizon: close dates that count, [start, end), None for all. proved: `deals` if the
    residual was found zero for every single deal, `groups` if for every group only. notes: what the data could not tell.
    """

    window: Mapping[str, str]
    horizon: Mapping[str, str] | None
    measure: str
    currency: str
    minor_unit: int
    grouping: str
    by: tuple[str, ...]
    groups: tuple[Group, ...]
    total: Group
    proved: str
    notes: tuple[str, ...] = ()
    drill: Any = field(default=None, repr=False, compare=False)

    @property
    def residual(self) -> int:
        """Ending less everything before it. Zero, or this object would not exist (`TieOutError`)."""
        return self.total.money.residual

    @property
    def starting(self) -> int:
        """Starting pipeline."""
        return self.total.money.starting

    @property
    def new(self) -> int:
        """New pipeline."""
        return self.total.money.new

    @property
    def change(self) -> int:
        """Change in value of what was there."""
        return self.total.money.change

    @property
    def won(self) -> int:
        """Closed won, as it leaves the pipeline: zero or negative, unless wins were taken back."""
        return self.total.money.won

    @property
    def lost(self) -> int:
        """Closed lost: zero or negative."""
        return self.total.money.lost

    @property
    def ending(self) -> int:
        """Ending pipeline."""
        return self.total.money.ending

    @property
    def lines(self) -> Mapping[str, int]:
        """The lines under change and won, by name."""
        return self.total.money.lines

    @property
    def evidence(self) -> Mapping[str, int]:
        """Gross money (starting pipeline and every posting) that is observed, reconstructed and unknown."""
        return self.total.evidence

    def postings(self, **filters: Any) -> Postings:
        """The postings behind the figures: `element`, `line` and `group` narrow them, as in `History.postings`."""
        result: Postings = self.drill(**filters)
        return result

    def to_dict(self) -> dict[str, Any]:
        """The machine-readable form that `--format json` prints."""
        total = self.total.to_dict()
        return {
            "window": dict(self.window),
            "horizon": None if self.horizon is None else dict(self.horizon),
            "measure": self.measure,
            "currency": self.currency,
            "minor_unit": self.minor_unit,
            "grouping": self.grouping,
            "by": list(self.by),
            "groups": [group.to_dict() for group in self.groups],
            "total": total,
            "roll": total["roll"],
            "evidence": dict(self.total.evidence),
            "proved": self.proved,
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per group: dimensions, elements, residual and lines in minor units, counts as count_<name>.

        The dimension currency is group_currency: currency is a line.
        """
        import pandas as pd

        rows = []
        for group in self.groups:
            money, counts = group.money.to_dict(), group.counts.to_dict()
            row: dict[str, Any] = {**{name: money[name] for name in (*ELEMENTS, "residual")}, **money["lines"]}
            row |= {f"count_{name}": counts[name] for name in ELEMENTS}
            row |= {f"count_{line}": value for line, value in counts["lines"].items()}
            rows.append(named_beside(row, group.group) | row)
        return pd.DataFrame(rows)

    def chart(self, **options: Any) -> alt.TopLevelMixin:
        """An Altair chart; `options` as of `charts.waterfall_chart` (title, theme, locale)."""
        from penstock.charts.waterfall import waterfall_chart

        return waterfall_chart(self.to_dict(), **options)
