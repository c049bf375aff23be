"""Records are given out fairly, to people who are here, and the same way every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from penstock.crm.actions.accounts import create_account
from penstock.crm.actions.actor import Actor, system
from penstock.crm.models import Account, Lead
from penstock.crm.refusals import InvalidInput, NotFound
from penstock.loop.assignment import assign_new, spread
from penstock.loop.models import AssignmentRule, Rule
from penstock.loop.territories import territory_of
from penstock.org.company import today
from penstock.org.models import Role, Team, Territory, User


@pytest.fixture
def sdrs(team: Team) -> list[User]:
    """Three inbound people of the team."""
    return [User.objects.create_user(f"sdr{n}@aquifer.example", name=f"Sdr {n}", role=Role.SDR, team=team) for n in range(3)]


def accounts_of(count: int, **fields: object) -> list[int]:
    return [create_account(system(), name=f"Account {number}", **fields).pk for number in range(count)]


def owners(ids: list[int]) -> list[int | None]:
    found = dict(Account.objects.filter(pk__in=ids).values_list("pk", "owner_id"))
    return [found[pk] for pk in ids]


def test_a_list_is_spread_in_turn_and_the_next_list_goes_on_where_it_ended(sdrs: list[User]) -> None:
    first, second = accounts_of(4), accounts_of(5)
    assert sorted(spread(system(), "account", first, users=sdrs).done) == first
    spread(system(), "account", second, users=sdrs)
    ids = [user.pk for user in sdrs]
    assert owners(first) == [ids[0], ids[1], ids[2], ids[0]]
    assert owners(second) == [ids[1], ids[2], ids[0], ids[1], ids[2]]


def test_by_weight_each_gets_their_share(sdrs: list[User]) -> None:
    for user, weight in zip(sdrs, (3, 1, 0), strict=True):
        User.objects.filter(pk=user.pk).update(weight=weight)
    ids = accounts_of(40)
    spread(system(), "account", ids, users=sdrs, method="weighted")
    assert Counter(owners(ids)) == {sdrs[0].pk: 30, sdrs[1].pk: 10}


def test_who_is_not_active_or_away_gets_nothing_until_they_are_back(sdrs: list[User]) -> None:
    User.objects.filter(pk=sdrs[0].pk).update(is_active=False)
    User.objects.filter(pk=sdrs[1].pk).update(away_until=today() + timedelta(days=1))
    ids = accounts_of(3)
    spread(system(), "account", ids, users=sdrs)
    assert set(owners(ids)) == {sdrs[2].pk}
    User.objects.filter(pk=sdrs[1].pk).update(away_until=today())
    more = accounts_of(4)
    spread(system(), "account", more, users=sdrs)
    assert Counter(owners(more)) == {sdrs[1].pk: 2, sdrs[2].pk: 2}


def test_capacity_counts_what_people_carry_and_the_rest_is_refused(sdrs: list[User]) -> None:
    for user, capacity in zip(sdrs, (3, 2, 1), strict=True):
        User.objects.filter(pk=user.pk).update(capacity=capacity)
    accounts_of(2, owner=sdrs[0].pk, status="target")
    accounts_of(5, owner=sdrs[1].pk, status="customer")
    ids = accounts_of(6, status="target")
    outcome = spread(system(), "account", ids, users=sdrs, method="capacity")
    assert Counter(owners(ids)) == {sdrs[0].pk: 1, sdrs[1].pk: 2, sdrs[2].pk: 1, None: 2}
    assert {refusal.code for refusal in outcome.refused.values()} == {"nobody"}
    assert sorted(outcome.done + list(outcome.refused)) == ids


def test_a_team_is_its_members_and_those_of_the_teams_under_it(sdrs: list[User], team: Team) -> None:
    under = Team.objects.create(name="Inbound", parent=team)
    User.objects.filter(pk=sdrs[0].pk).update(team=under)
    ids = accounts_of(3)
    spread(system(), "account", ids, team=team)
    assert set(owners(ids)) == {user.pk for user in sdrs}


def test_the_first_territory_by_rank_that_takes_the_account_gives_it_to_its_people(sdrs: list[User]) -> None:
    narrow = Territory.objects.create(name="French mid-market", rank=1, countries=["FR"], segments=["Mid-market"])
    wide = Territory.objects.create(name="Europe", rank=2, regions=["EMEA"])
    narrow.members.set(sdrs[:1])
    wide.members.set(sdrs[1:])
    ids = [
        create_account(system(), name=name, country=country, region="EMEA", segment="Mid-market").pk
        for name, country in (("Lac", "FR"), ("See", "DE"), ("Etang", "FR"), ("Meer", "DE"))
    ]
    (elsewhere,) = accounts_of(1, region="APAC")
    outcome = spread(system(), "account", [*ids, elsewhere], method="territory")
    assert owners(ids) == [sdrs[0].pk, sdrs[1].pk, sdrs[0].pk, sdrs[2].pk]
    assert list(outcome.refused) == [elsewhere]
    assert territory_of(Account.objects.get(pk=ids[0])) == narrow
    assert territory_of(Lead(email="a@b.example", country="FR")) is None, "a lead says nothing of a segment or a region"


def test_each_is_given_out_in_history_by_who_asked(sdrs: list[User], admin: User) -> None:
    from penstock.crm.models import RecordChange

    ids = accounts_of(2)
    spread(Actor(user=admin, reason="List of the fair"), "account", ids, users=sdrs)
    changes = RecordChange.objects.filter(record_type="account", operation="change").select_related("change")
    assert {(row.change.user_id, row.change.reason, row.fields["owner_id"][0]) for row in changes} == {
        (admin.pk, "List of the fair", None)
    }


def test_a_list_that_was_spread_before_under_the_same_key_is_not_spread_again(sdrs: list[User]) -> None:
    ids = accounts_of(4)
    actor = system().but(key="list-1")
    spread(actor, "account", ids, users=sdrs)
    before = owners(ids)
    spread(actor, "account", ids, users=sdrs)
    assert owners(ids) == before


def test_assignment_rules_are_asked_in_their_order_and_what_none_takes_stays(sdrs: list[User], team: Team) -> None:
    french = AssignmentRule.objects.create(key="french", record_type="account", condition='country == "FR"', position=1)
    french.users.set(sdrs[:1])
    big = AssignmentRule.objects.create(key="big", record_type="account", condition="employees >= 1000", position=2)
    big.users.set(sdrs[1:2])
    ids = [
        create_account(system(), name="A", country="FR", employees=5_000).pk,
        create_account(system(), name="B", country="DE", employees=5_000).pk,
        create_account(system(), name="C", country="DE", employees=5).pk,
    ]
    outcome = assign_new(system(), "account", ids)
    assert owners(ids) == [sdrs[0].pk, sdrs[1].pk, None]
    assert (sorted(outcome.done), outcome.refused) == (ids[:2], {})


def test_a_new_lead_without_an_owner_is_given_out_by_itself(sdrs: list[User], rules: dict[str, Rule], work: Callable) -> None:
    from penstock.crm.actions.leads import create_lead

    rule = AssignmentRule.objects.create(key="inbound", record_type="lead", method="round_robin")
    rule.users.set(sdrs)
    leads = [create_lead(system("web"), email=f"p{number}@example.com") for number in range(3)]
    work()
    assert [Lead.objects.get(pk=lead.pk).owner_id for lead in leads] == [user.pk for user in sdrs]


def test_nobody_named_an_unknown_method_and_a_missing_record_are_refused_in_words(sdrs: list[User]) -> None:
    with pytest.raises(InvalidInput, match="users or the team"):
        spread(system(), "account", [1])
    with pytest.raises(InvalidInput, match="round_robin"):
        spread(system(), "account", [1], users=sdrs, method="dice")
    with pytest.raises(NotFound):
        spread(system(), "account", [12345], users=sdrs)
