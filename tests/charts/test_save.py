"""Charts in files: whole, the same every time, and an HTML page that needs nobody else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from penstock.charts.save import save
from penstock.charts.waterfall import waterfall_chart
from tests.charts.charted import group, plain, summed, waterfall

NAMED = '</script><b title="x">Nord & Süd'
GROUPS = [
    group({"region": NAMED}, starting=521_234_000, new=213_045_000, won=-81_200_000, pulled_in=5_000_000),
    group({"region": "EMEA"}, starting=100, lost=-100),
]


def chart() -> Any:
    return waterfall_chart(waterfall(summed(GROUPS), GROUPS))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save(chart(), tmp_path_factory.mktemp("page") / "chart.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the contents of its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts.append(data)


def read(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    return elements


def test_an_svg_holds_title_and_values_as_text(tmp_path: Path) -> None:
    text = plain(save(chart(), tmp_path / "chart.svg").read_text(encoding="utf-8"))
    for words in ("Pipeline grew by", "+2.1 M", "−0.8 M", "EMEA", "Starting", "Ending", "residual 0.00 EUR"):
        assert words in text, words


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    for suffix in ("svg", "json", "png"):
        first, second = (save(chart(), tmp_path / f"{name}.{suffix}").read_bytes() for name in ("one", "two"))
        assert first == second


def test_pictures_are_what_their_suffix_says(tmp_path: Path) -> None:
    assert save(chart(), tmp_path / "chart.PDF").read_bytes().startswith(b"%PDF")
    small, large = (save(chart(), tmp_path / f"{scale}.png", scale=scale).read_bytes() for scale in (1.0, 2.0))
    assert small.startswith(b"\x89PNG")
    widths = [int.from_bytes(picture[16:20], "big") for picture in (small, large)]
    assert abs(widths[1] - 2 * widths[0]) <= 2


def test_the_page_asks_nobody_for_anything(page: str) -> None:
    elements = read(page)
    for tag, attributes in elements.found:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            assert not re.match(r"(https?:)?//", attributes.get(name) or ""), (tag, name)
        assert tag not in ("link", "iframe", "img", "base")
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_page_lets_nothing_in_but_its_own_script(page: str) -> None:
    elements = read(page)
    policy = next(
        attributes["content"] or "" for tag, attributes in elements.found if tag == "meta" and "http-equiv" in attributes
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe-eval" not in policy
    allowed = re.search(r"script-src 'sha256-([^']+)'", policy)
    assert allowed is not None
    script = re.search(r"<script>(.*?)</script>", page, re.S)
    assert script is not None
    assert base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode() == allowed[1]
    assert re.search(r"ast:\s*true", script[1])


def test_a_name_cannot_break_out_of_the_page(page: str) -> None:
    """The figures arrive as they were given, whatever names are in them."""
    assert len(re.findall(r"</script>", page)) == 2
    specification = json.loads(read(page).scripts[0])
    assert NAMED[:20] in json.dumps(specification, ensure_ascii=False).replace('\\"', '"')
    assert '<b title="x">' not in page


def test_another_suffix_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'chart.gif'.*\.html, \.json, \.pdf, \.png, \.svg"):
        save(chart(), tmp_path / "chart.gif")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        save(chart(), tmp_path / "nowhere" / "chart.svg")


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = save(chart(), tmp_path / "chart.svg")
    before = target.read_bytes()

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="disk full"):
        save(chart(), target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]
