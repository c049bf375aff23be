"""Companies drawn at random, with people, teams, levels and records, and who sees and edits what in them by plain Python.

The oracle follows the sentences of docs/how-to/access.md and shares nothing with `penstock.crm.access`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from penstock.crm.models import (
    Account,
    AccountMember,
    Activity,
    Campaign,
    CampaignCost,
    Contact,
    Lead,
    Opportunity,
    OpportunityLine,
    Pipeline,
    Product,
    Stage,
    Subscription,
    Task,
)
from penstock.crm.models.record import Record
from penstock.org.models import Role, Sharing, Team, User
from tests.crm.access.conftest import MOMENT

LEVELS = ["private", "team", "public_read", "public_edit"]
SHARED = ["lead", "account", "contact", "opportunity", "subscription", "activity", "task", "campaign"]
ROLES = [Role.AE, Role.AE, Role.SDR, Role.MANAGER, Role.MARKETING, Role.READ_ONLY, Role.REVOPS, Role.ADMIN]
SALES = {"lead", "account", "contact", "opportunity", "subscription", "activity", "task", "opportunity_line", "account_member"}
MARKETED = {"lead", "campaign", "campaign_cost", "activity", "task"}


class World:
    """A company in the database, drawn with `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.levels: dict[str, str] = {}
        self.records: dict[str, list[Any]] = {}
        self._people()
        for kind in SHARED:
            if random.random() < 0.6:
                self.levels[kind] = random.choice(LEVELS)
                Sharing.objects.create(record_type=kind, level=self.levels[kind])
        self._records()

    def _people(self) -> None:
        random = self.random
        self.teams: list[Team] = []
        for number in range(random.randint(0, 4)):
            self.teams.append(Team.objects.create(name=f"T{number}", parent=random.choice([None, *self.teams])))
        self.users = [
            User.objects.create(
                email=f"u{number}@aquifer.example",
                name=f"U{number}",
                role=random.choice(ROLES),
                team=random.choice([None, *self.teams]),
                is_active=random.random() < 0.9,
            )
            for number in range(5)
        ]
        for team in self.teams:
            team.manager = random.choice([None, *self.users])
            team.save()

    def _records(self) -> None:
        made = {"created_at": MOMENT}
        product = Product.objects.create(name="Pump", code="P", **made)
        pipeline = Pipeline.objects.create(key="p", name="P")
        stage = Stage.objects.create(pipeline=pipeline, key="s", position=1, names={"en": "S"})
        at = {"pipeline": pipeline, "stage": stage, "stage_order": 1, "stage_since": MOMENT, "currency": "EUR"}
        since = {"status_since": MOMENT}
        self._add("account", Account, 3, name="A", **since, **made)
        pairs = {(self._one("account"), self.random.choice(self.users)) for _ in range(self.random.randint(0, 4))}
        for account, user in sorted(pairs, key=lambda pair: (pair[0].pk, pair[1].pk)):
            gone = MOMENT if self.random.random() < 0.2 else None
            self.records.setdefault("account_member", []).append(
                AccountMember.objects.create(
                    account=account, user=user, may_edit=self.random.random() < 0.5, removed_at=gone, **made
                )
            )
        self._add("lead", Lead, 2, email="x@x.example", **since, **made)
        self._add("contact", Contact, 3, ["account"], last_name="C", **made)
        self._add("opportunity", Opportunity, 3, ["account"], ["account"], name="O", **at, **made)
        money = {"mrr": 1, "currency": "EUR", "starts_on": date(2026, 1, 1)}
        self._add("subscription", Subscription, 2, ["account", "opportunity"], ["account"], **money, **made)
        for number in range(2):
            self._add("campaign", Campaign, 1, name=f"K{number}", kind="event", **made)
        links = ["lead", "account", "contact", "opportunity"]
        self._add("activity", Activity, 4, [*links, "campaign"], kind="call", at=MOMENT, **made)
        self._add("task", Task, 3, links, title="T", **made)
        self._add("opportunity_line", OpportunityLine, 2, ["opportunity"], ["opportunity"], product=product, unit_price=1, **made)
        self._add("campaign_cost", CampaignCost, 2, ["campaign"], ["campaign"], day=date(2026, 1, 1), amount=1, **made)

    def _one(self, kind: str) -> Any:
        return self.random.choice(self.records[kind])

    def _add(
        self,
        kind: str,
        model: type[Record],
        count: int,
        links: list[str] | None = None,
        needed: list[str] | None = None,
        /,
        **values: Any,
    ) -> None:
        for _ in range(count):
            fields = dict(values)
            for link in links or []:
                if link in (needed or []) or self.random.random() < 0.4:
                    fields[link] = self._one(link)
            if hasattr(model, "owner"):
                fields["owner"] = self.random.choice([None, *self.users])
            self.records.setdefault(kind, []).append(model._default_manager.create(**fields))

    def everything(self) -> Iterator[tuple[User, str, Any]]:
        """Each user with each record and its kind."""
        for user in self.users:
            for kind, records in self.records.items():
                for record in records:
                    yield user, kind, record

    # The oracle.

    def level(self, kind: str) -> str:
        """The level of a kind, with what it is until somebody sets one."""
        if kind in self.levels:
            return self.levels[kind]
        if kind in ("contact", "subscription"):
            return self.level("account" if kind == "contact" else "opportunity")
        return "private" if kind in ("activity", "task") else "public_read"

    def stands_above(self, user: User, owner: User | None) -> bool:
        """Whether the user is the owner, or manages the owner's team or one that it is under."""
        if owner is None:
            return False
        team = next((team for team in self.teams if team.pk == owner.team_id), None)
        while team is not None:
            if team.manager == user:
                return True
            team = next((above for above in self.teams if above.pk == team.parent_id), None)
        return owner == user

    def in_account_team(self, user: User, account: Account, editing: bool) -> bool:
        """Whether the user is the account's owner, above its owner, or a member (who may edit)."""
        members = [one for one in self.records.get("account_member", []) if one.removed_at is None and one.user == user]
        return self.stands_above(user, account.owner) or any(
            one.account == account and (one.may_edit or not editing) for one in members
        )

    def concerns(self, user: User, kind: str, record: Any, editing: bool) -> bool:
        """Whether the record is one that the user sees (edits), whatever their role."""
        if kind in ("opportunity_line", "campaign_cost", "account_member"):
            parent = {"opportunity_line": "opportunity", "campaign_cost": "campaign", "account_member": "account"}[kind]
            return self.concerns(user, parent, getattr(record, parent), editing)
        level = self.level(kind)
        if level == "public_edit" or (level == "public_read" and not editing):
            return True
        if level == "team" and not editing and record.owner and user.team_id and record.owner.team_id == user.team_id:
            return True
        if self.stands_above(user, record.owner):
            return True
        if kind in ("opportunity", "subscription") and self.in_account_team(user, record.account, editing):
            return True
        if kind == "account":
            return self.in_account_team(user, record, editing)
        above = {
            "contact": ["account"],
            "subscription": ["opportunity"],
            "activity": ["lead", "account", "contact", "opportunity", "campaign"],
            "task": ["lead", "account", "contact", "opportunity"],
        }.get(kind, [])
        parents = [(name, getattr(record, name)) for name in above]
        return any(self.concerns(user, name, parent, editing) for name, parent in parents if parent is not None)

    def sees(self, user: User, kind: str, record: Any) -> bool:
        """Whether the user sees the record."""
        return user.is_active and (user.role in (Role.REVOPS, Role.ADMIN) or self.concerns(user, kind, record, False))

    def edits(self, user: User, kind: str, record: Any) -> bool:
        """Whether the user may edit the record."""
        if not user.is_active or user.role == Role.READ_ONLY:
            return False
        if user.role in (Role.REVOPS, Role.ADMIN):
            return True
        return kind in (MARKETED if user.role == Role.MARKETING else SALES) and self.concerns(user, kind, record, True)
