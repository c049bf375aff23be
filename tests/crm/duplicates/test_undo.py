"""A merge that is undone leaves everything as it was, but for what was changed since."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from penstock.crm.actions import (
    accounts,
    activities,
    campaign_members,
    campaigns,
    contacts,
    leads,
    merging,
    opportunities,
    people,
)
from penstock.crm.actions.actor import Actor
from penstock.crm.models import (
    Account,
    Activity,
    CampaignMember,
    Contact,
    ContactRole,
    Lead,
    Merge,
    Opportunity,
    Stage,
)
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound, Refusal
from penstock.crm.replay import offenders
from penstock.org.models import User
from tests.crm.duplicates.drawn import State, World, state


@pytest.mark.parametrize("seed", range(8))
def test_merged_and_undone_everything_is_as_it_was(
    seed: int, revops: Actor, rep: User, other_rep: User, stages: dict[str, Stage]
) -> None:
    world = World(Random(seed), revops, [rep, other_rep])
    steps: list[tuple[State, tuple[int, ...]]] = []
    for _ in range(6):
        before = state()
        try:
            steps.append((before, world.merge()))
        except Refusal:
            assert state() == before
    assert steps
    assert not list(offenders())
    for before, merges in reversed(steps):
        for merge in reversed(merges):
            assert merging.undo_merge(revops, merge).kept == ()
        assert state() == before
    assert not Merge.objects.filter(undone_by=None).exists()


@pytest.mark.parametrize("seed", range(4))
def test_undone_in_any_order_nothing_hangs_on_what_is_gone(
    seed: int, revops: Actor, rep: User, other_rep: User, stages: dict[str, Stage]
) -> None:
    world = World(Random(seed), revops, [rep, other_rep])
    merges = list(merging.merge_accounts(revops, world.accounts[0].pk, [one.pk for one in world.accounts[1:]]).merges)
    world.random.shuffle(merges)
    for merge in merges:
        merging.undo_merge(revops, merge)
        parents = dict(Account.objects.filter(removed_at=None).values_list("pk", "parent_id"))
        assert {parent for parent in parents.values() if parent} <= set(parents)
    assert set(Account.objects.values_list("removed_at", flat=True)) == {None}


@pytest.fixture
def pair(actor: Actor, account: Account) -> tuple[Account, Account]:
    other = accounts.create_account(
        actor, name="Lac Bleu", industry="Energy", phone="123", tools=["erp"], social={"x": "1", "y": "2"}
    )
    return account, other


def test_what_was_changed_since_stays_and_is_told(actor: Actor, revops: Actor, pair: Any, stages: dict[str, Stage]) -> None:
    account, other = pair
    moved, stays = (opportunities.create_opportunity(actor, name=name, account=other) for name in ("Moved", "Stays"))
    elsewhere = accounts.create_account(actor, name="Elsewhere")
    (merge,) = merging.merge_accounts(revops, account.pk, [other.pk]).merges
    accounts.edit_account(actor, account.pk, {"industry": "Water", "tools": ["erp", "crm"], "social": {"x": "9", "y": "2"}})
    opportunities.edit_opportunity(actor, moved.pk, {"account": elsewhere.pk})
    new = activities.log_activity(actor, kind="call", account=account)
    undone = merging.undo_merge(revops, merge)
    assert {(one.record_type, one.id, one.field) for one in undone.kept} == {
        ("account", account.pk, "industry"),
        ("account", account.pk, "social.x"),
        ("opportunity", moved.pk, "account"),
    }
    assert "was changed since the merge" in undone.kept[0].text
    account.refresh_from_db()
    assert (account.industry, account.phone, account.tools, account.social) == ("Water", "", ["crm"], {"x": "9"})
    assert "phone" not in account.provenance
    places = dict(Opportunity.objects.values_list("pk", "account"))
    assert places == {moved.pk: elsewhere.pk, stays.pk: other.pk}
    assert Activity.objects.get(pk=new.pk).account == account


def test_an_amount_and_its_currency_stay_together(revops: Actor, pair: Any) -> None:
    account, other = pair
    accounts.edit_account(revops, other.pk, {"revenue": 5, "revenue_currency": "CHF"})
    (merge,) = merging.merge_accounts(revops, account.pk, [other.pk]).merges
    accounts.edit_account(revops, account.pk, {"revenue": 7})
    kept = merging.undo_merge(revops, merge).kept
    account.refresh_from_db()
    assert [one.field for one in kept] == ["revenue"]
    assert (account.revenue, account.revenue_currency) == (7, "CHF")


def test_a_merge_is_undone_once_and_from_the_last_one_back(actor: Actor, revops: Actor, pair: Any) -> None:
    account, other = pair
    third = accounts.create_account(actor, name="Lac Bleu International")
    (first,) = merging.merge_accounts(revops, account.pk, [other.pk]).merges
    (second,) = merging.merge_accounts(revops, third.pk, [account.pk]).merges
    with pytest.raises(InvalidInput, match=rf"Undo that merge \(number {second}\) first"):
        merging.undo_merge(revops, first)
    with pytest.raises(NotAllowed):
        merging.undo_merge(actor, second)
    merging.undo_merge(revops, second)
    merging.undo_merge(revops, first)
    with pytest.raises(InvalidInput, match="undone already"):
        merging.undo_merge(revops, first)
    with pytest.raises(NotFound):
        merging.undo_merge(revops, 999)
    # And it can be merged anew.
    assert merging.merge_accounts(revops, account.pk, [other.pk]).merges


def test_an_address_that_somebody_else_has_by_now_is_in_the_way(actor: Actor, revops: Actor) -> None:
    kept = contacts.create_contact(actor, email="ada@x.example")
    other = contacts.create_contact(actor, email="a.rill@x.example")
    (merge,) = merging.merge_contacts(revops, kept.pk, [other.pk]).merges
    third = contacts.create_contact(actor, email="a.rill@x.example")
    with pytest.raises(InvalidInput, match=r"Somebody else has a\.rill@x\.example by now"):
        merging.undo_merge(revops, merge)
    assert Contact.objects.get(pk=other.pk).removed_at is not None
    contacts.edit_contact(actor, third.pk, {"email": "new@x.example"})
    merging.undo_merge(revops, merge)
    contacts.edit_contact(actor, third.pk, {"first_name": "Ada"})


def test_the_survivor_that_has_taken_the_address_on_itself_is_in_the_way_too(actor: Actor, revops: Actor) -> None:
    kept = contacts.create_contact(actor, email="ada@x.example")
    other = contacts.create_contact(actor, email="a.rill@x.example")
    (merge,) = merging.merge_contacts(revops, kept.pk, [other.pk]).merges
    contacts.edit_contact(actor, kept.pk, {"email": "a.rill@x.example"})
    with pytest.raises(InvalidInput, match="by now"):
        merging.undo_merge(revops, merge)


def test_a_place_that_was_given_away_since_is_not_taken_back(
    actor: Actor, revops: Actor, account: Account, stages: dict[str, Stage]
) -> None:
    kept, other = (contacts.create_contact(actor, last_name="Rill", account=account) for _ in range(2))
    fair = campaigns.create_campaign(revops, name="Fair", kind="event").pk
    campaign_members.add_contacts(revops, fair, [kept.pk], status="targeted")
    campaign_members.add_contacts(revops, fair, [other.pk], status="attended")
    deal = opportunities.create_opportunity(actor, name="Pumps", account=account)
    first = people.add_contact_role(actor, deal.pk, other.pk, primary=True)
    own = CampaignMember.objects.get(contact=kept)
    (merge,) = merging.merge_contacts(revops, kept.pk, [other.pk]).merges
    campaign_members.remove_members(revops, [CampaignMember.objects.get(removed_at=None).pk])
    campaign_members.add_contacts(revops, fair, [kept.pk], status="registered")
    people.add_contact_role(actor, deal.pk, contacts.create_contact(actor, last_name="Weir").pk, primary=True)
    undone = merging.undo_merge(revops, merge)
    assert [(one.record_type, one.id, one.field) for one in undone.kept] == [("campaign_member", own.pk, "removed_at")]
    assert "has its place" in undone.kept[0].text
    assert ContactRole.objects.get(pk=first.pk).contact == other


def test_nobody_is_put_below_those_who_stand_below_them_by_now(actor: Actor, revops: Actor) -> None:
    kept, other, above = (accounts.create_account(actor, name=name) for name in ("Kept", "Other", "Above"))
    accounts.edit_account(actor, kept.pk, {"parent": accounts.create_account(actor, name="Own").pk})
    accounts.edit_account(actor, other.pk, {"parent": above.pk})
    child = accounts.create_account(actor, name="Child", parent=other)
    (merge,) = merging.merge_accounts(revops, kept.pk, [other.pk]).merges
    accounts.edit_account(actor, above.pk, {"parent": child.pk})
    undone = merging.undo_merge(revops, merge)
    assert [(one.id, one.field) for one in undone.kept] == [(child.pk, "parent")]
    assert Account.objects.get(pk=child.pk).parent == kept


def test_a_status_that_was_chosen_goes_back_with_its_moment(actor: Actor, revops: Actor) -> None:
    kept = accounts.create_account(actor, name="Kept", status="target")
    other = accounts.create_account(actor, name="Other", status="customer")
    since = kept.status_since
    (merge,) = merging.merge_accounts(revops, kept.pk, [other.pk], take={"status": other.pk}).merges
    assert Account.objects.get(pk=kept.pk).status == "customer"
    merging.undo_merge(revops, merge)
    kept.refresh_from_db()
    assert (kept.status, kept.status_since) == ("target", since)


def test_leads_come_apart_with_what_was_done_with_them(actor: Actor, revops: Actor) -> None:
    kept, other = (leads.create_lead(actor, company=name) for name in ("Lac Bleu", "Lac Bleu SA"))
    call = activities.log_activity(actor, kind="call", lead=other)
    (merge,) = merging.merge_leads(revops, kept.pk, [other.pk]).merges
    merging.undo_merge(revops, merge)
    assert Activity.objects.get(pk=call.pk).lead == other
    assert Lead.objects.get(pk=other.pk).removed_at is None
