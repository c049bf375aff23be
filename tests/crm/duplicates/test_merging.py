"""Duplicates become one, and nothing that hung on them is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey
from django.utils import timezone

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
from penstock.crm.actions.dismissing import dismiss
from penstock.crm.actions.merge_notes import references
from penstock.crm.duplicates import candidates
from penstock.crm.models import (
    Account,
    AccountMember,
    Activity,
    CampaignMember,
    Contact,
    ContactRole,
    Lead,
    Merge,
    Opportunity,
    OpportunityVersion,
    RecordChange,
    Stage,
    Task,
)
from penstock.crm.models.record import Record
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound
from penstock.org.models import User


@pytest.fixture
def twin(actor: Actor) -> Account:
    """The account, entered a second time with other facts."""
    return accounts.create_account(
        actor, name="Lac Bleu", website="https://lacbleu.example", region="Alps", industry="Energy", phone="123", tools=["erp"]
    )


def test_the_survivor_keeps_its_values_and_takes_what_it_lacks(revops: Actor, account: Account, twin: Account) -> None:
    accounts.edit_account(revops, account.pk, {"tools": ["crm"], "social": {"linkedin": "a"}})
    accounts.edit_account(revops, twin.pk, {"tools": ["crm", "erp"], "social": {"linkedin": "b", "x": "c"}})
    found = merging.merge_accounts(revops, account.pk, [twin.pk])
    account.refresh_from_db()
    twin.refresh_from_db()
    assert (account.name, account.region, account.industry, account.phone) == ("Lac Bleu SA", "EMEA", "Energy", "123")
    assert (account.tools, account.social) == (["crm", "erp"], {"linkedin": "a", "x": "c"})
    assert account.provenance["industry"]["source"] == "user"
    assert twin.removed_at is not None
    assert twin.region == "Alps"
    assert (found.survivor, len(found.merges)) == (account, 1)


def test_a_value_can_be_chosen_from_another(revops: Actor, account: Account, twin: Account) -> None:
    accounts.edit_account(revops, twin.pk, {"revenue": 500, "revenue_currency": "CHF"})
    accounts.edit_account(revops, account.pk, {"revenue": 900, "revenue_currency": "EUR"})
    take = {"name": twin.pk, "revenue": twin.pk, "industry": account.pk}
    merging.merge_accounts(revops, account.pk, [twin.pk], take=take)
    account.refresh_from_db()
    assert (account.name, account.name_key, account.industry) == ("Lac Bleu", "lac bleu", "")
    assert (account.revenue, account.revenue_currency) == (500, "CHF")


@pytest.mark.parametrize(
    ("take", "text"),
    [({"colour": 0}, "colour cannot be chosen"), ({"removed_at": 0}, "cannot be chosen"), ({"name": 999}, "999 is not one of")],
)
def test_a_choice_that_cannot_be_made_is_refused(
    revops: Actor, account: Account, twin: Account, take: dict[str, int], text: str
) -> None:
    with pytest.raises(InvalidInput, match=text):
        merging.merge_accounts(revops, account.pk, [twin.pk], take=take)


def test_the_status_is_the_survivors_unless_chosen(revops: Actor, account: Account, twin: Account) -> None:
    from penstock.crm.actions.account_status import set_status

    set_status(revops, twin.pk, "backlog", until=timezone.now() + timedelta(days=30), reason="later")
    twin.refresh_from_db()
    merging.merge_accounts(revops, account.pk, [twin.pk], take={"status": twin.pk})
    account.refresh_from_db()
    assert (account.status, account.status_until) == ("backlog", twin.status_until)


def test_everything_that_hung_on_the_merged_one_hangs_on_the_survivor(
    actor: Actor, revops: Actor, account: Account, twin: Account, stages: dict[str, Stage]
) -> None:
    deal = opportunities.create_opportunity(actor, name="Pumps", account=twin)
    person = contacts.create_contact(actor, last_name="Rill", account=twin)
    call = activities.log_activity(actor, kind="call", account=twin)
    note = activities.log_activity(actor, kind="note", opportunity=deal)
    activities.remove_activities(actor, [note.pk])
    task = tasks.create_task(actor, title="Call", account=twin)
    child = accounts.create_account(actor, name="Lac Bleu Nord", parent=twin)
    lead = convert_lead(actor, leads.create_lead(actor, email="x@y.example").pk, account=twin.pk).lead
    external_keys.set_key(revops, "account", account.pk, "salesforce", "001A")
    external_keys.set_key(revops, "account", twin.pk, "salesforce", "001B")
    merging.merge_accounts(revops, account.pk, [twin.pk])
    for record in (deal, person, call, note, task, lead):
        record.refresh_from_db()
        assert record.account_id == account.pk, record
    child.refresh_from_db()
    assert child.parent == account
    assert external_keys.find_ids("account", "salesforce", ["001A", "001B"]) == {"001A": account.pk, "001B": account.pk}
    # Each has its history, and a deal its version; all of it is one change.
    last = OpportunityVersion.objects.filter(opportunity=deal).order_by("id").last()
    assert last is not None
    assert last.account_id == account.pk
    told = RecordChange.objects.filter(change=last.change_id).values_list("record_type", "record_id", "fields__account_id")
    assert ("activity", call.pk, [twin.pk, account.pk]) in [tuple(one) for one in told]
    account.refresh_from_db()
    assert account.last_activity_at == call.at
    # A key that is set again finds its record.
    external_keys.set_key(revops, "account", account.pk, "salesforce", "001B")
    external_keys.set_key(revops, "account", account.pk, "salesforce", "001C")
    assert external_keys.find_ids("account", "salesforce", ["001B", "001C"]) == {"001B": account.pk, "001C": account.pk}


def test_no_reference_is_forgotten() -> None:
    """Every foreign key to a kind that can be merged is re-pointed, or is one of history."""
    history = {"opportunityversion"}
    for model in (Account, Contact, Lead):
        pointing = {
            (other, field.attname)
            for other in apps.get_models()
            for field in other._meta.concrete_fields
            if isinstance(field, ForeignKey) and field.related_model is model and other._meta.model_name not in history
        }
        assert pointing == set(references(model))
        assert all(issubclass(other, Record) for other, _ in pointing)


def test_open_deals_follow_the_facts_they_had_from_their_account(
    actor: Actor, revops: Actor, account: Account, twin: Account, stages: dict[str, Stage]
) -> None:
    own = opportunities.create_opportunity(actor, name="Own", account=account)
    theirs = opportunities.create_opportunity(actor, name="Theirs", account=twin)
    by_hand = opportunities.create_opportunity(actor, name="By hand", account=twin, region="Baltics")
    merging.merge_accounts(revops, account.pk, [twin.pk])
    for deal in (own, theirs, by_hand):
        deal.refresh_from_db()
    assert (own.region, own.industry) == ("EMEA", "Energy")
    assert (theirs.region, theirs.country, theirs.industry) == ("EMEA", "FR", "Energy")
    assert by_hand.region == "Baltics"


def test_a_person_in_both_teams_is_in_it_once_with_the_wider_right(
    actor: Actor, revops: Actor, other_rep: User, account: Account, twin: Account
) -> None:
    account_team.add_member(actor, account.pk, other_rep, may_edit=False)
    wider = account_team.add_member(actor, twin.pk, other_rep, role="Expert")
    alone = account_team.add_member(actor, twin.pk, actor.user or 0)
    merging.merge_accounts(revops, account.pk, [twin.pk])
    there = AccountMember.objects.filter(account=account, removed_at__isnull=True)
    assert {one.pk: one.may_edit for one in there} == {wider.pk: True, alone.pk: True}


@pytest.fixture
def double(actor: Actor, account: Account) -> tuple[Contact, Contact]:
    """A contact, twice."""
    return (
        contacts.create_contact(actor, first_name="Ada", last_name="Rill", account=account),
        contacts.create_contact(actor, email="ada@lacbleu.example", last_name="Rill", email_opt_out=True, account=account),
    )


def test_a_contact_takes_the_address_and_the_wishes_of_its_double(revops: Actor, double: Any) -> None:
    merging.merge_contacts(revops, double[0].pk, [double[1].pk])
    kept = Contact.objects.get(pk=double[0].pk)
    assert (kept.email, kept.email_opt_out, kept.first_name) == ("ada@lacbleu.example", True, "Ada")


def test_roles_and_memberships_of_both_become_one_and_the_one_that_says_more_stays(
    actor: Actor, revops: Actor, account: Account, double: Any, stages: dict[str, Stage]
) -> None:
    kept, other = double
    third = contacts.create_contact(actor, last_name="Rill-Weir")
    deal = opportunities.create_opportunity(actor, name="Pumps", account=account)
    people.add_contact_role(actor, deal.pk, kept.pk)
    first = people.add_contact_role(actor, deal.pk, other.pk, role="champion", primary=True)
    fair, ads = (campaigns.create_campaign(revops, name=name, kind="event").pk for name in ("Fair", "Ads"))
    campaign_members.add_contacts(revops, ads, [other.pk])
    campaign_members.add_contacts(revops, fair, [kept.pk], status="registered")
    campaign_members.add_contacts(revops, fair, [other.pk], status="targeted")
    campaign_members.add_contacts(revops, fair, [third.pk], status="attended")
    merging.merge_contacts(revops, kept.pk, [other.pk, third.pk])
    assert [(one.pk, one.contact_id) for one in ContactRole.objects.filter(removed_at__isnull=True)] == [(first.pk, kept.pk)]
    members = CampaignMember.objects.filter(removed_at__isnull=True, contact=kept)
    assert sorted(members.values_list("campaign__name", "status")) == [("Ads", "targeted"), ("Fair", "attended")]
    assert not CampaignMember.objects.exclude(contact=kept).exists()


def test_leads_are_merged_with_what_was_done_with_them(actor: Actor, revops: Actor) -> None:
    kept = leads.create_lead(actor, email="ada@lacbleu.example")
    other = leads.create_lead(actor, company="Lac Bleu", last_name="Rill", consent="opt_in", raw={"form": "fair"})
    call = activities.log_activity(actor, kind="call", lead=other)
    task = tasks.create_task(actor, title="Call", lead=other)
    merging.merge_leads(revops, kept.pk, [other.pk])
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.last_name, kept.raw, kept.consent, kept.consent_at) == ("Rill", {"form": "fair"}, "opt_in", other.consent_at)
    assert (Activity.objects.get(pk=call.pk).lead, Task.objects.get(pk=task.pk).lead) == (kept, kept)


def test_a_converted_lead_stays(actor: Actor, revops: Actor) -> None:
    new, old = (leads.create_lead(actor, email="ada@lacbleu.example") for _ in range(2))
    convert_lead(actor, old.pk)
    with pytest.raises(InvalidInput, match="Keep that one"):
        merging.merge_leads(revops, new.pk, [old.pk])
    merging.merge_leads(revops, old.pk, [new.pk])
    assert Lead.objects.get(pk=old.pk).status == "converted"


def test_what_cannot_be_merged_is_refused(actor: Actor, revops: Actor, account: Account, twin: Account) -> None:
    with pytest.raises(NotAllowed):
        merging.merge_accounts(actor, account.pk, [twin.pk])
    for others in ([], [account.pk]):
        with pytest.raises(InvalidInput, match="at least one other"):
            merging.merge_accounts(revops, account.pk, others)
    with pytest.raises(NotFound):
        merging.merge_accounts(revops, account.pk, [999])
    accounts.remove_accounts(revops, [twin.pk])
    with pytest.raises(InvalidInput, match="restore it first"):
        merging.merge_accounts(revops, account.pk, [twin.pk])
    assert not Merge.objects.exists()


def test_a_merged_record_comes_back_by_undoing_alone(revops: Actor, account: Account, twin: Account) -> None:
    merging.merge_accounts(revops, account.pk, [twin.pk])
    refused = accounts.restore_accounts(revops, [twin.pk]).refused
    assert "Undo that merge" in str(refused[twin.pk])


def test_what_was_dismissed_stays_dismissed(revops: Actor, account: Account, twin: Account) -> None:
    third = accounts.create_account(revops, name="Lac Bleu Holding", domain="lacbleu.example")
    dismiss(revops, [(("account", twin.pk), ("account", third.pk))])
    (merge,) = merging.merge_accounts(revops, account.pk, [twin.pk]).merges
    assert not candidates(revops.user, third)
    merging.undo_merge(revops, merge)
    assert [one.id for one in candidates(revops.user, third)] == [account.pk]


def test_a_deal_of_a_merged_account_is_the_ledgers_too(revops: Actor, twin: Account, account: Account, stages: Any) -> None:
    deal = opportunities.create_opportunity(revops, name="Pumps", account=twin, amount=5)
    merging.merge_accounts(revops, account.pk, [twin.pk])
    versions = OpportunityVersion.objects.filter(opportunity=deal).order_by("id").values_list("account_id", "amount")
    assert list(versions) == [(twin.pk, 5), (account.pk, 5)]
    assert Opportunity.objects.get(pk=deal.pk).revision == 2
