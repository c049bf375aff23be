"""The few marks that every chart is made of, on one plane whose edges and pixels are known.

Rows carry places (x, x2, y, y2) as numbers, colours and words as they are to appear: Vega lays out nothing, chooses no colour and
formats no number. So the same figures give the same picture everywhere, and what a reader sees is what Python wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any, Literal

import altair as alt

from penstock.charts.theme import LABEL_SIZE, SUBTITLE_SIZE, TITLE_SIZE, Theme, config

Row = dict[str, Any]
# Mean width of a character, in font sizes, of the widest family in the stack (DejaVu Sans); bold is wider.
CHARACTER, BOLD_CHARACTER = 0.58, 0.66


@dataclass(frozen=True)
class Plane:
    """A drawing area: its edges in the units of the rows, its size in pixels."""

    left: float
    right: float
    bottom: float
    top: float
    width: int
    height: int

    def pixels_high(self, extent: float) -> float:
        """A vertical extent in pixels."""
        return abs(extent) / (self.top - self.bottom) * self.height

    def extent_of(self, pixels: float) -> float:
        """So many pixels as a vertical extent."""
        return pixels * (self.top - self.bottom) / self.height

    def rects(self, rows: Sequence[Row], *, told: Sequence[tuple[str, str]] = (), dash: Sequence[float] = ()) -> alt.Chart | None:
        """Rows with x, x2, y, y2, fill, stroke and said (what a screen reader says). told: (field, title) of the tooltip."""
        if not rows:
            return None
        tooltip = [alt.Tooltip(f"{field}:N", title=title) for field, title in told]
        chart: alt.Chart = (
            inline(rows)
            .mark_rect(strokeDash=list(dash), strokeWidth=1)
            .encode(
                **self._corners(),
                fill=alt.Fill("fill:N", scale=None, legend=None),
                stroke=alt.Stroke("stroke:N", scale=None, legend=None),
                description=alt.Description("said:N"),
                tooltip=tooltip or alt.value(None),
            )
        )
        return chart

    def rules(self, rows: Sequence[Row], colour: str, *, thick: float = 1, dash: Sequence[float] = ()) -> alt.Chart | None:
        """Lines from (x, y) to (x2, y2)."""
        if not rows:
            return None
        mark = inline(rows).mark_rule(color=colour, strokeWidth=thick, strokeDash=list(dash), aria=False)
        chart: alt.Chart = mark.encode(**self._corners())
        return chart

    def texts(
        self,
        rows: Sequence[Row],
        colour: str,
        *,
        size: int = LABEL_SIZE,
        weight: Literal[400, 600] = 400,
        align: Any = "center",
        baseline: Any = "middle",
        dx: float = 0,
        dy: float = 0,
    ) -> alt.Chart | None:
        """Words at (x, y); a line feed in them begins a new line."""
        if not rows:
            return None
        mark = inline(rows).mark_text(
            color=colour,
            fontSize=size,
            fontWeight=weight,
            align=align,
            baseline=baseline,
            dx=dx,
            dy=dy,
            lineBreak="\n",
            lineHeight=size + 3,
            aria=False,
        )
        chart: alt.Chart = mark.encode(x=self.x(), y=self.y(), text=alt.Text("text:N"))
        return chart

    def layered(self, layers: Sequence[alt.Chart | None]) -> Any:
        """The layers that have anything to show, on this plane."""
        return alt.layer(*(layer for layer in layers if layer is not None)).properties(width=self.width, height=self.height)

    def x(self, field: str = "x") -> alt.X:
        """The horizontal place in that field."""
        return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[self.left, self.right], nice=False, zero=False))

    def y(self, field: str = "y") -> alt.Y:
        """The vertical place in that field."""
        return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[self.bottom, self.top], nice=False, zero=False))

    def _corners(self) -> dict[str, Any]:
        return {"x": self.x(), "x2": alt.X2("x2:Q"), "y": self.y(), "y2": alt.Y2("y2:Q")}


def inline(rows: Sequence[Row]) -> alt.Chart:
    """A chart of those rows, carried in the specification itself; no limit on their number."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def titled(chart: Any, theme: Theme, title: str, subtitle: Sequence[str], width: int, locale: str) -> Any:
    """The chart with title, subtitle wrapped to `width` pixels, the theme's look, words for a screen reader and its language."""
    lines = [part for line in subtitle for part in wrapped(line, int(width / (SUBTITLE_SIZE * CHARACTER)))]
    heading = alt.TitleParams(text=wrapped(title, int(width / (TITLE_SIZE * BOLD_CHARACTER))), subtitle=lines)
    said = " ".join([title + ".", *subtitle])
    return chart.properties(title=heading, description=said, usermeta={"language": locale}).configure(**config(theme))


def wrapped(text: str, most: int) -> list[str]:
    """The text in lines of at most `most` characters, broken at spaces; a longer word stands alone. Hard spaces hold."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def nice_levels(low: float, high: float, most: int = 6, *, whole: bool = False) -> list[float]:
    """Round values from at or below `low` to at or above `high`, 1, 2 or 5 times a power of ten apart: a grid of at most `most`
    intervals. whole: nothing between whole numbers."""
    span = high - low
    if span <= 0:
        return [low, low + 1]
    power = floor(log10(span)) - 2
    while True:
        for factor in (1, 2, 5):
            # A step below one is one over a whole number: 3 × 0.1 is not 0.3, 3 / 10 is.
            step, part = (factor * 10**power, 1) if power >= 0 else (factor, 10**-power)
            first, last = floor(low * part / step), ceil(high * part / step)
            if last - first <= most and (part == 1 or not whole):
                return [place * step / part for place in range(first, last + 1)]
        power += 1
