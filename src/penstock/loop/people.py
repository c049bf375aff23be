"""Whom a rule or an alert means: the owner of a record, their manager, everybody of a role, one user."""

from __future__ import annotations

from django.utils.translation import gettext as _

from penstock.crm.models.record import Record
from penstock.crm.refusals import InvalidInput
from penstock.org.models import Role, Team, User


class Addressees:
    """Looks people up, each once: for many records of few owners."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int | None], list[User]] = {}

    def of(self, who: str, record: Record) -> list[User]:
        """The active users whom `who` means for a record; see `recipients`."""
        return self.of_owner(who, getattr(record, "owner_id", None))

    def of_owner(self, who: str, owner_id: int | None) -> list[User]:
        """The active users whom `who` means for a record with this owner."""
        key = (who, owner_id)
        if key not in self._known:
            owner = User.objects.select_related("team").filter(pk=owner_id).first() if owner_id else None
            self._known[key] = recipients(who, owner)
        return self._known[key]


def recipients(who: str, owner: User | None) -> list[User]:
    """The active users that `owner`, `manager`, `role:<role>` or `user:<e-mail>` means where a record has this owner.

    `owner` is the owner's manager where the owner is not active any more. Raises InvalidInput for anything else.
    """
    kind, _colon, name = who.partition(":")
    if kind == "owner":
        answering = owner if owner is None or owner.is_active else manager_of(owner)
        return [answering] if answering else []
    if kind == "manager":
        manager = manager_of(owner) if owner else None
        return [manager] if manager else []
    if kind == "role" and name in Role.values:
        return list(User.objects.filter(role=name, is_active=True).order_by("id"))
    if kind == "user":
        return list(User.objects.filter(email__iexact=name, is_active=True))
    raise InvalidInput({"to": [_("Name the owner, the manager, role:<role> or user:<e-mail address>.")]})


def manager_of(user: User) -> User | None:
    """The nearest active manager above a user."""
    team: Team | None = user.team
    seen: set[int] = set()
    while team is not None and team.pk not in seen:
        seen.add(team.pk)
        if team.manager is not None and team.manager.is_active and team.manager_id != user.pk:
            return team.manager
        team = team.parent
    return None
