"""Accounts: what is written when one is made, edited, handed over, enriched, removed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from penstock.crm.actions.account_team import add_member, edit_member, remove_member
from penstock.crm.actions.accounts import (
    create_account,
    create_accounts,
    edit_account,
    edit_accounts,
    enrich_account,
    reassign_accounts,
    remove_accounts,
    restore_accounts,
)
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.actions.stages import change_stage
from penstock.crm.models import Account, AccountMember, Change, Opportunity, OpportunityVersion, RecordChange, Stage
from penstock.crm.refusals import InvalidInput, StaleWrite
from penstock.org.models import User


def test_a_new_account_is_its_makers_and_is_known_by_domain_and_name(actor: Actor, rep: User) -> None:
    account = create_account(actor, name="Müller Söhne GmbH", website="https://www.Mueller.example/de", country="de")
    account.refresh_from_db()
    assert (account.owner, account.domain, account.name_key, account.country) == (rep, "mueller.example", "muller sohne", "DE")
    assert account.status == "unqualified_pool"
    assert account.status_since == account.created_at


def test_all_faults_of_an_account_are_told_at_once(actor: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_account(actor, name="Lac", country="France", revenue="a lot", colour="blue")
    assert set(refused.value.faults) == {"country", "revenue", "colour"}
    assert not Account.objects.exists()


def test_many_are_made_at_once_and_a_faulty_one_is_refused_alone(actor: Actor) -> None:
    outcome = create_accounts(actor, [{"name": "One"}, {"name": ""}, {"name": "Three", "icp_score": 101}, {"name": "Four"}])
    assert list(Account.objects.order_by("pk").values_list("name", flat=True)) == ["One", "Four"]
    assert len(outcome.done) == 2
    assert set(outcome.refused) == {1, 2}
    assert Change.objects.filter(verb="create_account").count() == 1


def test_only_an_import_says_when_an_account_was_made(actor: Actor, importer: Actor, past: datetime) -> None:
    create_accounts(importer, [{"name": "Old"}], at=[past])
    old = Account.objects.get()
    assert (old.created_at, old.status_since) == (past, past)
    assert RecordChange.objects.get(record_type="account").effective_at == past
    with pytest.raises(InvalidInput, match="import"):
        create_accounts(actor, [{"name": "Older"}], at=[past])
    with pytest.raises(InvalidInput, match="future"):
        create_accounts(importer, [{"name": "Coming"}], at=[datetime.now(UTC) + timedelta(days=1)])


def test_open_deals_follow_the_facts_of_their_account_in_the_same_change(
    actor: Actor, account: Account, deal: Opportunity, stages: dict[str, Stage]
) -> None:
    own = create_opportunity(actor, name="By hand", account=account, region="DACH", close_date=date(2026, 12, 1))
    lost = create_opportunity(actor, name="Lost", account=account)
    change_stage(actor, lost.pk, stages["lost"].pk, fields={"lost_reason": "price"})
    edit_account(actor, account.pk, {"region": "AMER", "industry": "Water", "phone": "1"})
    for record in (deal, own, lost):
        record.refresh_from_db()
    assert (deal.region, deal.industry) == ("AMER", "Water")
    assert (own.region, own.industry) == ("DACH", "Water")
    assert lost.region == "EMEA"
    version = OpportunityVersion.objects.filter(opportunity=deal).order_by("id").last()
    assert version is not None
    assert (version.region, version.change.verb) == ("AMER", "edit_account")


def test_an_account_is_never_below_itself(actor: Actor, account: Account) -> None:
    child = create_account(actor, name="Lac Fils", parent=account.pk)
    grandchild = create_account(actor, name="Lac Petit-fils", parent=child.pk)
    with pytest.raises(InvalidInput, match="circle"):
        edit_account(actor, account.pk, {"parent": grandchild.pk})
    with pytest.raises(InvalidInput, match="circle"):
        edit_account(actor, account.pk, {"parent": account.pk})
    edit_account(actor, grandchild.pk, {"parent": account.pk})
    outcome = edit_accounts(actor, [account.pk, child.pk], {"parent": grandchild.pk})
    assert set(outcome.refused) == {account.pk}
    assert outcome.done == [child.pk]


def test_what_a_person_wrote_is_not_overwritten_by_enrichment(actor: Actor, account: Account) -> None:
    edit_account(actor, account.pk, {"industry": "Water"})
    enriched = enrich_account(
        system("enrichment"), account.pk, {"industry": "Energy", "employees": 40, "phone": "12"}, "registry"
    )
    assert (enriched.industry, enriched.employees, enriched.phone) == ("Water", 40, "12")
    again = enrich_account(system("enrichment"), account.pk, {"employees": 45, "country": "DE"}, "directory")
    assert (again.employees, again.country) == (45, "FR")
    again.refresh_from_db()
    sources = {name: mark["source"] for name, mark in again.provenance.items()}
    assert (sources["industry"], sources["employees"], sources["phone"]) == ("user", "directory", "registry")
    edit_account(actor, account.pk, {"employees": 50})
    assert enrich_account(system("enrichment"), account.pk, {"employees": 60}, "registry").employees == 50
    with pytest.raises(InvalidInput):
        enrich_account(system("enrichment"), account.pk, {"owner": actor.user}, "registry")


def test_an_edit_of_what_somebody_changed_meanwhile_is_refused(actor: Actor, account: Account) -> None:
    edit_account(actor, account.pk, {"phone": "1"}, revision=1)
    with pytest.raises(StaleWrite):
        edit_account(actor, account.pk, {"phone": "2"}, revision=1)


def test_accounts_are_handed_over_to_people_who_are_here(
    actor: Actor, chief: Actor, account: Account, other_rep: User, deal: Opportunity, rep: User
) -> None:
    assert reassign_accounts(chief, [account.pk, 999_999], other_rep.pk).done == [account.pk]
    account.refresh_from_db()
    deal.refresh_from_db()
    assert (account.owner, deal.owner) == (other_rep, rep)
    other_rep.is_active = False
    other_rep.save()
    with pytest.raises(InvalidInput, match="not active"):
        reassign_accounts(chief, [account.pk], other_rep)


def test_an_account_with_open_deals_stays(actor: Actor, account: Account, deal: Opportunity, stages: dict[str, Stage]) -> None:
    assert "open opportunities" in str(remove_accounts(actor, [account.pk]).refused[account.pk])
    change_stage(actor, deal.pk, stages["lost"].pk, fields={"lost_reason": "price"})
    assert remove_accounts(actor, [account.pk]).done == [account.pk]
    with pytest.raises(InvalidInput, match="restore"):
        edit_account(actor, account.pk, {"phone": "1"})
    assert restore_accounts(actor, [account.pk]).done == [account.pk]
    account.refresh_from_db()
    assert account.removed_at is None
    operations = RecordChange.objects.filter(record_type="account", record_id=account.pk).order_by("id")
    assert list(operations.values_list("operation", flat=True)) == ["create", "remove", "restore"]


def test_a_team_has_each_person_once(actor: Actor, account: Account, other_rep: User) -> None:
    member = add_member(actor, account.pk, other_rep, role="Solution engineer", may_edit=False)
    with pytest.raises(InvalidInput, match="already"):
        add_member(actor, account.pk, other_rep.pk)
    assert edit_member(actor, member.pk, may_edit=True, role="Sponsor").may_edit
    remove_member(actor, member.pk)
    with pytest.raises(InvalidInput, match="left"):
        edit_member(actor, member.pk, role="Sponsor")
    add_member(actor, account.pk, other_rep)
    assert AccountMember.objects.filter(account=account, removed_at__isnull=True).count() == 1


def test_a_deal_that_is_edited_by_hand_is_not_followed_again(actor: Actor, account: Account, deal: Opportunity) -> None:
    edit_opportunity(actor, deal.pk, {"segment": "Enterprise"})
    edit_account(actor, account.pk, {"segment": "Small"})
    deal.refresh_from_db()
    assert deal.segment == "Enterprise"
