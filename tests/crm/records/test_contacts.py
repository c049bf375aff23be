"""Contacts: one address belongs to one person, nobody reports to themselves."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.crm import access
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.contacts import (
    create_contact,
    create_contacts,
    edit_contact,
    enrich_contact,
    opt_out,
    remove_contacts,
    restore_contacts,
)
from penstock.crm.models import Account, Contact
from penstock.crm.refusals import InvalidInput


def test_an_address_is_kept_in_lower_case_and_belongs_to_one_person(actor: Actor, contact: Contact) -> None:
    contact.refresh_from_db()
    assert contact.email == "eva@lacbleu.example"
    with pytest.raises(InvalidInput, match=f"Eva Sorg .number {contact.pk}."):
        create_contact(actor, email="EVA@lacbleu.example")
    other = create_contact(actor, email="jo@lacbleu.example")
    with pytest.raises(InvalidInput, match="Eva Sorg"):
        edit_contact(actor, other.pk, {"email": "eva@LACBLEU.example"})


def test_a_person_who_may_not_be_seen_is_not_named(actor: Actor, contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "visible_to", lambda user, model: model._default_manager.none())
    with pytest.raises(InvalidInput) as refused:
        create_contact(actor, email="eva@lacbleu.example")
    assert "Eva" not in str(refused.value)
    assert "may not see" in str(refused.value)


def test_a_removed_contacts_address_is_free_until_somebody_takes_it(actor: Actor, contact: Contact) -> None:
    remove_contacts(actor, [contact.pk])
    heir = create_contact(actor, email="eva@lacbleu.example", last_name="Heir")
    assert "Heir" in str(restore_contacts(actor, [contact.pk]).refused[contact.pk])
    remove_contacts(actor, [heir.pk])
    assert restore_contacts(actor, [contact.pk]).done == [contact.pk]


def test_a_contact_has_a_name_or_an_address(actor: Actor, contact: Contact) -> None:
    with pytest.raises(InvalidInput, match="address or a name"):
        create_contact(actor, title="Buyer")
    with pytest.raises(InvalidInput, match="address or a name"):
        edit_contact(actor, contact.pk, {"email": "", "first_name": "", "last_name": ""})


def test_nobody_reports_to_somebody_below_them(actor: Actor, contact: Contact) -> None:
    below = create_contact(actor, last_name="Below", reports_to=contact.pk)
    with pytest.raises(InvalidInput, match="circle"):
        edit_contact(actor, contact.pk, {"reports_to": below.pk})


def test_many_contacts_and_those_whose_address_comes_twice(actor: Actor, account: Account, contact: Contact) -> None:
    rows: list[dict[str, Any]] = [
        {"email": "a@lacbleu.example", "account": account.pk},
        {"email": "A@lacbleu.example"},
        {"email": "eva@lacbleu.example"},
        {"email": "no address"},
        {"last_name": "Nobody"},
    ]
    outcome = create_contacts(actor, rows)
    assert len(outcome.done) == 2
    assert set(outcome.refused) == {1, 2, 3}
    assert "row 0" in str(outcome.refused[1])


def test_what_a_person_wants_no_more_is_kept_and_no_enrichment_changes_it(actor: Actor, contact: Contact) -> None:
    opt_out(actor, [contact.pk], email=True)
    contact.refresh_from_db()
    assert (contact.email_opt_out, contact.call_opt_out) == (True, False)
    with pytest.raises(InvalidInput):
        enrich_contact(system("enrichment"), contact.pk, {"email_opt_out": False}, "registry")
    enriched = enrich_contact(system("enrichment"), contact.pk, {"title": "Buyer", "last_name": "Other"}, "registry")
    assert (enriched.title, enriched.last_name) == ("Buyer", "Sorg")
