"""The loop's own rules and words, as data files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@cache
def rules() -> tuple[dict[str, Any], ...]:
    """The definitions of the shipped rules, in order; not to be changed by who reads them."""
    return tuple(yaml.safe_load((_FOLDER / "rules.yaml").read_text(encoding="utf-8")))


@cache
def words() -> dict[str, dict[str, str]]:
    """Texts by key and language."""
    return dict(yaml.safe_load((_FOLDER / "words.yaml").read_text(encoding="utf-8")))
