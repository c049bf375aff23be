"""Options with a closed set of values: another value is refused before any file is read, whether or not it would matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "date_order": ("ymd", "dmy", "mdy"),
    "decimal": (".", ","),
    "rate": ("plan", "dated", "current"),
    "measure": ("amount", "weighted", "count"),
    "horizon": ("4q", "all"),
    "format": ("table", "json", "csv"),
    "theme": ("light", "dark"),
    "element": ("new", "change", "won", "lost"),
    "fail_on": ("error", "warning", "note", "never"),
}
_FURTHER: Final = {"horizon": " Or give --horizon-from with --horizon-to."}


def require_known(values: Mapping[str, Any]) -> None:
    """Raises ValueError for a value that its option does not have, naming those it has."""
    for name, known in CHOICES.items():
        given = values.get(name)
        if given is not None and given not in known:
            option = name.replace("_", "-")
            shown = [value if value.isalnum() else repr(value) for value in known]
            listed = " and ".join(shown) if len(shown) == 2 else ", ".join(shown)
            raise ValueError(f"--{option} {given!r} is not known. There are: {listed}.{_FURTHER.get(name, '')}")
