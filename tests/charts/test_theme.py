"""The colours: enough contrast, and told apart by people who do not see red or green (Machado, Oliveira, Fernandes 2009)."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from penstock.charts.theme import DARK, LIGHT, Theme, contrast, sequential, theme_named

SIGHTS = {
    "all": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """The colour in OKLab (Ottosson 2020), as seen."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    r, g, b = (max(0.0, sum(w * part for w, part in zip(row, linear, strict=True))) for row in SIGHTS[sight])
    l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)  # noqa: E741 - the field's name
    m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


def apart(one: str, other: str, sight: str) -> float:
    return sum((a - b) ** 2 for a, b in zip(seen(one, sight), seen(other, sight), strict=True)) ** 0.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("sight", SIGHTS)
def test_new_won_and_lost_are_told_apart(theme: Theme, sight: str) -> None:
    for one, other in combinations((theme.accent, theme.won, theme.lost), 2):
        assert apart(one, other, sight) > 0.15, (one, other)


def test_the_measure_of_distance_knows_the_classical_confusion() -> None:
    """A red and a green that are far apart to most are near to who sees no green; else the test above says nothing."""
    assert apart("#c0392b", "#7a7a00", "all") > 0.15 > apart("#c0392b", "#7a7a00", "no green")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_and_bars_stand_out_from_the_ground(theme: Theme) -> None:
    assert contrast(theme.text, theme.ground) > 12
    assert contrast(theme.quiet, theme.ground) > 4.5
    for colour in (theme.accent, theme.won, theme.lost, theme.level, theme.level_light):
        assert contrast(colour, theme.ground) > 3, colour
    assert len(theme.neutral) == 11
    steps = [contrast(step, theme.ground) for step in theme.neutral]
    assert steps == sorted(steps)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("steps", [1, 2, 3, 5, 7, 10])
def test_stages_go_from_quiet_to_strong_in_one_direction(theme: Theme, steps: int) -> None:
    shades = [contrast(colour, theme.ground) for colour in sequential(theme, steps)]
    assert len(shades) == steps
    assert all(later > earlier for earlier, later in pairwise(shades))


def test_no_stages_no_colours() -> None:
    assert sequential(LIGHT, 0) == []


def test_an_unknown_theme_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="dark, light"):
        theme_named("sepia")
