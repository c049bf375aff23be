"""Hatching. Vega knows no patterns, so the slanted lines are drawn, cut exactly at the edges of the bar."""

from __future__ import annotations

from penstock.charts.plane import Plane, Row

SPACING = 6.0  # pixels between lines, along an edge


def hatching(row: Row, plane: Plane) -> list[Row]:
    """Lines at 45° across the bar of `row` (x, x2, y, y2): rising where the bar rises, falling where it falls."""
    wide = (row["x2"] - row["x"]) / (plane.right - plane.left) * plane.width
    high = plane.pixels_high(row["y2"] - row["y"])
    if high < 2:
        return []
    rising = row["y2"] >= row["y"]
    bottom = min(row["y"], row["y2"])
    lines, cut = [], SPACING / 2
    while cut < wide + high:
        # The line runs through (0, cut) and (cut, 0), pixels from the lower left; mirrored for a bar that rises.
        ends = [(max(0.0, cut - high), min(cut, high)), (min(cut, wide), max(0.0, cut - wide))]
        if rising:
            ends = [(wide - across, up) for across, up in ends]
        (x, y), (x2, y2) = [
            (row["x"] + across / wide * (row["x2"] - row["x"]), bottom + plane.extent_of(up)) for across, up in ends
        ]
        lines.append({"x": round(x, 5), "y": y, "x2": round(x2, 5), "y2": y2})
        cut += SPACING
    return lines
