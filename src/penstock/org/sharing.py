"""The level at which each kind of record is shared across the company, and the fields that a role does not see."""

from __future__ import annotations

from typing import Final

from penstock.org.models import HiddenField, Sharing
from penstock.org.models.sharing import Level

# The kinds of record that have a level, and the one they have until somebody sets another. A name in place of a level: as
# that kind, until it is given its own. Kinds that are not here follow the record they belong to (`crm.access.kinds`).
DEFAULTS: Final[dict[str, Level | str]] = {
    "lead": Level.PUBLIC_READ,
    "account": Level.PUBLIC_READ,
    "contact": "account",
    "opportunity": Level.PUBLIC_READ,
    "subscription": "opportunity",
    "activity": Level.PRIVATE,
    "task": Level.PRIVATE,
    "campaign": Level.PUBLIC_READ,
    "material": Level.PUBLIC_READ,
    "competitor": Level.PUBLIC_READ,
    "product": Level.PUBLIC_READ,
}


def levels() -> dict[str, Level]:
    """The level of every kind of record that has one."""
    own = {kind: Level(level) for kind, level in Sharing.objects.values_list("record_type", "level")}
    return {kind: _level(kind, own) for kind in DEFAULTS}


def _level(kind: str, own: dict[str, Level]) -> Level:
    if kind in own:
        return own[kind]
    default = DEFAULTS[kind]
    return default if isinstance(default, Level) else _level(default, own)


def hidden(role: str) -> dict[str, frozenset[str]]:
    """Kind of record -> the names of its fields (`amount`, `custom.margin`) that a role neither sees nor changes."""
    found: dict[str, set[str]] = {}
    for kind, field in HiddenField.objects.filter(role=role).values_list("record_type", "field"):
        found.setdefault(kind, set()).add(field)
    return {kind: frozenset(names) for kind, names in found.items()}
