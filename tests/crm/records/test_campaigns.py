"""Campaigns, their costs, and the way of people through them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.campaign_members import (
    add_contacts,
    add_leads,
    remove_members,
    set_member_status,
    set_member_statuses,
)
from penstock.crm.actions.campaigns import (
    add_cost,
    add_costs,
    create_campaign,
    create_campaigns,
    edit_campaign,
    edit_cost,
    remove_campaigns,
    remove_cost,
    restore_campaigns,
)
from penstock.crm.models import Account, Campaign, CampaignCost, CampaignMember, Contact, Stamp
from penstock.crm.refusals import InvalidInput


@pytest.fixture
def campaign(chief: Actor) -> Campaign:
    return create_campaign(chief, name="Pump days", kind="event", starts_on="2026-05-01", ends_on="2026-05-03", budget=500_000)


def test_a_campaign_has_a_name_of_its_own_and_days_in_order(chief: Actor, campaign: Campaign) -> None:
    assert (campaign.currency, campaign.starts_on) == ("EUR", date(2026, 5, 1))
    outcome = create_campaigns(chief, [{"name": "Pump days", "kind": "event"}, {"kind": "event"}, {"name": "Abm", "kind": "abm"}])
    assert set(outcome.refused) == {0, 1}
    with pytest.raises(InvalidInput, match="cannot end before"):
        edit_campaign(chief, campaign.pk, {"ends_on": "2026-04-30"})
    remove_campaigns(chief, [campaign.pk])
    other = create_campaign(chief, name="Pump days", kind="event")
    assert set(restore_campaigns(chief, [campaign.pk]).refused) == {campaign.pk}
    edit_campaign(chief, other.pk, {"name": "Pump days 2"})
    assert restore_campaigns(chief, [campaign.pk]).done == [campaign.pk]


def test_costs_are_noted_by_day(chief: Actor, campaign: Campaign) -> None:
    cost = add_cost(chief, campaign.pk, "2026-04-01", 120_000, note="Hall")
    outcome = add_costs(chief, campaign.pk, [{"day": "2026-05-01", "amount": 3_000}, {"day": "soon"}, {"amount": 1}])
    assert set(outcome.refused) == {1, 2}
    edit_cost(chief, cost.pk, {"amount": 110_000})
    remove_cost(chief, outcome.done[0])
    assert list(CampaignCost.objects.filter(removed_at__isnull=True).values_list("day", "amount")) == [
        (date(2026, 4, 1), 110_000)
    ]


def test_people_come_in_once_and_move_on(chief: Actor, campaign: Campaign, account: Account, contact: Contact) -> None:
    outcome = add_contacts(chief, campaign.pk, [contact.pk, 999_999])
    assert set(outcome.refused) == {999_999}
    member = CampaignMember.objects.get()
    assert (member.account, member.status) == (account, "targeted")
    assert set(add_contacts(chief, campaign.pk, [contact.pk]).refused) == {contact.pk}
    set_member_status(chief, member.pk, "registered")
    assert set_member_statuses(chief, [member.pk], "attended").done == [member.pk]
    stamps = Stamp.objects.filter(record_type="campaign_member").order_by("id").values_list("origin", "target")
    assert list(stamps) == [("", "targeted"), ("targeted", "registered"), ("registered", "attended")]
    with pytest.raises(InvalidInput, match="Choose one of"):
        set_member_status(chief, member.pk, "asleep")
    remove_members(chief, [member.pk])
    with pytest.raises(InvalidInput, match="any more"):
        set_member_status(chief, member.pk, "responded")
    assert len(add_contacts(chief, campaign.pk, [contact.pk]).done) == 1


def test_an_import_says_when_people_came_in(
    chief: Actor, importer: Actor, campaign: Campaign, contact: Contact, past: datetime
) -> None:
    with pytest.raises(InvalidInput, match="import"):
        add_contacts(chief, campaign.pk, [contact.pk], at={contact.pk: past})
    add_contacts(importer, campaign.pk, [contact.pk], status="attended", at={contact.pk: past})
    member = CampaignMember.objects.get()
    assert (member.created_at, member.status_since, member.status) == (past, past, "attended")
    assert set(add_leads(chief, campaign.pk, [999_999]).refused) == {999_999}
