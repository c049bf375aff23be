"""Keys in other systems, products, competitors: what one record has no other has."""

from __future__ import annotations

import pytest

from penstock.crm.actions.accounts import create_account
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.competitors import (
    create_competitor,
    create_competitors,
    edit_competitor,
    remove_competitors,
    restore_competitors,
)
from penstock.crm.actions.external_keys import KeyTaken, find_by_key, set_key
from penstock.crm.actions.opportunities import edit_opportunity
from penstock.crm.actions.products import create_product, create_products, edit_product, remove_products, restore_products
from penstock.crm.models import Account, ExternalKey, Opportunity, Product
from penstock.crm.refusals import InvalidInput, NotFound


def test_a_record_is_found_by_its_key_in_another_system(actor: Actor, account: Account) -> None:
    set_key(actor, "account", account.pk, "salesforce", "001")
    assert find_by_key(actor, "account", "salesforce", "001") == account
    assert find_by_key(actor, "account", "hubspot", "001") is None
    assert find_by_key(actor, "contact", "salesforce", "001") is None
    set_key(actor, "account", account.pk, "salesforce", "002")
    assert find_by_key(actor, "account", "salesforce", "001") is None
    assert ExternalKey.objects.count() == 1


def test_a_key_belongs_to_one_record(actor: Actor, account: Account) -> None:
    other = create_account(actor, name="Other")
    set_key(actor, "account", account.pk, "salesforce", "001")
    with pytest.raises(KeyTaken) as refused:
        set_key(actor, "account", other.pk, "salesforce", "001")
    assert refused.value.details["id"] == account.pk
    with pytest.raises(InvalidInput, match="200 characters"):
        set_key(actor, "account", other.pk, "salesforce", " ")
    with pytest.raises(NotFound):
        set_key(actor, "account", 999_999, "salesforce", "003")


def test_a_product_has_a_code_of_its_own(chief: Actor, service: Product) -> None:
    with pytest.raises(InvalidInput, match="Monitoring"):
        create_product(chief, name="Other", code="mon")
    outcome = create_products(
        chief, [{"name": "A", "code": "a", "list_price": -1}, {"name": "B", "code": "b", "billing_months": 0}]
    )
    assert set(outcome.refused) == {0, 1}
    with pytest.raises(InvalidInput) as refused:
        edit_product(chief, service.pk, {"list_price": -1, "billing_months": 0})
    assert set(refused.value.faults) == {"list_price", "billing_months"}
    remove_products(chief, [service.pk])
    create_product(chief, name="Heir", code="mon")
    assert "Heir" in str(restore_products(chief, [service.pk]).refused[service.pk])


def test_a_competitor_has_a_name_of_its_own(chief: Actor) -> None:
    first = create_competitor(chief, name="Dam")
    assert set(create_competitors(chief, [{"name": "Dam"}, {"name": "Weir"}, {"notes": "?"}]).refused) == {0, 2}
    with pytest.raises(InvalidInput, match="Weir"):
        edit_competitor(chief, first.pk, {"name": "Weir"})
    remove_competitors(chief, [first.pk])
    create_competitor(chief, name="Dam")
    assert set(restore_competitors(chief, [first.pk]).refused) == {first.pk}


def test_the_need_of_a_deal_is_one_of_its_fields(actor: Actor, deal: Opportunity) -> None:
    edit_opportunity(actor, deal.pk, {"need": "Less water lost", "budget": "Approved"})
    deal.refresh_from_db()
    assert (deal.need, deal.budget) == ("Less water lost", "Approved")
