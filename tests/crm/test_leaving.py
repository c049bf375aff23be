"""Somebody leaves, or changes teams: what becomes of their deals."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.leaving import deactivate_user, open_work
from penstock.crm.actions.opportunities import create_opportunity
from penstock.crm.actions.stages import change_stage
from penstock.crm.actions.teams import follow_owner_team
from penstock.crm.models import Account, Opportunity, Stage
from penstock.crm.refusals import InvalidInput, NotAllowed
from penstock.org.models import Role, Team, User


@pytest.fixture
def deals(actor: Actor, account: Account, stages: dict[str, Stage]) -> list[Opportunity]:
    """Two open deals and a lost one."""
    made = [
        create_opportunity(actor, name=f"Deal {n}", account=account, amount=n, close_date=date(2026, 12, 1)) for n in range(3)
    ]
    change_stage(actor, made[2].pk, stages["lost"].pk, fields={"lost_reason": "price"})
    return made


def owners(deals: list[Opportunity]) -> list[User | None]:
    return [Opportunity.objects.get(pk=deal.pk).owner for deal in deals]


def test_nobody_leaves_while_they_own_open_deals(admin: User, rep: User, deals: list[Opportunity]) -> None:
    assert open_work(rep) == {"opportunity": 2, "account": 1, "lead": 0, "task": 0}
    with pytest.raises(InvalidInput, match="2 opportunity, 1 account"):
        deactivate_user(Actor(user=admin), rep)
    rep.refresh_from_db()
    assert rep.is_active


def test_open_deals_are_handed_over_and_closed_ones_keep_their_owner(
    admin: User, rep: User, other_rep: User, deals: list[Opportunity], account: Account
) -> None:
    gone = deactivate_user(Actor(user=admin, reason="moved on", key="leaving-1"), rep, hand_over_to=other_rep)
    account.refresh_from_db()
    assert (gone.is_active, owners(deals), account.owner) == (False, [other_rep, other_rep, rep], other_rep)


def test_work_goes_to_another_who_is_there(admin: User, rep: User, other_rep: User, deals: list[Opportunity]) -> None:
    other_rep.is_active = False
    for heir in (rep, other_rep):
        with pytest.raises(InvalidInput, match="another user who is active"):
            deactivate_user(Actor(user=admin), rep, hand_over_to=heir)
    assert owners(deals) == [rep, rep, rep]


def test_who_may_not_send_people_away_hands_nothing_over(rep: User, other_rep: User, deals: list[Opportunity]) -> None:
    with pytest.raises(NotAllowed):
        deactivate_user(Actor(user=other_rep), rep, hand_over_to=other_rep)
    assert owners(deals) == [rep, rep, rep]


def test_open_deals_follow_their_owner_to_another_team_on_request(
    admin: User, rep: User, team: Team, deals: list[Opportunity]
) -> None:
    rep.team = Team.objects.create(name="Sales South")
    rep.save()
    assert {deal.team for deal in Opportunity.objects.all()} == {team}
    assert follow_owner_team(Actor(user=admin), rep).done == [deal.pk for deal in deals[:2]]
    assert [Opportunity.objects.get(pk=deal.pk).team for deal in deals] == [rep.team, rep.team, team]
    assert follow_owner_team(Actor(user=admin), rep).done == []


def test_a_colleague_does_not_move_them(rep: User, other_rep: User, deals: list[Opportunity]) -> None:
    rep.team = None
    rep.save()
    outcome = follow_owner_team(Actor(user=other_rep), rep)
    assert (outcome.done, set(outcome.refused)) == ([], {deal.pk for deal in deals[:2]})
    boss = User.objects.create_user("bo@aquifer.example", name="Bo", role=Role.MANAGER)
    assert follow_owner_team(Actor(user=boss), rep).done == []
