"""Leads come in with little, are worked, and say why they are left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from penstock.crm.actions import leads
from penstock.crm.actions.actor import Actor
from penstock.crm.models import Lead, Stamp
from penstock.crm.refusals import InvalidInput, NotAllowed, StaleWrite
from penstock.org.models import Sharing, User


@pytest.mark.parametrize(
    ("fields", "company"),
    [
        ({"email": "Ada@Lac-Bleu.example"}, "Lac Bleu"),
        ({"email": "ada@lac-bleu.co.uk"}, "Lac Bleu"),
        ({"email": "ada@gmail.com"}, ""),
        ({"email": "ada@gmail.com", "website": "https://www.lacbleu.example/x"}, "Lacbleu"),
        ({"email": "ada@lac-bleu.example", "company": "LB Group"}, "LB Group"),
        ({"company": "Lac Bleu"}, "Lac Bleu"),
        ({"last_name": "Rill"}, ""),
    ],
)
def test_an_address_or_a_company_alone_is_enough(actor: Actor, fields: dict[str, str], company: str) -> None:
    lead = leads.create_lead(actor, **fields)
    assert lead.company == company
    assert (lead.status, lead.owner) == ("new", actor.user)


def test_a_lead_without_a_name_is_refused(actor: Actor) -> None:
    with pytest.raises(InvalidInput, match="e-mail address, a company or a last name"):
        leads.create_lead(actor, phone="+33142685300")


@pytest.mark.parametrize(
    ("phone", "country", "kept"),
    [
        ("01 42 68 53 00", "fr", "+33142685300"),
        ("01 42 68 53 00", "", "01 42 68 53 00"),
        ("+33 (0)1 42 68 53 00", "", "+33142685300"),
        ("0033 1 42 68 53 00", "", "+33142685300"),
        ("091 123 45 67 ext. 12", "CH", "+41911234567 ext. 12"),
        ("ask for Ada", "FR", "ask for Ada"),
        ("12", "FR", "12"),
    ],
)
def test_a_number_is_kept_in_its_international_form_where_that_is_certain(
    actor: Actor, phone: str, country: str, kept: str
) -> None:
    assert leads.create_lead(actor, company="Lac Bleu", phone=phone, country=country).phone == kept


def test_a_number_is_read_again_once_the_country_is_known(actor: Actor) -> None:
    lead = leads.create_lead(actor, company="Lac Bleu", phone="01 42 68 53 00")
    assert leads.edit_lead(actor, lead.pk, {"country": "FR"}).phone == "+33142685300"


def test_what_came_in_is_kept_as_it_was(actor: Actor) -> None:
    lead = leads.create_lead(actor, email="ada@lacbleu.example", raw={"form": "demo", "utm": {"source": "fair"}})
    assert Lead.objects.get(pk=lead.pk).raw == {"form": "demo", "utm": {"source": "fair"}}
    with pytest.raises(InvalidInput, match="no such field"):
        leads.edit_lead(actor, lead.pk, {"raw": {}})


def test_consent_has_its_moment(actor: Actor) -> None:
    before = timezone.now()
    lead = leads.create_lead(actor, email="ada@lacbleu.example", consent="opt_in")
    assert lead.consent_at is not None
    assert before <= lead.consent_at <= timezone.now()
    earlier = datetime(2025, 5, 1, 9, tzinfo=UTC)
    assert leads.create_lead(actor, company="X", consent="opt_in", consent_at=earlier).consent_at == earlier
    assert leads.edit_lead(actor, lead.pk, {"consent": ""}).consent_at is None
    with pytest.raises(InvalidInput, match="still to come"):
        leads.create_lead(actor, company="X", consent="opt_in", consent_at=timezone.now() + timedelta(days=1))
    with pytest.raises(InvalidInput, match="which consent"):
        leads.create_lead(actor, company="X", consent_at=earlier)


def test_an_unqualified_lead_says_why_and_can_come_back(actor: Actor) -> None:
    lead = leads.create_lead(actor, company="Lac Bleu")
    with pytest.raises(InvalidInput, match="why the lead is unqualified"):
        leads.set_status(actor, lead.pk, "unqualified")
    left = leads.set_status(actor, lead.pk, "unqualified", reason="A student")
    assert (left.status, left.unqualified_reason) == ("unqualified", "A student")
    again = leads.set_status(actor, lead.pk, "working")
    assert (again.status, again.unqualified_reason) == ("working", "")
    stamps = Stamp.objects.filter(record_type="lead", record_id=lead.pk).order_by("id")
    assert [(one.origin, one.target, one.reason) for one in stamps] == [
        ("", "new", ""),
        ("new", "unqualified", "A student"),
        ("unqualified", "working", ""),
    ]


def test_nobody_makes_a_lead_converted_by_hand(actor: Actor) -> None:
    lead = leads.create_lead(actor, company="Lac Bleu")
    with pytest.raises(InvalidInput, match="Convert the lead"):
        leads.set_status(actor, lead.pk, "converted")
    with pytest.raises(InvalidInput, match="Convert the lead"):
        leads.create_lead(actor, company="Lac Bleu", status="converted")


def test_many_at_once_refuse_the_faulty_ones_alone(actor: Actor) -> None:
    rows: list[dict[str, Any]] = [
        {"email": "ada@lacbleu.example"},
        {"phone": "1"},
        {"company": "Lac Bleu", "icp_fit": 101},
        {"company": "Weir"},
    ]
    outcome = leads.create_leads(actor, rows)
    assert (len(outcome.done), sorted(outcome.refused)) == (2, [1, 2])
    moved = leads.set_statuses(actor, [*outcome.done, 999], "unqualified", reason="Fair is over")
    assert (moved.done, list(moved.refused)) == (outcome.done, [999])
    edited = leads.edit_leads(actor, outcome.done, {"source": "event"})
    assert set(Lead.objects.filter(pk__in=edited.done).values_list("source", flat=True)) == {"event"}


def test_leads_are_handed_over_removed_and_brought_back(actor: Actor, other_rep: User) -> None:
    lead = leads.create_lead(actor, company="Lac Bleu")
    leads.remove_leads(actor, [lead.pk])
    assert Lead.objects.get(pk=lead.pk).removed_at is not None
    with pytest.raises(InvalidInput, match="restore it first"):
        leads.edit_lead(actor, lead.pk, {"title": "CTO"})
    leads.restore_leads(actor, [lead.pk])
    leads.reassign_leads(actor, [lead.pk], other_rep)
    lead.refresh_from_db()
    assert (lead.removed_at, lead.owner) == (None, other_rep)


def test_a_lead_of_somebody_else_is_not_changed(actor: Actor, other_rep: User) -> None:
    lead = leads.create_lead(actor, company="Lac Bleu")
    with pytest.raises(NotAllowed):
        leads.edit_lead(Actor(user=other_rep), lead.pk, {"title": "CTO"})
    with pytest.raises(NotAllowed):
        leads.set_status(Actor(user=other_rep), lead.pk, "working")
    Sharing.objects.create(record_type="lead", level="public_edit")
    leads.edit_lead(Actor(user=other_rep), lead.pk, {"title": "CTO"})
    with pytest.raises(StaleWrite):
        leads.set_status(actor, lead.pk, "working", revision=1)
