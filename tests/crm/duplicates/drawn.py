"""Records drawn at random, full of doubles that hang on each other, and what they all look like at a moment."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

from django.db.models import Model

from penstock.crm.actions import (
    account_team,
    accounts,
    activities,
    campaign_members,
    campaigns,
    contacts,
    external_keys,
    leads,
    merging,
    opportunities,
    people,
    tasks,
)
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.conversion import convert_lead
from penstock.crm.models import (
    ExternalKey,
    NotDuplicate,
)
from penstock.crm.record_types import record_models
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

State = dict[tuple[str, int], dict[str, Any]]


def state() -> State:
    """Every field of every record but its revision, the keys of other systems, and the pairs that were dismissed."""
    found: State = {}
    models: list[type[Model]] = [*record_models(), ExternalKey, NotDuplicate]
    for model in models:
        for row in model._default_manager.values():
            row.pop("revision", None)
            found[model.__name__, row["id"]] = row
    return found


class World:
    """A company's records drawn at random, full of doubles that hang on each other."""

    def __init__(self, random: Random, revops: Actor, users: list[User]) -> None:
        self.random, self.actor, self.users = random, revops, users
        draw, maybe = random.choice, self._maybe
        self.accounts: list[Any] = []
        for number in range(6):
            fields = {"region": maybe("EMEA", "Alps"), "industry": maybe("Energy"), "segment": maybe("S"), "phone": maybe("12")}
            fields |= {"revenue": maybe(5, 9), "revenue_currency": "EUR", "tools": self._some(["a", "b", "c"])}
            fields |= {"social": {"x": str(number)} if maybe(1) else {}, "parent": draw([None, *self.accounts])}
            status = draw(["unqualified_pool", "target", "customer"])
            made = accounts.create_account(revops, name=f"N{number}", status=status, **self._given(fields))
            self.accounts.append(made)
        self.contacts: list[Any] = []
        for number in range(6):
            fields = {"email": maybe(f"c{number}@x.example"), "first_name": maybe("Ada"), "account": draw([None, *self.accounts])}
            fields |= {"reports_to": draw([None, *self.contacts]), "email_opt_out": random.random() < 0.3}
            self.contacts.append(contacts.create_contact(revops, last_name=f"L{number}", **self._given(fields)))
        self.deals = [
            opportunities.create_opportunity(revops, name=f"D{number}", account=draw(self.accounts), amount=maybe(5))
            for number in range(5)
        ]
        self.leads = [
            leads.create_lead(revops, company=f"L{number}", last_name=maybe("R") or "", consent=maybe("yes") or "")
            for number in range(4)
        ]
        if maybe(1):
            convert_lead(revops, self.leads[0].pk, account=draw(self.accounts).pk, contact=draw(self.contacts).pk)
        self._parts()

    def _parts(self) -> None:
        draw = self.random.choice
        links: list[tuple[str, list[Any]]] = [
            ("account", self.accounts),
            ("contact", self.contacts),
            ("opportunity", self.deals),
            ("lead", self.leads[1:]),
        ]
        campaign_ids = [campaigns.create_campaign(self.actor, name=f"K{number}", kind="event").pk for number in range(2)]
        for number in range(10):
            kind, of = draw(links)
            call = activities.log_activity(self.actor, kind="call", **{kind: draw(of)})
            if self._maybe(1):
                activities.remove_activities(self.actor, [call.pk])
            kind, of = draw(links)
            tasks.create_task(self.actor, title=f"T{number}", **{kind: draw(of)})
            self._where_possible(account_team.add_member, draw(self.accounts).pk, draw(self.users), may_edit=draw([True, False]))
            role = draw(["other", "champion", "legal"])
            primary = draw([True, False])
            self._where_possible(people.add_contact_role, draw(self.deals).pk, draw(self.contacts).pk, role=role, primary=primary)
            status = draw(["targeted", "attended"])
            campaign_members.add_contacts(self.actor, draw(campaign_ids), [draw(self.contacts).pk], status=status)
            campaign_members.add_leads(self.actor, draw(campaign_ids), [draw(self.leads).pk], status=status)
            external_keys.set_key(self.actor, "account", draw(self.accounts).pk, "erp", str(number))

    def _where_possible(self, verb: Any, *given: Any, **fields: Any) -> None:
        with suppress(InvalidInput):  # Has it already.
            verb(self.actor, *given, **fields)

    def _maybe(self, *values: Any) -> Any:
        return self.random.choice([None, *values])

    def _some(self, values: list[str]) -> list[str]:
        return self.random.sample(values, self.random.randint(0, len(values)))

    def _given(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value is not None}

    def merge(self) -> tuple[int, ...]:
        """A merge of two to four records of a kind, drawn at random, with choices."""
        verb, of, fields = self.random.choice(
            [
                (merging.merge_accounts, self.accounts, ["name", "status", "region", "revenue", "parent", "tools"]),
                (merging.merge_contacts, self.contacts, ["email", "last_name", "reports_to", "account"]),
                (merging.merge_leads, self.leads, ["company", "consent"]),
            ]
        )
        ids = [one.pk for one in self.random.sample(of, self.random.randint(2, 4))]
        take = {self.random.choice(fields): self.random.choice(ids)} if self._maybe(1) else {}
        return verb(self.actor, ids[0], ids[1:], take=take).merges
