"""A lead becomes an account, a contact and a deal; what was done with it goes along."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from penstock.crm.actions import account_team, accounts, activities, campaign_members, campaigns, contacts, leads, merging, tasks
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.conversion import conversion_preview, convert_lead
from penstock.crm.models import (
    Account,
    Activity,
    CampaignMember,
    Contact,
    ContactRole,
    Lead,
    OpportunityVersion,
    RecordChange,
    Stage,
    Task,
)
from penstock.crm.refusals import InvalidInput, NotAllowed, StaleWrite
from penstock.org.models import Sharing, User


@pytest.fixture
def lead(actor: Actor) -> Lead:
    return leads.create_lead(
        actor,
        email="mia@weirworks.example",
        first_name="Mia",
        last_name="Ponte",
        title="CTO",
        phone="01 42 68 53 00",
        country="FR",
        source="inbound",
        consent="opt_in",
    )


def test_without_a_match_everything_is_made(actor: Actor, lead: Lead, rep: User, stages: dict[str, Stage]) -> None:
    found = convert_lead(actor, lead.pk, opportunity={"amount": 900_000, "close_date": date(2027, 3, 31)})
    assert found.made == {"account", "contact", "opportunity"}
    account, contact, deal = found.account, found.contact, found.opportunity
    assert contact is not None
    assert deal is not None
    assert (account.name, account.domain, account.country, account.status) == (
        "Weirworks",
        "weirworks.example",
        "FR",
        "qualified_pool",
    )
    assert (str(contact), contact.email, contact.phone, contact.account_id) == (
        "Mia Ponte",
        "mia@weirworks.example",
        "+33142685300",
        account.pk,
    )
    assert (contact.title, contact.consent) == ("CTO", "opt_in")
    assert (deal.name, deal.source, deal.generating_role, deal.owner, deal.team) == ("Weirworks", "inbound", "ae", rep, rep.team)
    assert (deal.amount, deal.country) == (900_000, "FR")
    now = Lead.objects.get(pk=lead.pk)
    assert (now.status, now.account, now.contact, now.opportunity) == ("converted", account, contact, deal)
    assert now.converted_at is not None
    role = ContactRole.objects.get(opportunity=deal)
    assert (role.contact, role.primary) == (contact, True)
    assert OpportunityVersion.objects.filter(opportunity=deal).count() == 1
    # All in one change.
    assert RecordChange.objects.filter(change__verb="convert_lead").values("change").distinct().count() == 1


def test_what_is_made_is_handed_to_an_owner_whoever_converts(sdr: Actor, other_rep: User, stages: dict[str, Stage]) -> None:
    for kind in ("account", "opportunity", "lead"):
        Sharing.objects.create(record_type=kind, level="private")
    lead = leads.create_lead(sdr, email="mia@weirworks.example", last_name="Ponte")
    found = convert_lead(sdr, lead.pk, opportunity={}, owner=other_rep)
    assert found.opportunity is not None
    assert {found.account.owner_id, found.opportunity.owner_id, found.contact and found.contact.owner_id} == {other_rep.pk}
    assert found.opportunity.team_id == other_rep.team_id
    assert found.opportunity.generating_role == "sdr"
    other_rep.is_active = False
    other_rep.save()
    second = leads.create_lead(sdr, email="jo@other.example", last_name="Jo")
    with pytest.raises(InvalidInput, match="is not active"):
        convert_lead(sdr, second.pk, owner=other_rep.pk)


def test_the_same_address_is_the_same_contact_and_brings_its_account(actor: Actor, lead: Lead, account: Account) -> None:
    person = contacts.create_contact(actor, email="mia@weirworks.example", last_name="Ponte-Rossi", account=account)
    preview = conversion_preview(actor.user, lead)
    assert (preview.contact.outcome, preview.contact.id, preview.contact.reason) == (
        "match",
        person.pk,
        "Has the same e-mail address, mia@weirworks.example.",
    )
    assert (preview.account.outcome, preview.account.id) == ("match", account.pk)
    found = convert_lead(actor, lead.pk)
    assert (found.account, found.contact, found.opportunity, found.made) == (account, person, None, frozenset())
    person.refresh_from_db()
    # What it lacked was filled, what it had stays.
    assert (person.last_name, person.first_name, person.title) == ("Ponte-Rossi", "Mia", "CTO")
    assert person.provenance["title"]["source"] == "lead"


@pytest.mark.parametrize(
    ("there", "fields", "outcome", "reason"),
    [
        ({"name": "WW Holding", "domain": "weirworks.example"}, {}, "match", "Has the same domain, weirworks.example."),
        ({"name": "Weirworks SAS"}, {}, "match", "Has the same name, and nothing speaks against it."),
        ({"name": "Weirworks", "domain": "weirworks.it.example"}, {}, "make", "No account has its domain or its name."),
        ({"name": "Weirworks", "country": "DE"}, {}, "make", "No account has its domain or its name."),
        ({"name": "Mail Co", "domain": "gmail.com"}, {"email": "mia@gmail.com", "company": "Weir"}, "make", ""),
    ],
)
def test_the_account_is_found_by_domain_or_by_a_name_nothing_speaks_against(
    actor: Actor, lead: Lead, there: dict[str, str], fields: dict[str, str], outcome: str, reason: str
) -> None:
    accounts.create_account(actor, **there)
    if fields:
        leads.edit_lead(actor, lead.pk, fields)
    lead.refresh_from_db()
    planned = conversion_preview(actor.user, lead).account
    assert planned.outcome == outcome
    assert reason in planned.reason


def test_ids_that_are_given_win(actor: Actor, lead: Lead, account: Account) -> None:
    accounts.create_account(actor, name="Weirworks", domain="weirworks.example")
    person = contacts.create_contact(actor, last_name="Other", account=account)
    found = convert_lead(actor, lead.pk, account=account.pk, contact=person.pk)
    assert (found.account, found.contact) == (account, person)
    second = leads.create_lead(actor, company="X")
    with pytest.raises(InvalidInput, match="There is no account 999"):
        convert_lead(actor, second.pk, account=999)


def test_a_namesake_without_an_address_is_the_contact(actor: Actor, lead: Lead) -> None:
    account = accounts.create_account(actor, name="Weirworks", domain="weirworks.example")
    same = contacts.create_contact(actor, first_name="mia", last_name="Ponté", account=account)
    contacts.create_contact(actor, first_name="Mia", last_name="Ponte", email="other@weirworks.example", account=account)
    found = convert_lead(actor, lead.pk)
    assert found.contact == same
    same.refresh_from_db()
    assert same.email == "mia@weirworks.example"


def test_what_was_done_with_the_lead_goes_along_and_stays_with_it(actor: Actor, revops: Actor, lead: Lead, stages: Any) -> None:
    call = activities.log_activity(actor, kind="call", lead=lead.pk)
    gone = activities.log_activity(actor, kind="note", lead=lead.pk)
    activities.remove_activities(actor, [gone.pk])
    task = tasks.create_task(actor, title="Call back", lead=lead.pk)
    fair = campaigns.create_campaign(revops, name="Fair", kind="event")
    campaign_members.add_leads(revops, fair.pk, [lead.pk], status="attended")
    found = convert_lead(actor, lead.pk, opportunity={})
    links = {"lead": lead, "account": found.account, "contact": found.contact, "opportunity": found.opportunity}
    for pk in (call.pk, gone.pk):
        assert {name: getattr(Activity.objects.get(pk=pk), name) for name in links} == links
    assert {name: getattr(Task.objects.get(pk=task.pk), name) for name in links} == links
    member = CampaignMember.objects.get(lead=lead)
    assert (member.contact, member.account, member.status) == (found.contact, found.account, "attended")
    assert Account.objects.get(pk=found.account.pk).last_activity_at == call.at


def test_who_is_in_the_campaign_as_a_contact_is_not_put_there_twice(actor: Actor, revops: Actor, lead: Lead) -> None:
    person = contacts.create_contact(actor, email="mia@weirworks.example")
    fair = campaigns.create_campaign(revops, name="Fair", kind="event")
    campaign_members.add_leads(revops, fair.pk, [lead.pk])
    campaign_members.add_contacts(revops, fair.pk, [person.pk])
    found = convert_lead(actor, lead.pk)
    as_lead, as_contact = CampaignMember.objects.get(lead=lead), CampaignMember.objects.get(contact=person)
    assert as_lead.contact_id is None
    assert as_lead.account == found.account
    assert as_contact.lead_id is None


def test_a_company_alone_makes_an_account_alone(actor: Actor) -> None:
    found = convert_lead(actor, leads.create_lead(actor, company="Weirworks").pk)
    assert (found.account.name, found.contact, set(found.made)) == ("Weirworks", None, {"account"})


def test_what_cannot_be_converted_is_refused_in_words(actor: Actor, other_rep: User, lead: Lead) -> None:
    nobody = leads.create_lead(actor, email="mia@gmail.com")
    with pytest.raises(InvalidInput, match="which company this is"):
        convert_lead(actor, nobody.pk)
    leads.set_status(actor, nobody.pk, "unqualified", reason="Student")
    with pytest.raises(InvalidInput, match="lead is unqualified"):
        convert_lead(actor, nobody.pk)
    with pytest.raises(NotAllowed):
        convert_lead(Actor(user=other_rep), lead.pk)
    with pytest.raises(StaleWrite):
        convert_lead(actor, lead.pk, revision=7)
    convert_lead(actor, lead.pk)
    with pytest.raises(InvalidInput, match="converted already"):
        convert_lead(actor, lead.pk)
    with pytest.raises(InvalidInput, match="lead is converted"):
        leads.set_status(actor, lead.pk, "working")
    assert "status" in conversion_preview(actor.user, Lead.objects.get(pk=lead.pk)).obstacles


def test_a_refused_deal_leaves_the_lead_as_it_was(actor: Actor, lead: Lead, stages: dict[str, Stage]) -> None:
    with pytest.raises(InvalidInput, match="no such field"):
        convert_lead(actor, lead.pk, opportunity={"colour": "blue"})
    with pytest.raises(InvalidInput, match="follows from the conversion"):
        convert_lead(actor, lead.pk, opportunity={"account": 1})
    assert Lead.objects.get(pk=lead.pk).status == "new"
    assert not Account.objects.filter(name="Weirworks").exists()


def test_a_duplicate_that_may_not_be_seen_is_said_and_not_shown(actor: Actor, other_rep: User, lead: Lead) -> None:
    Sharing.objects.create(record_type="account", level="private")
    hidden = accounts.create_account(Actor(user=other_rep), name="Secret Project", domain="weirworks.example")
    obstacles = conversion_preview(actor.user, lead).obstacles
    assert "Ask an administrator" in obstacles["account"][0]
    assert "Secret" not in str(conversion_preview(actor.user, lead))
    with pytest.raises(InvalidInput, match="you may not see"):
        convert_lead(actor, lead.pk)
    account_team.add_member(Actor(user=other_rep), hidden.pk, actor.user or 0)
    assert convert_lead(actor, lead.pk).account == hidden


def test_a_merged_contact_is_still_known_by_its_address(actor: Actor, revops: Actor, lead: Lead, account: Account) -> None:
    kept = contacts.create_contact(actor, email="m.ponte@lacbleu.example", account=account)
    other = contacts.create_contact(actor, email="mia@weirworks.example")
    merging.merge_contacts(revops, kept.pk, [other.pk])
    found = convert_lead(actor, lead.pk)
    assert (found.contact, found.account) == (kept, account)
    assert Contact.objects.filter(removed_at__isnull=True).count() == 1
