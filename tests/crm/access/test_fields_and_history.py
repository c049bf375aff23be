"""Hidden fields are hidden everywhere, and history is seen with the record that it tells of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity, remove_opportunities
from penstock.crm.models import Account, CustomField, Opportunity, RecordChange, Stage, Stamp
from penstock.crm.refusals import InvalidInput, StaleWrite
from penstock.org.models import HiddenField, Role, User

Person = Callable[..., User]


@pytest.fixture
def deal(actor: Actor, account: Account, stages: dict[str, Stage]) -> Opportunity:
    for key in ("margin", "colour"):
        CustomField.objects.create(record_type="opportunity", key=key, kind="text")
    made = create_opportunity(
        actor,
        name="Fleet of pumps",
        account=account,
        amount=1_000,
        close_date=date(2026, 12, 1),
        custom={"margin": "9", "colour": "red"},
    )
    edit_opportunity(actor, made.pk, {"amount": 2_000, "next_step": "Call"})
    edit_opportunity(actor, made.pk, {"amount": 3_000})
    return edit_opportunity(actor, made.pk, {"custom": {"margin": "12"}})


@pytest.fixture
def reader(person: Person) -> User:
    """Somebody of marketing, from whom amount, owner and margin are hidden."""
    for field in ("amount", "owner", "custom.margin"):
        HiddenField.objects.create(record_type="opportunity", field=field, role=Role.MARKETING)
    return person("Mia", Role.MARKETING)


def test_hidden_values_are_left_out_of_a_record(deal: Opportunity, reader: User, rep: User) -> None:
    shown = access.blanked(reader, deal)
    assert {"amount", "owner_id"} & set(shown) == set()
    assert shown["custom"] == {"colour": "red"}
    assert shown["name"] == "Fleet of pumps"
    assert access.blanked(rep, deal)["amount"] == 3_000
    assert access.blanked(None, deal)["custom"] == {"margin": "12", "colour": "red"}


def test_hidden_values_are_left_out_of_the_history(deal: Opportunity, reader: User, rep: User) -> None:
    rows = access.visible_history(reader, "opportunity", deal.pk)
    assert [row.operation for row in rows] == ["create", "change"]
    assert rows[1].fields == {"next_step": ["", "Call"]}
    assert "amount" not in rows[0].fields
    assert rows[0].fields["custom"] == [None, {"colour": "red"}]
    assert len(access.visible_history(rep, "opportunity", deal.pk)) == 4
    assert RecordChange.objects.filter(record_type="opportunity").count() == 4


def test_hidden_columns_are_left_out_of_the_versions(deal: Opportunity, reader: User, rep: User) -> None:
    for version in access.visible_versions(reader):
        assert {"amount", "owner_id", "custom"} & set(version) == set()
    assert [version["amount"] for version in access.visible_versions(rep)] == [1_000, 2_000, 3_000, 3_000]


def test_who_does_not_see_the_record_sees_nothing_of_its_past(
    deal: Opportunity, person: Person, share: Callable[..., None]
) -> None:
    share("opportunity", "private")
    stranger = person("Cy")
    assert access.visible_history(stranger, "opportunity", deal.pk) == []
    assert not access.visible_stamps(stranger, "opportunity", deal.pk).exists()
    assert not access.visible_changes(stranger, "opportunity", deal.pk).exists()
    assert not access.visible_versions(stranger).exists()


def test_the_owner_sees_the_stamps_and_who_did_what(deal: Opportunity, rep: User) -> None:
    assert [one.target for one in access.visible_stamps(rep, "opportunity", deal.pk)] == ["identified", "open"]
    assert [one.verb for one in access.visible_changes(rep, "opportunity", deal.pk)] == [
        "create_opportunity",
        "edit_opportunity",
        "edit_opportunity",
        "edit_opportunity",
    ]


def test_history_is_asked_for_by_its_own_functions(rep: User) -> None:
    with pytest.raises(LookupError, match="seen with the record it tells of"):
        access.visible_to(rep, Stamp)


def test_a_hidden_field_can_neither_be_set_nor_read_off_a_refusal(
    deal: Opportunity, rep: User, account: Account, person: Person
) -> None:
    HiddenField.objects.create(record_type="opportunity", field="amount", role=Role.AE)
    with pytest.raises(InvalidInput, match="may not change this field"):
        edit_opportunity(Actor(user=rep), deal.pk, {"amount": 1})
    with pytest.raises(StaleWrite) as refused:
        edit_opportunity(Actor(user=rep), deal.pk, {"next_step": "Write"}, revision=1)
    assert set(refused.value.details["changed"]) == {"next_step", "custom"}


def test_the_past_of_a_removed_record_is_still_seen(deal: Opportunity, rep: User) -> None:
    remove_opportunities(Actor(user=rep), [deal.pk])
    assert access.visible_history(rep, "opportunity", deal.pk)[-1].operation == "remove"


def test_what_may_be_hidden_is_offered(deal: Opportunity) -> None:
    offered = access.hideable_fields("opportunity")
    assert {"amount", "owner", "custom.margin"} <= offered
    assert {"id", "name", "stage"} & offered == set()
