"""The waterfall: from starting to ending pipeline, a bar per element or line, each with its value, the residual at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import altair as alt

from penstock.charts.amounts import Amounts
from penstock.charts.findings import waterfall_subtitle, waterfall_title
from penstock.charts.hatch import hatching
from penstock.charts.labels import element, phrase
from penstock.charts.plane import Plane, Row, inline, shortened, titled, wrapped
from penstock.charts.steps import Step, check_figures, connected, group_name, shown_groups, steps
from penstock.charts.theme import LABEL_SIZE, SMALL_SIZE, Theme, theme_named

WIDTH, HEIGHT, PANEL_HEIGHT, COLUMNS = 920, 360, 190, 3
LOWEST_PANEL = 15  # pixels, without the headroom
BAR, WIDEST_BAR, NARROWEST_SLOT = 0.68, 72, 64  # the share of its slot that a bar fills; pixels
HEADROOM = 44  # pixels over the highest bar, for its value and the residual
MARGIN = 1.5  # slots beside the first and last bar for the names of their parts
HATCHED = frozenset({"pulled_in", "pushed_out", "pulled_out", "reopened", "restored", "removed", "transferred", "currency"})
TICK = "M-1,0L-0.3,0.7L1,-0.8"  # drawn, because not every font has it


def waterfall_chart(
    figures: Mapping[str, Any],
    *,
    title: str | None = None,
    theme: str = "light",
    locale: str = "en",
    detail: bool | None = None,
) -> alt.TopLevelMixin:
    """The waterfall of figures in the machine-readable form of a report (money in minor units).

    title: instead of the finding in words. theme: light or dark. locale: en, fr or it, with or without a region.
    detail: change opened into its lines; by default for one waterfall, not for the small multiples that groups give.
    At most twelve groups are drawn; the smallest of more are summed as one. ValueError if the figures do not tie out.
    """
    look = theme_named(theme)
    check_figures(figures)
    groups, summed = shown_groups(figures.get("groups") or []) if figures.get("by") else ([], 0)
    bars = steps(figures["total"], detail=bool(detail) if groups else detail is not False)
    amounts = Amounts.of(figures, _levels([bars]), locale)
    margin = MARGIN if bars[0].parts or bars[-1].parts else 0.0
    width = WIDTH if groups else max(WIDTH, round(NARROWEST_SLOT * (len(bars) + 2 * margin)))
    if groups:
        chart = _panels(figures, groups, summed, look, locale, bool(detail))
    else:
        chart = _bars(bars, amounts, _plane(len(bars), _edges([bars], amounts), width, HEIGHT, margin), look)
    subtitle = waterfall_subtitle(figures, amounts, shaded=bool(groups) and margin > 0)
    drawn: alt.TopLevelMixin = titled(chart, look, title or waterfall_title(figures, amounts), subtitle, width, locale)
    return drawn


def _panels(
    figures: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], summed: int, theme: Theme, locale: str, detail: bool
) -> Any:
    """One small waterfall per group. A unit of money is equally high in all of them; a row is as high as its highest needs."""
    every = [steps(group, detail=detail) for group in groups]
    amounts = Amounts.of(figures, _levels(every), locale)
    columns = 1 if detail else 2 if len(groups) in (2, 4) else COLUMNS
    width = WIDTH // columns - (20 if columns > 1 else 0)
    low, top = _edges(every, amounts)
    pixel = (top - low) / (PANEL_HEIGHT - HEADROOM)
    panels = []
    for place, (group, bars) in enumerate(zip(groups, every, strict=True)):
        row = place - place % columns
        floor, peak = _edges(every[row : row + columns], amounts)
        high = max(LOWEST_PANEL, ceil((peak - floor) / pixel))
        name = group_name(group) or phrase("none", locale)
        if summed and place == len(groups) - 1:
            name = phrase("other", locale, n=summed)
        moved = bars[-1].amount - bars[0].amount
        subtitle = f"{amounts.money(bars[-1].amount)} ({amounts.short(moved, sign=True)})"
        plane = _plane(len(bars), (floor, floor + high * pixel), width, HEADROOM + high, 0.0)
        panels.append(_bars(bars, amounts, plane, theme, name).properties(title=_heading(shortened(name, width // 8), subtitle)))
    return alt.concat(*panels, columns=columns, spacing=34)


def _heading(name: str, subtitle: str) -> alt.TitleParams:
    return alt.TitleParams(
        text=name,
        subtitle=subtitle,
        frame="group",
        offset=4,
        fontSize=LABEL_SIZE + 1,
        subtitleFontSize=SMALL_SIZE,
        subtitlePadding=3,
    )


def _levels(every: Sequence[Sequence[Step]]) -> list[int]:
    return [level for bars in every for step in bars for level in (step.begin, step.end)]


def _edges(every: Sequence[Sequence[Step]], amounts: Amounts) -> tuple[float, float]:
    """From zero, or below it where a running level goes below, to the highest level; never the same twice."""
    levels = [0.0, *(amounts.major(level) for level in _levels(every))]
    return min(levels), max(levels) if max(levels) > min(levels) else 1.0


def _plane(bars: int, edges: tuple[float, float], width: int, height: int, margin: float) -> Plane:
    """A plane for so many bars between those edges, with room over them for values."""
    low, high = edges
    return Plane(-margin, bars + margin, low, high + (high - low) * HEADROOM / (height - HEADROOM), width, height)


def _bars(bars: Sequence[Step], amounts: Amounts, plane: Plane, theme: Theme, group: str = "") -> Any:
    slot = plane.width / (plane.right - plane.left)
    half = min(BAR, WIDEST_BAR / slot) / 2
    rows = [_row(place, step, half, amounts, theme, group) for place, step in enumerate(bars)]
    hatched = [row for row, step in zip(rows, bars, strict=True) if step.key in HATCHED]
    solid = [row for row, step in zip(rows, bars, strict=True) if step.key not in HATCHED]
    told = [("element", ""), ("exact", amounts.currency or " "), ("deals", "n")] if any(row["deals"] for row in rows) else []
    told = told or [("element", ""), ("exact", amounts.currency or " ")]
    joins = [{"x": at + 0.5 + half, "x2": at + 1.5 - half} | _flat(amounts.major(level)) for at, level in connected(bars)]
    names = [{"x": row["middle"], "y": plane.bottom, "text": _fitted(row["element"], slot)} for row in rows]
    values = [{"x": row["middle"], "y": max(row["y"], row["y2"]), "text": row["value"], "minor": row["minor"]} for row in rows]
    moves, ends = values[1:-1], [values[0], values[-1]]
    return plane.layered(
        [
            plane.rules([{"x": 0, "x2": len(bars)} | _flat(0.0)], theme.neutral[4]),
            plane.rules(joins, theme.neutral[5]),
            plane.rects(solid, told=told),
            plane.rects(hatched, told=told),
            plane.rules([line for row in hatched for line in hatching(row, plane)], theme.neutral[6], thick=1),
            plane.rects(_parts(bars, half, amounts, theme), told=told),
            plane.texts([row for row in moves if row["minor"]], theme.text, baseline="bottom", dy=-4, size=SMALL_SIZE),
            plane.texts([row for row in moves if not row["minor"]], theme.quiet, baseline="bottom", dy=-4, size=SMALL_SIZE),
            plane.texts(ends, theme.text, baseline="bottom", dy=-4, weight=600),
            plane.texts(names, theme.quiet, baseline="top", dy=8, size=SMALL_SIZE),
            *(_part_names(bars, half, amounts, plane, theme) if plane.left < 0 else ()),
            *_residual(values[-1], amounts, plane, theme),
        ]
    )


def _row(place: int, step: Step, half: float, amounts: Amounts, theme: Theme, group: str) -> Row:
    level = step.key in ("starting", "ending")
    fill, stroke = _colours(step, theme)
    name = element(step.key, amounts.locale)
    exact = amounts.exact(step.amount, sign=not level)
    return {
        "key": step.key,
        "group": group,
        "element": name,
        "x": place + 0.5 - half,
        "x2": place + 0.5 + half,
        "middle": place + 0.5,
        "y": amounts.major(step.begin),
        "y2": amounts.major(step.end),
        "minor": step.amount,
        "value": amounts.short(step.amount, sign=not level),
        "exact": exact,
        "deals": "" if step.deals is None else str(step.deals),
        "fill": fill,
        "stroke": stroke,
        "said": f"{group + ', ' if group else ''}{name}: {amounts.exact_money(step.amount, sign=not level)}",
    }


def _colours(step: Step, theme: Theme) -> tuple[str, str]:
    """Fill and outline of a bar."""
    if step.key in HATCHED:
        return theme.neutral[2], theme.neutral[6]
    if step.key in ("starting", "ending"):
        colour = theme.level
    elif step.key == "won":
        colour = theme.won
    else:
        colour = theme.lost if step.key == "lost" or step.amount < 0 else theme.accent
    return colour, colour


def _parts(bars: Sequence[Step], half: float, amounts: Amounts, theme: Theme) -> list[Row]:
    """The next three quarters, lighter, on top of this quarter in the two level bars."""
    found = []
    for place, step in enumerate(bars):
        if step.parts and step.parts[1]:
            whole = _row(place, step, half, amounts, theme, "")
            name = f"{whole['element']}, {element('next_three', amounts.locale)}"
            part = {
                "y": amounts.major(step.parts[0]),
                "y2": amounts.major(sum(step.parts)),
                "minor": step.parts[1],
                "element": name,
                "exact": amounts.exact(step.parts[1]),
                "deals": "",
                "fill": theme.level_light,
                "stroke": theme.level_light,
                "said": f"{name}: {amounts.exact_money(step.parts[1])}",
            }
            found.append(whole | part)
    return found


def _part_names(bars: Sequence[Step], half: float, amounts: Amounts, plane: Plane, theme: Theme) -> list[alt.Chart | None]:
    """What the two shades are, with their values, outside the first and last bar; kept apart where the parts are thin."""
    layers: list[alt.Chart | None] = []
    for place, align, side in ((0, "right", -1), (len(bars) - 1, "left", 1)):
        parts = bars[place].parts
        if parts is None:
            continue
        lower, upper = amounts.major(parts[0]) / 2, amounts.major(parts[0]) + amounts.major(parts[1]) / 2
        apart = plane.extent_of(2 * SMALL_SIZE + 12)
        lower = max(lower, plane.bottom + apart / 3)
        upper = max(upper, lower + apart)
        x = place + 0.5 + side * (half + 0.12)
        names = zip(("this_quarter", "next_three"), parts, (lower, upper), strict=True)
        rows = [
            {"x": x, "y": y - plane.extent_of(SMALL_SIZE / 2), "text": f"{element(key, amounts.locale)}\n{amounts.short(part)}"}
            for key, part, y in names
            if part
        ]
        layers.append(plane.texts(rows, theme.quiet, size=SMALL_SIZE, align=align, dy=-SMALL_SIZE))
    return layers


def _residual(value: Row, amounts: Amounts, plane: Plane, theme: Theme) -> list[alt.Chart | None]:
    """✓ 0.00 over the value of the ending bar: starting and all movements give it exactly."""
    row = {"x": value["x"], "y": value["y"], "text": amounts.exact(0)}
    mark = inline([row]).mark_point(
        shape=TICK, filled=False, size=36, stroke=theme.won, strokeWidth=1.8, opacity=1, xOffset=-15, yOffset=-29, aria=False
    )
    text = plane.texts([row], theme.quiet, size=SMALL_SIZE, dy=-29, dx=-7, align="left")
    return [mark.encode(x=plane.x(), y=plane.y()), text]


def _flat(level: float) -> Row:
    return {"y": level, "y2": level}


def _fitted(name: str, wide: float) -> str:
    """The name in lines that fit under a bar `wide` pixels apart from the next."""
    return "\n".join(wrapped(name, max(6, int(wide / (SMALL_SIZE * 0.55)))))
