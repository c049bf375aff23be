"""The tokens of every chart, light and dark: colours, type, sizes. Pages use the same, so that a chart sits in a page unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# vl-convert takes the first family it finds. "DejaVu Sans" must stand before the generic name: on a Linux machine that has only
# the DejaVu fonts, vl-convert turns "sans-serif" into DejaVu Serif. Without any font, "sans-serif" is its own Liberation Sans.
# No family name is quoted: quotes would be escaped in the SVG.
FONT = "ui-sans-serif, system-ui, Segoe UI, Roboto, Arial, Helvetica, Noto Sans, DejaVu Sans, sans-serif"

TITLE_SIZE, SUBTITLE_SIZE, LABEL_SIZE, SMALL_SIZE = 16, 12, 12, 11


@dataclass(frozen=True)
class Theme:
    """The colours of one theme.

    neutral: eleven steps from the ground (0) to the strongest text (10). accent: action, new, increase. won, lost: their signals,
    told apart in red-green blindness by lightness and blue. level, level_light: starting and ending bars and their second part.
    ramp: anchors of the one sequential ramp for stages, quietest first.
    """

    name: str
    neutral: tuple[str, ...]
    accent: str
    won: str
    lost: str
    level: str
    level_light: str
    ramp: tuple[str, ...]

    @property
    def ground(self) -> str:
        """What the chart stands on."""
        return self.neutral[0]

    @property
    def text(self) -> str:
        """Titles and values."""
        return self.neutral[10]

    @property
    def quiet(self) -> str:
        """Subtitles and the names of bars."""
        return self.neutral[7]

    @property
    def line(self) -> str:
        """Grid lines."""
        return self.neutral[3]


LIGHT = Theme(
    name="light",
    neutral=(
        "#ffffff",
        "#f6f8f8",
        "#edf0f1",
        "#e0e5e7",
        "#cdd4d7",
        "#aeb8bc",
        "#87939a",
        "#5f6c73",
        "#454f55",
        "#2c3439",
        "#151a1d",
    ),
    accent="#0f7c90",
    won="#4f9d3a",
    lost="#96321a",
    level="#3c464c",
    level_light="#87939a",
    ramp=("#d3ebee", "#9fd0d7", "#5faebb", "#22849a", "#0c5a70", "#08384a"),
)

DARK = Theme(
    name="dark",
    neutral=(
        "#14191c",
        "#1b2125",
        "#242b30",
        "#30393f",
        "#414c53",
        "#5a666e",
        "#7b8890",
        "#a0abb1",
        "#c0c9cd",
        "#dde3e6",
        "#f3f6f7",
    ),
    accent="#35aec2",
    won="#96d670",
    lost="#d4674a",
    level="#66727a",
    level_light="#97a3aa",
    ramp=("#1f4753", "#256878", "#338fa2", "#57b4c4", "#97d6df", "#d6f1f4"),
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def theme_named(name: str) -> Theme:
    """The theme of that name ("light" or "dark"); ValueError that lists the names otherwise."""
    if name not in THEMES:
        raise ValueError(f"there is no theme {name!r}; the themes are {', '.join(sorted(THEMES))}")
    return THEMES[name]


def sequential(theme: Theme, steps: int) -> list[str]:
    """`steps` colours from the theme's ramp, quietest first, evenly apart; one step is the middle of the ramp."""
    if steps == 1:
        return [_blend(theme.ramp, 0.6)]
    inset = max(0.0, (5 - steps) * 0.07)  # few steps need not the ramp's extremes to be told apart
    return [_blend(theme.ramp, inset + (1 - 2 * inset) * step / (steps - 1)) for step in range(steps)]


def on(theme: Theme, fill: str) -> str:
    """The neutral that reads best on `fill`: the theme's strongest text or its ground."""
    return max((theme.neutral[0], theme.neutral[10]), key=lambda colour: contrast(colour, fill))


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from `first` to `second` (hex strings)."""
    return _blend((first, second), share)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two hex colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def config(theme: Theme) -> dict[str, Any]:
    """The Vega-Lite configuration of the theme: nothing of Vega's own look is left but the geometry."""
    return {
        "background": theme.ground,
        "font": FONT,
        "padding": {"left": 24, "right": 24, "top": 20, "bottom": 20},
        "view": {"stroke": None, "fill": None},
        "text": {"color": theme.text, "fontSize": LABEL_SIZE},
        "title": {
            "anchor": "start",
            "color": theme.text,
            "fontSize": TITLE_SIZE,
            "fontWeight": 600,
            "frame": "bounds",
            "lineHeight": TITLE_SIZE + 6,
            "offset": 22,
            "subtitleColor": theme.quiet,
            "subtitleFontSize": SUBTITLE_SIZE,
            "subtitleLineHeight": SUBTITLE_SIZE + 5,
            "subtitlePadding": 8,
        },
    }


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _blend(anchors: Sequence[str], at: float) -> str:
    """The colour at `at` (0 to 1) along the anchors."""
    place = at * (len(anchors) - 1)
    lower = min(int(place), len(anchors) - 2)
    share = place - lower
    pairs = zip(_channels(anchors[lower]), _channels(anchors[lower + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _channels(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
