"""Who may do what: roles, owners, managers, account teams, and those who have left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from penstock.crm import access
from penstock.crm.models import (
    Account,
    AccountMember,
    Activity,
    Approval,
    Campaign,
    Contact,
    Criterion,
    Opportunity,
    OpportunityLine,
    Product,
    Stage,
)
from penstock.org.models import Role, Team, User
from tests.crm.access.conftest import MOMENT

Person = Callable[..., User]
Deal = Callable[..., Opportunity]
Company = Callable[..., Account]
Share = Callable[[str, str], None]


def allowed(user: User, record: object) -> set[str]:
    verbs = "see edit reassign remove merge export".split()
    return {verb for verb in verbs if access.may(user, verb, record)}  # type: ignore[arg-type]


def test_an_owner_works_on_their_deal_and_a_colleague_reads_it(person: Person, deal_of: Deal) -> None:
    owner, colleague = person("Ada"), person("Ben")
    deal = deal_of(owner)
    assert allowed(owner, deal) == {"see", "edit", "reassign", "remove"}
    assert allowed(colleague, deal) == {"see"}


def test_each_role_is_held_to_its_part(person: Person, deal_of: Deal) -> None:
    roles = {role: allowed(user := person(role, role), deal_of(user)) for role in Role.values}
    everything = {"see", "edit", "reassign", "remove", "merge", "export"}
    assert roles[Role.ADMIN] == roles[Role.REVOPS] == everything
    assert roles[Role.MANAGER] == everything - {"merge"}
    assert roles[Role.MARKETING] == roles[Role.READ_ONLY] == {"see"}
    for role in (Role.AE, Role.BDR, Role.SDR, Role.ECS, Role.CLOUD):
        assert roles[role] == {"see", "edit", "reassign", "remove"}


def test_marketing_runs_campaigns_and_sales_only_read_them(person: Person) -> None:
    marketer, rep = person("Mia", Role.MARKETING), person("Ada")
    campaign = Campaign.objects.create(name="Fair", kind="event", owner=marketer, created_at=MOMENT)
    assert access.may(marketer, "edit", campaign)
    assert not access.may(rep, "edit", campaign)
    assert access.may(rep, "see", campaign)


def test_set_up_is_read_by_all_and_changed_by_revops(person: Person, stages: dict[str, Stage]) -> None:
    rep, ops = person("Ada"), person("Ola", Role.REVOPS)
    stage = stages["qualified"]
    assert access.may(rep, "see", stage)
    assert not access.may(rep, "configure", stage)
    assert access.may(ops, "configure", stage)
    assert access.visible_to(rep, Stage).count() == 5
    assert access.role_may(ops, "configure", Stage)
    assert not access.role_may(rep, "create", Product)


def test_a_manager_has_what_teams_below_own(person: Person, deal_of: Deal, share: Share) -> None:
    share("opportunity", "private")
    boss = person("Bo", Role.MANAGER)
    top = Team.objects.create(name="Sales", manager=boss)
    below = Team.objects.create(name="North", parent=top)
    other = Team.objects.create(name="Elsewhere")
    own, others = deal_of(person("Ada", team=below)), deal_of(person("Ben", team=other))
    assert list(access.visible_to(boss, Opportunity)) == [own]
    assert access.may(boss, "reassign", own)
    assert not access.may(boss, "see", others)


def test_a_team_reads_what_its_members_own_where_the_level_says_so(person: Person, deal_of: Deal, share: Share) -> None:
    share("opportunity", "team")
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    deal = deal_of(person("Ada", team=north))
    mate, stranger, teamless = person("Ben", team=north), person("Cy", team=south), person("Di")
    assert allowed(mate, deal) == {"see"}
    assert [allowed(user, deal) for user in (stranger, teamless)] == [set(), set()]


def test_the_account_team_sees_what_hangs_on_the_account(
    person: Person, company_of: Company, deal_of: Deal, share: Share
) -> None:
    for kind in ("account", "opportunity"):
        share(kind, "private")
    owner, reader, editor, nobody = (person(name) for name in ("Ada", "Ria", "Ed", "Nia"))
    account = company_of(owner)
    deal = deal_of(person("Ben"), account)
    line = OpportunityLine(
        opportunity=deal, product=Product.objects.create(name="P", code="P", created_at=MOMENT), unit_price=1, created_at=MOMENT
    )
    line.save()
    call = Activity.objects.create(kind="call", at=MOMENT, opportunity=deal, created_at=MOMENT)
    contact = Contact.objects.create(last_name="Sol", account=account, created_at=MOMENT)
    AccountMember.objects.create(account=account, user=reader, may_edit=False, created_at=MOMENT)
    AccountMember.objects.create(account=account, user=editor, created_at=MOMENT)
    for record in (account, deal, line, call, contact):
        seen = [list(access.visible_to(user, type(record))) == [record] for user in (owner, reader, editor, nobody)]
        edited = [access.may(user, "edit", record) for user in (owner, reader, editor, nobody)]
        assert seen == [True, True, True, False], record
        assert edited == [True, False, True, False], record


def test_a_member_who_was_taken_off_sees_it_no_more(person: Person, company_of: Company, share: Share) -> None:
    share("account", "private")
    user, account = person("Ada"), company_of(person("Ben"))
    AccountMember.objects.create(account=account, user=user, removed_at=MOMENT, created_at=MOMENT)
    assert not access.visible_to(user, Account).exists()
    assert not access.may(user, "see", account)


def test_who_has_left_sees_and_does_nothing(person: Person, deal_of: Deal, stages: dict[str, Stage]) -> None:
    for role in Role.values:
        gone = person(role, role, is_active=False)
        deal = deal_of(gone)
        assert allowed(gone, deal) == set()
        assert not access.visible_to(gone, Opportunity).exists()
        assert not access.visible_to(gone, Stage).exists()
        ids = access.visible_opportunity_ids(gone)
        assert ids is not None
        assert not ids.exists()


def test_removed_records_are_found_to_be_restored_and_are_not_present(person: Person, deal_of: Deal) -> None:
    owner = person("Ada")
    deal = deal_of(owner, removed_at=MOMENT)
    assert list(access.visible_to(owner, Opportunity)) == [deal]
    assert not access.present(access.visible_to(owner, Opportunity)).exists()


def test_what_nobody_owns_is_given_away_by_managers(person: Person, company_of: Company) -> None:
    account = company_of(None)
    assert access.may(person("Bo", Role.MANAGER), "reassign", account)
    assert not access.may(person("Ada"), "reassign", account)


def test_a_new_record_hangs_on_what_its_maker_sees_and_a_part_on_what_they_edit(
    person: Person, company_of: Company, deal_of: Deal, share: Share
) -> None:
    rep, account = person("Ada"), company_of(person("Ben"))
    assert access.may(rep, "create", Contact(last_name="Sol", account=account, owner=rep))
    line = OpportunityLine(opportunity=deal_of(person("Cy"), account))
    assert not access.may(rep, "create", line)
    share("account", "private")
    assert not access.may(rep, "create", Contact(last_name="Sol", account=account, owner=rep))


def test_an_approval_is_decided_by_the_role_that_its_gate_names(person: Person, deal_of: Deal, stages: dict[str, Stage]) -> None:
    named = Criterion.objects.create(stage=stages["closing"], key="legal", kind="approval", approver_role="marketing")
    plain = Criterion.objects.create(stage=stages["closing"], key="price", kind="approval")
    people = [person("Ada"), person("Mia", Role.MARKETING), person("Bo", Role.MANAGER), person("Ola", Role.REVOPS)]
    deal = deal_of(people[0])
    for criterion, expected in ((named, [False, True, False, True]), (plain, [False, False, True, True])):
        approval = Approval(opportunity=deal, criterion=criterion)
        assert [access.may(user, "approve", approval) for user in people] == expected


def test_an_unknown_verb_is_a_mistake_of_the_program(person: Person, deal_of: Deal) -> None:
    with pytest.raises(ValueError, match="no verb 'paint'"):
        access.may(person("Ada"), "paint", deal_of(None))
