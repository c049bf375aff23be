"""The frame of every page: the theme that somebody chose, and the page for a fault, which needs nothing but itself."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import server_error

from penstock.org.actions.users import edit_user
from penstock.org.models import User
from tests.conftest import ROOT

STYLES = ROOT / "src/penstock/web/static/penstock/penstock.css"


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_a_page_has_the_theme_that_the_person_chose(client: Client, rep: User, theme: str) -> None:
    edit_user(rep, rep.pk, {"theme": theme})
    client.force_login(rep, backend="django.contrib.auth.backends.ModelBackend")
    assert f' data-theme="{theme}">' in client.get("/").content.decode()


def test_before_log_in_the_system_decides(client: Client, db: None) -> None:
    assert "data-theme" not in client.get("/login/").content.decode()


def test_the_page_of_a_fault_asks_the_database_nothing() -> None:
    """Without the fixture `db` any question to the database is refused."""
    with translation.override("en"):
        answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()


@pytest.mark.parametrize("path", ["/signup/", "/register/", "/account/signup/", "/login/signup/"])
def test_nobody_signs_themselves_up(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("n10", "n0"),
        ("n10", "n1"),
        ("n7", "n0"),
        ("accent", "n0"),
        ("accent", "n1"),
        ("on-accent", "accent"),
        ("red", "red-soft"),
    ],
)
def test_every_text_can_be_read_on_its_ground(text: str, ground: str, side: int) -> None:
    """The contrast of WCAG 2.2, 1.4.3: 4.5 to 1."""
    tokens = re.findall(r"--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\)", STYLES.read_text(encoding="utf-8"))
    colours = {name: (light, dark)[side] for name, light, dark in tokens}
    brighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
