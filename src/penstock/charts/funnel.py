"""The funnel: how many deals entered each stage, how many went on, are still there or were lost, and the rate between stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import altair as alt

from penstock.charts.amounts import Amounts
from penstock.charts.dates import window_words
from penstock.charts.labels import phrase
from penstock.charts.plane import Plane, Row, shortened, titled
from penstock.charts.theme import SMALL_SIZE, Theme, mix, sequential, theme_named

WIDTH, ROW = 560, 64
BAR = 0.56  # the share of its row that a bar fills; the rate stands in the rest
OUTCOMES = ("advanced", "pending", "lost")


@dataclass(frozen=True)
class Stage:
    """One row. other: entered, but neither gone on, nor pending, nor lost (removed)."""

    name: str
    entered: int
    advanced: int
    pending: int
    lost: int
    other: int
    rate: Decimal | None


def funnel_chart(
    figures: Sequence[Mapping[str, Any]],
    *,
    title: str | None = None,
    theme: str = "light",
    locale: str = "en",
    window: Mapping[str, Any] | None = None,
    timezone: str = "UTC",
) -> alt.TopLevelMixin:
    """The funnel of [{"stage", "entered", "advanced", "pending", "lost", "rate"}] in the order of the stages, counts of deals.

    rate: advanced ÷ entered, between 0 and 1; None where nothing entered. window: {"start", "end"}, ISO, named in the subtitle.
    ValueError if more left a stage than entered it.
    """
    look = theme_named(theme)
    stages = [_stage(row) for row in figures]
    counts = Amounts.of({"measure": "count"}, [stage.entered for stage in stages], locale)
    widest = max([1, *(stage.entered for stage in stages)])
    rows = max(1, len(stages))
    plane = Plane(0, widest, rows, 0, WIDTH, ROW * rows)
    # The ramp's quietest shades are too near the ground for a bar that has lighter parts of its own.
    colours = sequential(look, len(stages) + 2)[2:]
    bars = [bar for place, stage in enumerate(stages) for bar in _bars(place, stage, colours[place], counts, look)]
    subtitle = phrase("funnel.sub", locale)
    if window:
        subtitle = f"{window_words(window, timezone, locale)} · {subtitle}"
    chart = plane.layered(
        [
            plane.rules([{"x": 0, "x2": 0, "y": 0, "y2": rows}], look.neutral[4]),
            plane.rects(bars, told=[("stage", " "), ("outcome", "  ")]),
            *_words(stages, counts, plane, look),
        ]
    )
    shown = title or funnel_title(stages, counts)
    drawn: alt.TopLevelMixin = titled(chart, look, shown, [subtitle, phrase("funnel.key", locale)], WIDTH + 320, locale)
    return drawn


def funnel_title(stages: Sequence[Stage], counts: Amounts) -> str:
    """The stage that lets the smallest share through."""
    rated = [stage for stage in stages if stage.rate is not None]
    if not rated:
        return phrase("funnel.empty", counts.locale)
    weakest = min(rated, key=lambda stage: stage.rate or Decimal(0))
    if len(rated) > 1 and len({stage.rate for stage in rated}) == 1:
        return phrase("funnel.level", counts.locale, rate=rate_words(weakest.rate, counts.locale))
    rate = rate_words(weakest.rate, counts.locale)
    return phrase("funnel.weakest", counts.locale, stage=weakest.name, rate=rate, n=counts.exact(weakest.entered))


def rate_words(rate: Decimal | None, locale: str) -> str:
    """A share as whole per cent; a dash where there is none."""
    if rate is None:
        return "–"
    gap = "\u202f" if locale.startswith("fr") else ""
    return f"{(rate * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)}{gap}%"


def _stage(row: Mapping[str, Any]) -> Stage:
    entered = int(row["entered"])
    parts = [int(row.get(key) or 0) for key in OUTCOMES]
    if sum(parts) > entered or min(parts) < 0:
        raise ValueError(f"stage {row['stage']}: {entered} entered, but {sum(parts)} went on, are pending or were lost")
    given = row.get("rate")
    rate = Decimal(str(given)) if given is not None else Decimal(parts[0]) / entered if entered else None
    advanced, pending, lost = parts
    return Stage(str(row["stage"]), entered, advanced, pending, lost, entered - sum(parts), rate)


def _bars(place: int, stage: Stage, colour: str, counts: Amounts, theme: Theme) -> list[Row]:
    """Gone on in the stage's colour, still there lighter, lost and removed as an outline."""
    top = place + (1 - BAR) / 2 - 0.12
    fills = {
        "advanced": (colour, colour),
        "pending": (mix(colour, theme.ground, 0.62), mix(colour, theme.ground, 0.35)),
        "lost": (theme.ground, theme.lost),
        "other": (theme.ground, theme.neutral[5]),
    }
    found, left = [], 0
    for key, (fill, stroke) in fills.items():
        number = int(getattr(stage, key))
        if not number:
            continue
        outcome = _outcome(key, stage, counts)
        corners = {"x": left, "x2": left + number, "y": top, "y2": top + BAR}
        told = {"stage": stage.name, "outcome": outcome, "said": f"{stage.name}: {outcome}", "key": key, "number": number}
        found.append(corners | {"fill": fill, "stroke": stroke} | told)
        left += number
    return found


def _outcome(key: str, stage: Stage, counts: Amounts) -> str:
    number = counts.exact(int(getattr(stage, key)))
    if key == "advanced":
        return f"{number} ({phrase('funnel.goes_on', counts.locale, rate=rate_words(stage.rate, counts.locale))})"
    return phrase(f"funnel.{key}", counts.locale, n=number)


def _words(stages: Sequence[Stage], counts: Amounts, plane: Plane, theme: Theme) -> list[alt.Chart | None]:
    """Stage and number entered at the left, what became of the rest at the right, the rate in the gap to the next stage."""
    names, entered, rest, rates = [], [], [], []
    for place, stage in enumerate(stages):
        y = place + 0.5 - 0.12
        names.append({"x": 0, "y": y - 0.12, "text": shortened(stage.name, 28)})
        entered.append({"x": 0, "y": y + 0.13, "text": phrase("funnel.entered", counts.locale, n=counts.exact(stage.entered))})
        beside = [_outcome(key, stage, counts) for key in ("pending", "lost", "other") if getattr(stage, key)]
        rest.append({"x": stage.entered, "y": y, "text": " · ".join(beside)})
        if stage.rate is not None:
            words = phrase("funnel.goes_on", counts.locale, rate=rate_words(stage.rate, counts.locale))
            rates.append({"x": 0, "y": place + 0.88, "text": f"↓ {words}"})
    return [
        plane.texts(names, theme.text, weight=600, align="right", dx=-14),
        plane.texts(entered, theme.quiet, size=SMALL_SIZE, align="right", dx=-14),
        plane.texts(rest, theme.quiet, size=SMALL_SIZE, align="left", dx=8),
        plane.texts(rates, theme.text, size=SMALL_SIZE, align="left", dx=8),
    ]
