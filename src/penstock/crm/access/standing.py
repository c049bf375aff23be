"""Where a user stands: what their role, their teams and their account teams give them. Read from small tables, once a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from penstock.crm.access.permissions import EVERYWHERE, PERMISSIONS
from penstock.crm.models import AccountMember
from penstock.org.models import Team, User
from penstock.org.models.sharing import Level
from penstock.org.sharing import hidden, levels

_Key = tuple[int, str, int | None, bool]
_remembered: ContextVar[dict[_Key, Standing] | None] = ContextVar("standings", default=None)


class Standing:
    """A user as access sees them. Each part is read when it is first asked for."""

    def __init__(self, user: User) -> None:
        self.user_id: int = user.pk
        self.role = user.role
        self.team_id = user.team_id
        self.active = user.is_active and user.role in PERMISSIONS

    @property
    def everywhere(self) -> bool:
        """Whether levels, owners and teams do not hold them back."""
        return self.role in EVERYWHERE

    def verbs(self, kind: str) -> frozenset[str]:
        """What their role may do to a kind of record; nothing where they are not active."""
        return PERMISSIONS[self.role][kind] if self.active else frozenset()

    @cached_property
    def levels(self) -> dict[str, Level]:
        """The company's level of each kind of record."""
        return levels()

    @cached_property
    def hidden(self) -> dict[str, frozenset[str]]:
        """The fields that their role does not see, by kind of record."""
        return hidden(self.role)

    @cached_property
    def reach(self) -> frozenset[int]:
        """Ids of the users whose records are theirs too: themselves, and the members of teams they manage and of those below."""
        return self._people[0]

    @cached_property
    def mates(self) -> frozenset[int]:
        """Ids of the users of their own team."""
        return self._people[1]

    @cached_property
    def account_teams(self) -> dict[int, bool]:
        """Account id -> whether they may edit, of the account teams that they are in."""
        rows = AccountMember.objects.filter(user=self.user_id, removed_at__isnull=True)
        return dict(rows.values_list("account_id", "may_edit"))

    @cached_property
    def _people(self) -> tuple[frozenset[int], frozenset[int]]:
        teams = list(Team.objects.order_by().values_list("pk", "parent_id", "manager_id"))
        managed = _below({pk for pk, _, manager in teams if manager == self.user_id}, [(pk, parent) for pk, parent, _ in teams])
        wanted = managed | ({self.team_id} if self.team_id else set())
        members = list(User.objects.filter(team__in=wanted).order_by().values_list("pk", "team_id")) if wanted else []
        reach = {pk for pk, team in members if team in managed} | {self.user_id}
        mates = {pk for pk, team in members if team == self.team_id} | {self.user_id}
        return frozenset(reach), frozenset(mates)


def _below(tops: set[int], teams: list[tuple[int, int | None]]) -> set[int]:
    """These teams and all those below them."""
    children: dict[int | None, list[int]] = {}
    for pk, parent in teams:
        children.setdefault(parent, []).append(pk)
    found: set[int] = set()
    waiting = list(tops)
    while waiting:
        team = waiting.pop()
        if team not in found:
            found.add(team)
            waiting += children.get(team, [])
    return found


def standing_of(user: User) -> Standing:
    """Where a user stands now; inside `remembered`, where they stood when it was first asked there."""
    kept = _remembered.get()
    if kept is None:
        return Standing(user)
    key = (user.pk, user.role, user.team_id, user.is_active)
    if key not in kept:
        kept[key] = Standing(user)
    return kept[key]


@contextmanager
def remembered() -> Iterator[None]:
    """Inside, teams, levels and account teams are read once for each user: for the length of one change, or of one request.

    It is kept for this thread or task alone, and forgotten at the end, so that nobody acts on what was true before.
    """
    if _remembered.get() is not None:
        yield
        return
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)
