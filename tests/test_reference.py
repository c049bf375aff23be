"""The generated pages of the reference say what the program says."""

from __future__ import annotations

import importlib.util

from tests.conftest import ROOT


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("build_reference", ROOT / "docs" / "build_reference.py")
    assert spec is not None
    assert spec.loader is not None
    build_reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_reference)
    written = build_reference.PAGE.read_text(encoding="utf-8")
    assert written == build_reference.page(), "run `make docs` and commit what it writes"
    settings = build_reference.SETTINGS_PAGE.read_text(encoding="utf-8")
    assert settings == build_reference.settings_page(), "run `make docs` and commit what it writes"
