"""People who work here: added, edited, made inactive and brought back. They are never deleted, since history names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from penstock.ledger.instants import time_zone
from penstock.org.actions import permissions
from penstock.org.actions.passwords import password_faults
from penstock.org.actions.writing import Faults, changed, created, found
from penstock.org.models import Role, Team, User
from penstock.org.refusals import NotAllowed

# What people set for themselves, and what only those who run the users set.
OWN = frozenset("name language time_zone theme away_until".split())
EDITABLE = OWN | frozenset("email role team capacity weight started_on is_staff".split())
THEMES = ("system", "light", "dark")


def add_user(
    by: User | None,
    *,
    email: str,
    name: str,
    role: str,
    password: str | None = None,
    reason: str = "",
    **fields: Any,
) -> User:
    """Add a person. password: None for one who will set it by a link. fields: of EDITABLE. Raises NotAllowed, InvalidInput."""
    with transaction.atomic():
        permissions.require(by, "users")
        values = fields | {"email": email.strip().lower(), "name": name, "role": role}
        user = User()
        faults = _faults(values)
        if password is not None:
            user.email, user.name = values["email"], name
            faults |= password_faults(password, user)
        user.set_password(password)
        values.setdefault("is_staff", role == Role.ADMIN)
        return created(by, user, values, EDITABLE, reason, faults)


def edit_user(by: User | None, user: int, changes: Mapping[str, Any], *, reason: str = "") -> User:
    """Set fields of EDITABLE; of oneself, those of OWN are free to everybody. The last active administrator stays one.

    A changed team is not carried into their open opportunities: `crm.actions.teams.follow_owner_team` does that on request.
    """
    with transaction.atomic():
        row = found(User, user)
        if by is None or by.pk != row.pk or not by.is_active or not set(changes) <= OWN:
            permissions.require(by, "users")
        values = dict(changes)
        if isinstance(values.get("email"), str):
            values["email"] = values["email"].strip().lower()
        faults = _faults(values)
        if values.get("role", Role.ADMIN) != Role.ADMIN and _is_last_admin(row):
            faults.setdefault("role", []).append(_("This is the last administrator. Make somebody else one first."))
        return changed(by, row, values, EDITABLE, reason, faults)


def deactivate_user(
    by: User | None, user: int, *, open_work: Mapping[str, int], hand_over_to: int | None = None, reason: str = ""
) -> User:
    """Make a person inactive: they can't log in and see nothing any more; what they did stays.

    open_work: what they still have to do, by kind of record; it is refused while there is any, so that no deal is left alone
    (`crm.actions.leaving.deactivate_user` counts it, hands it over and then calls this). hand_over_to: who manages their teams
    from now on; without one it is refused while they manage any.
    """
    with transaction.atomic():
        permissions.require(by, "users")
        row = found(User, user)
        if by is not None and by.pk == row.pk:
            raise NotAllowed(_("You cannot make yourself inactive. Ask another administrator."))
        faults: Faults = {}
        left = {kind: count for kind, count in open_work.items() if count}
        if left:
            named = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in left.items())
            faults["hand_over_to"] = [
                _("%(name)s still has open work: %(work)s. Say who takes it over.") % {"name": row, "work": named}
            ]
        if _is_last_admin(row):
            faults["is_active"] = [_("This is the last administrator. Make somebody else one first.")]
        _hand_teams(by, row, hand_over_to, reason, faults)
        return changed(by, row, {"is_active": False}, {"is_active"}, reason, faults)


def reactivate_user(by: User | None, user: int, *, reason: str = "") -> User:
    """Let a person work here again, with the role and the team they had."""
    with transaction.atomic():
        permissions.require(by, "users")
        return changed(by, found(User, user), {"is_active": True}, {"is_active"}, reason)


def _hand_teams(by: User | None, leaving: User, to: int | None, reason: str, faults: Faults) -> None:
    """Give the teams that somebody manages to another, or say that it is needed."""
    teams = list(Team.objects.select_for_update().filter(manager=leaving))
    heir = User.objects.filter(pk=to, is_active=True).exclude(pk=leaving.pk).first() if to is not None else None
    if to is not None and heir is None:
        faults["hand_over_to"] = [_("There is no other active user %(id)s.") % {"id": to}]
    elif teams and heir is None:
        named = ", ".join(map(str, teams))
        faults.setdefault("hand_over_to", []).append(
            _("%(name)s manages %(teams)s. Say who takes over.") % {"name": leaving, "teams": named}
        )
    elif not faults:
        for team in teams:
            changed(by, team, {"manager": heir}, {"manager"}, reason)


def _is_last_admin(user: User) -> bool:
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk)
    return user.role == Role.ADMIN and user.is_active and not others.exists()


def _faults(values: Mapping[str, Any]) -> Faults:
    faults: Faults = {}
    if "language" in values and values["language"] not in dict(settings.LANGUAGES):
        faults["language"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(dict(settings.LANGUAGES))}]
    if "theme" in values and values["theme"] not in THEMES:
        faults["theme"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(THEMES)}]
    if values.get("time_zone"):
        try:
            time_zone(str(values["time_zone"]))
        except ValueError as fault:
            faults["time_zone"] = [str(fault)]
    return faults
