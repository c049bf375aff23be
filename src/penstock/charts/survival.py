"""Win rate by age: the share of deals won within so many days, as a step line with its band of confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import altair as alt

from penstock.charts.funnel import rate_words
from penstock.charts.labels import phrase
from penstock.charts.plane import Plane, Row, inline, nice_levels, shortened, titled
from penstock.charts.theme import SMALL_SIZE, Theme, sequential, theme_named
from penstock.charts.trend import LINE, spread

WIDTH, HEIGHT = 740, 320
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 2), (9, 3, 2, 3))  # curves that cross are told apart without colour


def survival_chart(
    figures: Mapping[str, Any], *, title: str | None = None, theme: str = "light", locale: str = "en"
) -> alt.TopLevelMixin:
    """Win-by-age curves of {"curves": [{"name", "points": [{"age", "share", "low", "high"}]}], "level": 0.95}.

    age: days, not falling. share, low, high: between 0 and 1; low and high may be None (no band). level: of the band.
    A curve begins at age 0 with nothing won. ValueError where ages fall or a share is outside 0 to 1.
    """
    look = theme_named(theme)
    curves = [(str(curve.get("name") or ""), _points(curve)) for curve in figures.get("curves") or []]
    curves = [curve for curve in curves if len(curve[1]) > 1]
    oldest = max((points[-1]["x"] for _, points in curves), default=1)
    highest = max((point["high"] for _, points in curves for point in points), default=0.1)
    levels = nice_levels(0, highest or 0.1)
    plane = Plane(0, oldest or 1, 0, levels[-1], WIDTH, HEIGHT)
    colours = [look.accent] if len(curves) == 1 else sequential(look, len(curves) + 1)[1:]
    layers = [
        *_axes(levels, plane, look, locale),
        *(
            _band(points, colour, 0.16 if len(curves) == 1 else 0.1, plane)
            for (_, points), colour in zip(curves, colours, strict=True)
        ),
        *(_line(curve[1], colours[at], DASHES[at % len(DASHES)], plane) for at, curve in enumerate(curves)),
        *_ends(curves, plane, look, locale),
    ]
    subtitle = [phrase("win.sub", locale)]
    if any(point["low"] != point["high"] for _, points in curves for point in points):
        level = rate_words(Decimal(str(figures.get("level", "0.95"))), locale)
        subtitle[0] += " · " + phrase("win.band", locale, level=level)
    shown = title or survival_title(curves, locale)
    drawn: alt.TopLevelMixin = titled(plane.layered(layers), look, shown, subtitle, WIDTH + 180, locale)
    return drawn


def survival_title(curves: Sequence[tuple[str, Sequence[Row]]], locale: str) -> str:
    """Of the curve that reaches highest: its share at its last age."""
    if not any(points[-1]["y"] for _, points in curves):
        return phrase("win.none", locale)
    name, points = max(curves, key=lambda curve: float(curve[1][-1]["y"]))
    reached = next(point for point in points if point["y"] == points[-1]["y"])
    words = {"share": _percent(points[-1]["y"], locale), "days": int(reached["x"])}
    return (
        phrase("win.title_of", locale, name=name, **words) if name and len(curves) > 1 else phrase("win.title", locale, **words)
    )


def _points(curve: Mapping[str, Any]) -> list[Row]:
    points: list[Row] = [{"x": 0, "y": 0.0, "low": 0.0, "high": 0.0}]
    for given in curve.get("points") or []:
        share = float(given["share"])
        low, high = (share if given.get(key) is None else float(given[key]) for key in ("low", "high"))
        if given["age"] < points[-1]["x"]:
            raise ValueError(f"the ages of a curve must not fall: {given['age']} stands after {points[-1]['x']}")
        if not 0 <= low <= share <= high <= 1:
            raise ValueError(
                f"at age {given['age']} the shares are not in order between 0 and 1: low {low}, share {share}, high {high}"
            )
        points.append({"x": given["age"], "y": share, "low": low, "high": high})
    return points


def _band(points: Sequence[Row], colour: str, opacity: float, plane: Plane) -> alt.Chart | None:
    rows = [{"x": point["x"], "y": point["low"], "y2": point["high"]} for point in points]
    if all(row["y"] == row["y2"] for row in rows):
        return None
    mark = inline(rows).mark_area(interpolate="step-after", color=colour, opacity=opacity, aria=False)
    chart: alt.Chart = mark.encode(x=plane.x(), y=plane.y(), y2=alt.Y2("y2:Q"))
    return chart


def _line(points: Sequence[Row], colour: str, dash: Sequence[float], plane: Plane) -> alt.Chart:
    mark = inline(points).mark_line(interpolate="step-after", color=colour, strokeWidth=2, strokeDash=list(dash))
    chart: alt.Chart = mark.encode(x=plane.x(), y=plane.y())
    return chart


def _axes(levels: Sequence[float], plane: Plane, theme: Theme, locale: str) -> list[alt.Chart | None]:
    lines = [{"x": 0, "x2": plane.right, "y": level, "y2": level} for level in levels]
    shares = [{"x": 0, "y": level, "text": _percent(level, locale)} for level in levels]
    ages = [age for age in nice_levels(0, plane.right, 8, whole=True) if age <= plane.right]
    days = [{"x": age, "y": 0, "text": str(int(age))} for age in ages]
    return [
        plane.rules(lines, theme.line),
        plane.rules([{"x": 0, "x2": plane.right, "y": 0, "y2": 0}], theme.neutral[6]),
        plane.texts(shares, theme.quiet, size=SMALL_SIZE, align="right", dx=-8),
        plane.texts(days, theme.quiet, size=SMALL_SIZE, baseline="top", dy=9),
        plane.texts(
            [{"x": plane.right / 2, "y": 0, "text": phrase("win.axis", locale)}],
            theme.quiet,
            size=SMALL_SIZE,
            baseline="top",
            dy=28,
        ),
    ]


def _ends(curves: Sequence[tuple[str, Sequence[Row]]], plane: Plane, theme: Theme, locale: str) -> list[alt.Chart | None]:
    """Name and last share of each curve at the right edge."""
    pixels = [plane.height - plane.pixels_high(points[-1]["y"]) for _, points in curves]
    rows = []
    for (name, points), place in zip(curves, spread(pixels, LINE, plane.height), strict=True):
        words = "\u00a0\u00a0".join(part for part in (shortened(name, 24), _percent(points[-1]["y"], locale)) if part)
        rows.append({"x": plane.right, "y": plane.top - plane.extent_of(place), "text": words})
    return [plane.texts(rows, theme.text, weight=600, align="left", dx=10)]


def _percent(share: float, locale: str) -> str:
    return rate_words(Decimal(str(share)), locale)
