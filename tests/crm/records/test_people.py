"""Who plays which part in a deal: each person once, one of them first."""

from __future__ import annotations

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.contacts import create_contact
from penstock.crm.actions.people import add_contact_role, edit_contact_role, remove_contact_role, restore_contact_role
from penstock.crm.models import Contact, ContactRole, Opportunity
from penstock.crm.refusals import InvalidInput, NotFound


def primary() -> list[int]:
    return list(ContactRole.objects.filter(primary=True, removed_at__isnull=True).values_list("contact", flat=True))


def test_one_person_is_first_and_gives_way_to_another(actor: Actor, deal: Opportunity, contact: Contact) -> None:
    other = create_contact(actor, last_name="Buyer", email="buyer@lacbleu.example")
    first = add_contact_role(actor, deal.pk, contact.pk, role="champion", primary=True)
    second = add_contact_role(actor, deal.pk, other.pk, role="economic_buyer", primary=True)
    assert primary() == [other.pk]
    edit_contact_role(actor, first.pk, primary=True, role="decision_maker")
    assert primary() == [contact.pk]
    assert ContactRole.objects.get(pk=first.pk).role == "decision_maker"
    remove_contact_role(actor, first.pk)
    edit_contact_role(actor, second.pk, primary=True)
    restore_contact_role(actor, first.pk)
    assert primary() == [other.pk]


def test_a_person_is_in_a_deal_once(actor: Actor, deal: Opportunity, contact: Contact) -> None:
    role = add_contact_role(actor, deal.pk, contact.pk)
    with pytest.raises(InvalidInput, match="already"):
        add_contact_role(actor, deal.pk, contact.pk, role="legal")
    remove_contact_role(actor, role.pk)
    with pytest.raises(InvalidInput, match="any more"):
        edit_contact_role(actor, role.pk, role="legal")
    add_contact_role(actor, deal.pk, contact.pk, role="legal")
    with pytest.raises(InvalidInput, match="already"):
        restore_contact_role(actor, role.pk)


def test_a_part_that_is_none_and_people_who_are_not_there(actor: Actor, deal: Opportunity, contact: Contact) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_contact_role(actor, deal.pk, 999_999, role="friend")
    assert set(refused.value.faults) == {"contact", "role"}
    with pytest.raises(NotFound):
        add_contact_role(actor, 999_999, contact.pk)
    with pytest.raises(NotFound):
        remove_contact_role(actor, 999_999)
