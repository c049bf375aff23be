"""Every verb asks whether the actor may: where access says no, nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from penstock.crm import access
from penstock.crm.actions import (
    account_status,
    account_team,
    accounts,
    activities,
    campaign_members,
    campaigns,
    competitors,
    contacts,
    correcting,
    external_keys,
    imported,
    imported_statuses,
    lines,
    people,
    products,
    subscriptions,
    tasks,
)
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.stages import change_stage
from penstock.crm.models import Account, Change, Contact, Opportunity, Product, RecordChange, Stage, Subscription
from penstock.crm.refusals import NotAllowed, Refusal
from penstock.org.models import User

DAY = timedelta(days=1)
World = dict[str, Any]
Verb = Callable[[Actor, World], Any]


@pytest.fixture
def world(
    chief: Actor,
    admin: User,
    rep: User,
    account: Account,
    contact: Contact,
    deal: Opportunity,
    service: Product,
    stages: dict[str, Stage],
    past: datetime,
) -> World:
    """One record of each kind."""
    made: World = {
        "account": account.pk,
        "contact": contact.pk,
        "deal": deal.pk,
        "product": service.pk,
        "stages": stages,
        "past": past,
    }
    made |= {"user": admin.pk, "rep": rep.pk}
    made["member"] = account_team.add_member(chief, account.pk, made["user"]).pk
    made["activity"] = activities.log_activity(chief, kind="call", account=account.pk).pk
    made["task"] = tasks.create_task(chief, title="Call").pk
    made["campaign"] = campaigns.create_campaign(chief, name="Days", kind="event").pk
    made["cost"] = campaigns.add_cost(chief, made["campaign"], "2026-01-01", 1).pk
    made["in"] = campaign_members.add_contacts(chief, made["campaign"], [contact.pk]).done[0]
    made["competitor"] = competitors.create_competitor(chief, name="Dam").pk
    made["role"] = people.add_contact_role(chief, deal.pk, contact.pk).pk
    made["line"] = lines.add_line(chief, deal.pk, {"product": service.pk}).pk
    change_stage(chief, deal.pk, stages["won"].pk)
    made["subscription"] = Subscription.objects.get().pk
    return made


VERBS: dict[str, Verb] = {
    "create_account": lambda a, w: accounts.create_account(a, name="X"),
    "create_accounts": lambda a, w: accounts.create_accounts(a, [{"name": "X"}]),
    "edit_account": lambda a, w: accounts.edit_account(a, w["account"], {"region": "APAC"}),
    "edit_accounts": lambda a, w: accounts.edit_accounts(a, [w["account"]], {"phone": "1"}),
    "enrich_account": lambda a, w: accounts.enrich_account(a, w["account"], {"employees": 4}, "registry"),
    "reassign_accounts": lambda a, w: accounts.reassign_accounts(a, [w["account"]], w["user"]),
    "remove_accounts": lambda a, w: accounts.remove_accounts(a, [w["account"]]),
    "restore_accounts": lambda a, w: accounts.restore_accounts(a, [w["account"]]),
    "set_status": lambda a, w: account_status.set_status(a, w["account"], "target", reason=""),
    "set_statuses": lambda a, w: account_status.set_statuses(a, [w["account"]], "target", reason=""),
    "add_member": lambda a, w: account_team.add_member(a, w["account"], w["rep"]),
    "edit_member": lambda a, w: account_team.edit_member(a, w["member"], role="X"),
    "remove_member": lambda a, w: account_team.remove_member(a, w["member"]),
    "create_contact": lambda a, w: contacts.create_contact(a, last_name="X"),
    "edit_contact": lambda a, w: contacts.edit_contact(a, w["contact"], {"title": "X"}),
    "opt_out": lambda a, w: contacts.opt_out(a, [w["contact"]], email=True),
    "enrich_contact": lambda a, w: contacts.enrich_contact(a, w["contact"], {"title": "X"}, "registry"),
    "remove_contacts": lambda a, w: contacts.remove_contacts(a, [w["contact"]]),
    "log_activity": lambda a, w: activities.log_activity(a, kind="call", account=w["account"]),
    "log_activities": lambda a, w: activities.log_activities(a, [{"kind": "call", "account": w["account"]}]),
    "edit_activity": lambda a, w: activities.edit_activity(a, w["activity"], {"subject": "X"}),
    "remove_activities": lambda a, w: activities.remove_activities(a, [w["activity"]]),
    "create_task": lambda a, w: tasks.create_task(a, title="X"),
    "edit_task": lambda a, w: tasks.edit_task(a, w["task"], {"title": "X"}),
    "complete_task": lambda a, w: tasks.complete_task(a, w["task"]),
    "complete_tasks": lambda a, w: tasks.complete_tasks(a, [w["task"]]),
    "reassign_tasks": lambda a, w: tasks.reassign_tasks(a, [w["task"]], w["user"]),
    "remove_tasks": lambda a, w: tasks.remove_tasks(a, [w["task"]]),
    "create_campaign": lambda a, w: campaigns.create_campaign(a, name="X", kind="event"),
    "edit_campaign": lambda a, w: campaigns.edit_campaign(a, w["campaign"], {"name": "X"}),
    "remove_campaigns": lambda a, w: campaigns.remove_campaigns(a, [w["campaign"]]),
    "add_cost": lambda a, w: campaigns.add_cost(a, w["campaign"], "2026-01-01", 1),
    "edit_cost": lambda a, w: campaigns.edit_cost(a, w["cost"], {"amount": 2}),
    "remove_cost": lambda a, w: campaigns.remove_cost(a, w["cost"]),
    "add_contacts": lambda a, w: campaign_members.add_contacts(a, w["campaign"], [w["contact"]]),
    "set_member_status": lambda a, w: campaign_members.set_member_status(a, w["in"], "attended"),
    "set_member_statuses": lambda a, w: campaign_members.set_member_statuses(a, [w["in"]], "attended"),
    "remove_members": lambda a, w: campaign_members.remove_members(a, [w["in"]]),
    "create_competitor": lambda a, w: competitors.create_competitor(a, name="X"),
    "edit_competitor": lambda a, w: competitors.edit_competitor(a, w["competitor"], {"name": "X"}),
    "remove_competitors": lambda a, w: competitors.remove_competitors(a, [w["competitor"]]),
    "create_product": lambda a, w: products.create_product(a, name="X", code="x"),
    "edit_product": lambda a, w: products.edit_product(a, w["product"], {"name": "X"}),
    "remove_products": lambda a, w: products.remove_products(a, [w["product"]]),
    "add_contact_role": lambda a, w: people.add_contact_role(a, w["deal"], w["contact"]),
    "edit_contact_role": lambda a, w: people.edit_contact_role(a, w["role"], primary=True),
    "remove_contact_role": lambda a, w: people.remove_contact_role(a, w["role"]),
    "add_line": lambda a, w: lines.add_line(a, w["deal"], {"product": w["product"]}),
    "edit_line": lambda a, w: lines.edit_line(a, w["line"], {"quantity": 2}),
    "remove_line": lambda a, w: lines.remove_line(a, w["line"]),
    "replace_lines": lambda a, w: lines.replace_lines(a, w["deal"], []),
    "end_subscription": lambda a, w: subscriptions.end_subscription(
        a, w["subscription"], Subscription.objects.get().starts_on, "churn"
    ),
    "change_mrr": lambda a, w: subscriptions.change_mrr(a, w["subscription"], 1, Subscription.objects.get().starts_on),
    "set_key": lambda a, w: external_keys.set_key(a, "account", w["account"], "crm", "1"),
    "correct_opportunity": lambda a, w: correcting.correct_opportunity(a, w["deal"], datetime.now(UTC), {"name": "X"}),
    "import_opportunities": lambda a, w: imported.import_opportunities(
        a.but(source="import"),
        [
            imported.ImportedDeal(
                [
                    imported.ImportedVersion(
                        w["past"],
                        {"name": "X", "account": w["account"], "stage": w["stages"]["won"].pk, "close_date": date(2026, 1, 1)},
                    )
                ]
            )
        ],
    ),
    "import_account_histories": lambda a, w: imported_statuses.import_account_histories(
        a.but(source="import"), [(w["account"], [(datetime.now(UTC), "target", "")])]
    ),
}


def refusals(verb: Verb, actor: Actor, world: World) -> list[Refusal]:
    """Why a verb was not done; nothing where it was."""
    try:
        outcome = verb(actor, world)
    except NotAllowed as refusal:
        return [refusal]
    return list(outcome.refused.values()) if isinstance(outcome, Outcome) and not outcome.done else []


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_does_what_access_refuses(verb: str, chief: Actor, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = RecordChange.objects.count()
    monkeypatch.setattr(access, "may", lambda user, verb, record: False)
    refused = refusals(VERBS[verb], chief, world)
    assert [type(refusal) for refusal in refused] == [NotAllowed]
    assert RecordChange.objects.count() == told


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"add_contact_role", "add_contacts", "remove_accounts", "restore_accounts"}))
def test_every_verb_is_done_by_who_may(verb: str, chief: Actor, world: World) -> None:
    """So that the refusals above are those of access alone."""
    before = Change.objects.count()
    outcome = VERBS[verb](chief, world)
    assert not isinstance(outcome, Outcome) or outcome.done
    assert Change.objects.count() > before
