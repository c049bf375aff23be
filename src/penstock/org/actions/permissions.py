"""Who may change which part of the organisation: one table."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from penstock.org.models import Role, User
from penstock.org.refusals import NotAllowed

_ADMIN: Final = frozenset({Role.ADMIN})
_REVOPS: Final = frozenset({Role.ADMIN, Role.REVOPS})

ALLOWED: Final[dict[str, frozenset[Role]]] = {
    "users": _ADMIN,
    "sharing": _ADMIN,
    "company": _REVOPS,
    "teams": _REVOPS,
    "territories": _REVOPS,
    "currencies": _REVOPS,
    "targets": _REVOPS,
}


def may_change(by: User | None, part: str) -> bool:
    """Whether somebody may change a part of the organisation, a key of ALLOWED; None is the system itself, which may."""
    return by is None or (by.is_active and by.role in ALLOWED[part])


def require(by: User | None, part: str) -> None:
    """Raise NotAllowed unless they may."""
    if not may_change(by, part):
        named = ", ".join(str(role.label) for role in sorted(ALLOWED[part]))
        raise NotAllowed(_("You may not change this part of the set-up. These may: %(roles)s.") % {"roles": named}, part=part)
