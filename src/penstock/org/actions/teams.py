"""Teams, a tree: added, renamed, moved, given to a manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from penstock.org.actions import permissions
from penstock.org.actions.writing import Faults, changed, created, found
from penstock.org.models import Team, User

EDITABLE = frozenset({"name", "parent", "manager"})


def add_team(by: User | None, *, name: str, reason: str = "", **fields: Any) -> Team:
    """Add a team: `name`, and `parent` and `manager`, each as itself or by id. Raises NotAllowed, InvalidInput."""
    with transaction.atomic():
        permissions.require(by, "teams")
        return created(by, Team(), fields | {"name": name}, EDITABLE, reason, _faults(None, fields))


def edit_team(by: User | None, team: int, changes: Mapping[str, Any], *, reason: str = "") -> Team:
    """Set fields of EDITABLE. A team cannot come under itself, nor under a team that is under it."""
    with transaction.atomic():
        permissions.require(by, "teams")
        # All are locked, so that two moves at once cannot close a circle together.
        list(Team.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
        return changed(by, found(Team, team), changes, EDITABLE, reason, _faults(team, changes))


def _faults(team: int | None, values: Mapping[str, Any]) -> Faults:
    faults: Faults = {}
    manager = _key(values.get("manager", values.get("manager_id")))
    if manager is not None and not User.objects.filter(pk=manager, is_active=True).exists():
        faults["manager"] = [_("There is no active user %(id)s.") % {"id": manager}]
    parent = _key(values.get("parent", values.get("parent_id")))
    if parent is not None and team is not None and _is_under(parent, team):
        faults["parent"] = [_("A team cannot be under itself, nor under one that is under it.")]
    return faults


def _is_under(team: int, top: int) -> bool:
    parents = dict(Team.objects.order_by().values_list("pk", "parent_id"))
    above: int | None = team
    while above is not None:
        if above == top:
            return True
        above = parents.get(above)
    return False


def _key(value: Any) -> int | None:
    pk = getattr(value, "pk", value)
    return pk if isinstance(pk, int) else None
