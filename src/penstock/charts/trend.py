"""The trend: the pipeline at many instants, stacked by group in the order given, each group named at the right where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import altair as alt

from penstock.charts.amounts import Amounts
from penstock.charts.dates import ticks
from penstock.charts.findings import trend_subtitle, trend_title
from penstock.charts.labels import phrase
from penstock.charts.plane import Plane, Row, inline, nice_levels, shortened, titled
from penstock.charts.stack import Layer, Trend, trend_of
from penstock.charts.theme import SMALL_SIZE, Theme, sequential, theme_named

WIDTH, ONE_WIDTH, HEIGHT, LINE = 740, 160, 320, 16
MOST_LABELS = 10
GAP = "\u00a0\u00a0"  # plain spaces would be drawn as one
LEGEND_COLUMN = 190
BAR = 90  # pixels of the one bar that a single instant gives


def trend_chart(
    figures: Mapping[str, Any], *, title: str | None = None, theme: str = "light", locale: str = "en"
) -> alt.TopLevelMixin:
    """The trend of {"measure", "currency", "minor_unit", "by",
    "points": [{"at", "groups": [{"group", "amount", "weighted", "count"}], "total"}]}: minor units, ISO instants in order.
    A group that a point does not name holds nothing there.

    Each level holds until the next instant. ValueError if a point's groups do not add up to its total, or instants go backwards.
    """
    look = theme_named(theme)
    trend = trend_of(figures, phrase("none", locale))
    amounts = Amounts.of(figures, [level for _, level in trend.totals], locale)
    low, high = trend.edges()
    levels = nice_levels(amounts.major(low), amounts.major(high), whole=amounts.exponent == 0)
    first, last = trend.totals[0][0], trend.totals[-1][0]
    width = WIDTH if first < last else ONE_WIDTH
    plane = Plane(_ms(first), max(_until(trend), _ms(first) + 1), levels[0], levels[-1], width, HEIGHT)
    colours = sequential(look, len(trend.layers))
    areas = _areas(trend, colours, amounts, plane, look) if first < last else _one_bar(trend, colours, amounts, plane, look)
    named = _names if len(trend.layers) <= MOST_LABELS else _legend
    layers = [
        *_value_axis(levels, amounts, plane, look),
        *areas,
        plane.rules([{"x": plane.left, "x2": plane.right, "y": 0, "y2": 0}], look.neutral[6]),
        *_time_axis(first, last, plane, look, locale),
        *named(trend, colours, amounts, plane, look),
    ]
    shown = title or trend_title(figures, trend, amounts)
    drawn: alt.TopLevelMixin = titled(
        plane.layered(layers), look, shown, trend_subtitle(figures, trend, amounts), WIDTH + 180, locale
    )
    return drawn


def _areas(trend: Trend, colours: Sequence[str], amounts: Amounts, plane: Plane, theme: Theme) -> list[alt.Chart | None]:
    found: list[alt.Chart | None] = []
    for layer, colour in zip(trend.layers, colours, strict=True):
        rows = _held(trend, layer, amounts)
        mark = inline(rows).mark_area(interpolate="step-after", color=colour, line=False, description=layer.name)
        area: alt.Chart = mark.encode(x=plane.x(), y=plane.y(), y2=alt.Y2("y2:Q"))
        found.append(area)
    edges = [row for layer in trend.layers[1:] for row in _held(trend, layer, amounts)]
    if edges:
        # A hairline of the ground between neighbours, whose shades may be close.
        hairline = inline(edges).mark_line(interpolate="step-after", color=theme.ground, strokeWidth=0.7, aria=False)
        found.append(hairline.encode(x=plane.x(), y=plane.y(), detail=alt.Detail("name:N")))
    return [*found, _hover(trend, amounts, plane)]


def _hover(trend: Trend, amounts: Amounts, plane: Plane) -> alt.Chart:
    """Invisible columns over the areas that tell the exact figures of their instant."""
    rows = []
    ends = [*(_ms(moment) for moment, _ in trend.totals[1:]), _until(trend)]
    for place, ((moment, total), until) in enumerate(zip(trend.totals, ends, strict=True)):
        told = (
            {layer.name: amounts.exact(layer.amounts[place]) for layer in reversed(trend.layers)} if len(trend.layers) > 1 else {}
        )
        whole = {"at": moment.strftime("%Y-%m-%d %H:%M"), phrase("total", amounts.locale): amounts.exact(total)}
        rows.append({"x": _ms(moment), "x2": until, "told": whole | told})
    mark = inline(rows).mark_rect(opacity=0, aria=False, tooltip={"expr": "datum.told"})
    chart: alt.Chart = mark.encode(x=plane.x(), x2=alt.X2("x2:Q"))
    return chart


def _one_bar(trend: Trend, colours: Sequence[str], amounts: Amounts, plane: Plane, theme: Theme) -> list[alt.Chart | None]:
    """One instant has no width: it is one stacked bar."""
    wide = (plane.right - plane.left) * BAR / plane.width
    rows = []
    for layer, colour in zip(trend.layers, colours, strict=True):
        row = _row(trend.totals[0][0], layer, 0, amounts) | {"fill": colour, "stroke": theme.ground}
        row |= {"x": plane.right - wide, "x2": plane.right, "said": f"{layer.name}: {amounts.exact_money(layer.amounts[0])}"}
        rows.append(row | {"exact": amounts.exact(layer.amounts[0])})
    return [plane.rects(rows, told=[("name", " "), ("exact", amounts.currency or " ")])]


def _held(trend: Trend, layer: Layer, amounts: Amounts) -> list[Row]:
    """The layer's places, the last one held a little longer so that it is seen."""
    rows = [_row(moment, layer, place, amounts) for place, (moment, _) in enumerate(trend.totals)]
    return [*rows, rows[-1] | {"x": _until(trend)}]


def _until(trend: Trend) -> float:
    """Where the last level stops: after the usual time between two instants, or a twenty-fifth of the whole if that is less."""
    places = [_ms(moment) for moment, _ in trend.totals]
    gaps = sorted(later - earlier for earlier, later in pairwise(places))
    return places[-1] + (min(gaps[len(gaps) // 2], (places[-1] - places[0]) / 25) if gaps else 0)


def _row(moment: datetime, layer: Layer, place: int, amounts: Amounts) -> Row:
    return {
        "x": _ms(moment),
        "y": amounts.major(layer.lower[place]),
        "y2": amounts.major(layer.upper[place]),
        "name": layer.name,
        "minor": layer.amounts[place],
    }


def _value_axis(levels: Sequence[float], amounts: Amounts, plane: Plane, theme: Theme) -> list[Any]:
    lines = [{"x": plane.left, "x2": plane.right, "y": level, "y2": level} for level in levels]
    words = amounts.axis([round(level * 10**amounts.exponent) for level in levels])
    rows = [{"x": plane.left, "y": level, "text": text} for level, text in zip(levels, words, strict=True)]
    return [plane.rules(lines, theme.line), plane.texts(rows, theme.quiet, size=SMALL_SIZE, align="right", dx=-8)]


def _time_axis(first: datetime, last: datetime, plane: Plane, theme: Theme, locale: str) -> list[Any]:
    marks = ticks(first, last, locale)
    where = [{"x": plane.right if first == last else _ms(moment), "y": plane.bottom, "text": words} for moment, words in marks]
    stubs = [{"x": row["x"], "x2": row["x"], "y": plane.bottom, "y2": plane.bottom - plane.extent_of(4)} for row in where]
    align = "right" if first == last else "center"
    return [
        plane.rules(stubs, theme.neutral[5]),
        plane.texts(where, theme.quiet, size=SMALL_SIZE, baseline="top", dy=9, align=align),
    ]


def _names(trend: Trend, colours: Sequence[str], amounts: Amounts, plane: Plane, theme: Theme) -> list[Any]:
    """Name and last value of each group beside its area, at least a line apart; a thin leader where a name had to move."""
    if not trend.layers or not trend.layers[0].name:
        end = {"x": plane.right, "y": amounts.major(trend.totals[-1][1]), "text": amounts.money(trend.totals[-1][1])}
        return [plane.texts([end], theme.text, weight=600, align="left", dx=8)]
    middles = [(amounts.major(layer.lower[-1]) + amounts.major(layer.upper[-1])) / 2 for layer in trend.layers]
    places = spread([plane.height - plane.pixels_high(middle - plane.bottom) for middle in middles], LINE, plane.height)
    right, pixel = plane.right, (plane.right - plane.left) / plane.width
    rows, leaders, chips = [], [], []
    for layer, middle, place, colour in zip(trend.layers, middles, places, colours, strict=True):
        y = plane.top - plane.extent_of(place)
        rows.append(
            {"x": right + 30 * pixel, "y": y, "text": f"{shortened(layer.name, 26)}{GAP}{amounts.short(layer.amounts[-1])}"}
        )
        leaders.append({"x": right + 3 * pixel, "x2": right + 14 * pixel, "y": middle, "y2": y})
        chips.append(_chip(right + 16 * pixel, y, 9, colour, plane))
    head = [{"x": right + 16 * pixel, "y": plane.top, "text": _total(trend, amounts)}]
    above = plane.texts(head, theme.text, weight=600, align="left", baseline="bottom", dy=min(0, int(min(places)) - LINE))
    return [plane.rules(leaders, theme.neutral[5]), plane.rects(chips), plane.texts(rows, theme.text, align="left"), above]


def _legend(trend: Trend, colours: Sequence[str], amounts: Amounts, plane: Plane, theme: Theme) -> list[Any]:
    """More groups than can be named beside their areas: a list with the topmost group first, in columns as high as the chart."""
    pixel, lines = (plane.right - plane.left) / plane.width, plane.height // LINE
    rows, chips = [], []
    for place, (layer, colour) in enumerate(reversed(list(zip(trend.layers, colours, strict=True)))):
        x = plane.right + (16 + LEGEND_COLUMN * (place // lines)) * pixel
        y = plane.top - plane.extent_of((place % lines + 0.5) * LINE)
        chips.append(_chip(x, y, 9, colour, plane))
        rows.append({"x": x + 14 * pixel, "y": y, "text": f"{shortened(layer.name, 20)}{GAP}{amounts.short(layer.amounts[-1])}"})
    head = [{"x": plane.right + 16 * pixel, "y": plane.top, "text": _total(trend, amounts)}]
    above = plane.texts(head, theme.text, weight=600, align="left", baseline="bottom", dy=-5)
    return [plane.rects(chips), plane.texts(rows, theme.text, size=SMALL_SIZE, align="left"), above]


def _total(trend: Trend, amounts: Amounts) -> str:
    return f"{phrase('total', amounts.locale)}{GAP}{amounts.money(trend.totals[-1][1])}"


def _chip(x: float, y: float, size: float, colour: str, plane: Plane) -> Row:
    """A square of the group's colour beside its name."""
    half = plane.extent_of(size / 2)
    wide = size * (plane.right - plane.left) / plane.width
    return {"x": x, "x2": x + wide, "y": y - half, "y2": y + half, "fill": colour, "stroke": colour, "said": ""}


def spread(places: Sequence[float], apart: float, height: float) -> list[float]:
    """Pixels from the top, moved as little as keeps their order and `apart` between neighbours, above `height`."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = list(places)
    for upper, lower in pairwise(order):
        moved[lower] = max(moved[lower], moved[upper] + apart)
    limit = height - apart / 2
    for at in reversed(order):
        moved[at] = min(moved[at], limit)
        limit = moved[at] - apart
    return moved


def _ms(moment: datetime) -> float:
    return round(moment.timestamp() * 1000)
