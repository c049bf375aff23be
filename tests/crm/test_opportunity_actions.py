"""Opportunities are opened, edited, moved and closed, and every step is kept."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity, remove_opportunities, restore_opportunities
from penstock.crm.actions.stages import change_stage, change_stages
from penstock.crm.models import Account, Opportunity, OpportunityVersion, OutboxEvent, RecordChange, Stage, Stamp
from penstock.crm.refusals import InvalidInput, StaleWrite
from penstock.org.models import Sharing, User


@pytest.fixture
def deal(actor: Actor, account: Account, stages: dict[str, Stage]) -> Opportunity:
    return create_opportunity(actor, name="Fleet of pumps", account=account, amount=1_200_000, close_date=date(2026, 12, 1))


def test_a_new_deal_takes_what_it_is_not_told_from_its_account_and_its_owner(deal: Opportunity, rep: User) -> None:
    assert (deal.region, deal.country, deal.segment) == ("EMEA", "FR", "Mid-market")
    assert (deal.owner, deal.team, deal.currency) == (rep, rep.team, "EUR")
    assert (deal.stage.key, deal.status, deal.qualified, deal.probability) == ("identified", "open", False, 1000)
    assert OpportunityVersion.objects.filter(opportunity=deal).count() == 1


def test_every_change_of_a_deal_is_a_version_a_field_change_and_an_event(
    actor: Actor, deal: Opportunity, stages: dict[str, Stage]
) -> None:
    edit_opportunity(actor, deal.pk, {"amount": 900_000})
    change_stage(actor, deal.pk, stages["qualified"].pk)
    versions = OpportunityVersion.objects.filter(opportunity=deal).order_by("id")
    assert [(one.amount, one.stage.key, one.qualified) for one in versions] == [
        (1_200_000, "identified", False),
        (900_000, "identified", False),
        (900_000, "qualified", True),
    ]
    changes = RecordChange.objects.filter(record_type="opportunity", record_id=deal.pk).order_by("id")
    assert [one.operation for one in changes] == ["create", "change", "change"]
    assert changes[1].fields == {"amount": [1_200_000, 900_000]}
    assert list(OutboxEvent.objects.filter(record_type="opportunity").values_list("topic", flat=True)) == [
        "opportunity.create",
        "opportunity.change",
        "opportunity.change",
    ]


def test_a_stage_is_stamped_with_how_long_the_deal_was_in_the_one_before(
    actor: Actor, rep: User, deal: Opportunity, stages: dict[str, Stage]
) -> None:
    change_stage(actor.but(reason="Budget confirmed"), deal.pk, stages["qualified"].pk)
    stamp = Stamp.objects.filter(record_type="opportunity", record_id=deal.pk, what="stage").last()
    assert stamp is not None
    assert (stamp.origin, stamp.target, stamp.reason, stamp.by_id) == (
        "identified",
        "qualified",
        "Budget confirmed",
        rep.pk,
    )
    assert stamp.seconds is not None


def test_a_lost_deal_says_why_and_can_be_reopened(actor: Actor, deal: Opportunity, stages: dict[str, Stage]) -> None:
    with pytest.raises(InvalidInput, match="why the deal was lost"):
        change_stage(actor, deal.pk, stages["lost"].pk)
    lost = change_stage(actor, deal.pk, stages["lost"].pk, fields={"lost_reason": "price"})
    assert (lost.status, lost.probability, lost.closed_at is None) == ("lost", 0, False)
    again = change_stage(actor, deal.pk, stages["qualified"].pk)
    assert (again.status, again.lost_reason, again.closed_at) == ("open", "", None)


def test_a_stale_write_is_refused_with_both_versions(actor: Actor, other_rep: User, deal: Opportunity) -> None:
    Sharing.objects.create(record_type="opportunity", level="public_edit")
    edit_opportunity(Actor(user=other_rep), deal.pk, {"amount": 700_000}, revision=1)
    with pytest.raises(StaleWrite) as refused:
        edit_opportunity(actor, deal.pk, {"amount": 800_000}, revision=1)
    assert refused.value.details["changed"] == {"amount": {"then": 1_200_000, "now": 700_000}}
    assert refused.value.details["by"] == "Ben Weir"
    deal.refresh_from_db()
    assert deal.amount == 700_000


def test_all_faults_of_an_edit_are_told_at_once(actor: Actor, deal: Opportunity) -> None:
    with pytest.raises(InvalidInput) as refused:
        edit_opportunity(actor, deal.pk, {"amount": "a lot", "close_date": "soon", "stage": 3, "nonsense": 1})
    assert set(refused.value.faults) == {"amount", "close_date", "stage", "nonsense"}


def test_a_removed_deal_is_kept_and_comes_back(actor: Actor, deal: Opportunity) -> None:
    remove_opportunities(actor, [deal.pk])
    deal.refresh_from_db()
    assert deal.status == "removed"
    restore_opportunities(actor, [deal.pk])
    deal.refresh_from_db()
    assert (deal.status, deal.removed_at) == ("open", None)


def test_many_deals_move_at_once_and_each_keeps_its_history(actor: Actor, account: Account, stages: dict[str, Stage]) -> None:
    ids = [
        create_opportunity(actor, name=f"Deal {n}", account=account, amount=n, close_date=date(2026, 12, 1)).pk for n in range(5)
    ]
    outcome = change_stages(actor, ids, stages["closing"].pk)
    assert (outcome.done, outcome.refused) == (ids, {})
    assert OpportunityVersion.objects.filter(stage=stages["closing"]).count() == 5
