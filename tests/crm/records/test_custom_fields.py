"""Fields of the company's own: declared once, their values kept whatever becomes of the declaration."""

from __future__ import annotations

import pytest

from penstock.crm import access
from penstock.crm.actions.accounts import create_account, edit_account
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_fields import archive_custom_field, declare_custom_field, edit_custom_field
from penstock.crm.models import Account, CustomField
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound

CHOICES = [{"value": "a", "labels": {"en": "A"}}, {"value": "b", "labels": {"en": "B"}}]


def test_a_declared_field_takes_values_of_its_kind(chief: Actor, actor: Actor, account: Account) -> None:
    declare_custom_field(chief, "account", "fleet", "number", {"en": "Fleet", "fr": "Parc"})
    second = declare_custom_field(chief, "account", "grade", "choice", {"en": "Grade"}, choices=CHOICES)
    assert second.position == 2
    assert edit_account(actor, account.pk, {"custom": {"fleet": "12", "grade": "a"}}).custom == {"fleet": "12", "grade": "a"}
    with pytest.raises(InvalidInput) as refused:
        create_account(actor, name="Other", custom={"fleet": "many", "grade": "z", "none": 1})
    assert set(refused.value.faults) == {"custom.fleet", "custom.grade", "custom.none"}


def test_a_declaration_that_makes_no_sense(chief: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        declare_custom_field(chief, "planet", "No Key", "colour", {})
    assert set(refused.value.faults) == {"record_type", "key", "kind", "labels"}
    with pytest.raises(InvalidInput, match="value of its own"):
        declare_custom_field(chief, "account", "grade", "choice", {"en": "Grade"}, choices=[CHOICES[0], CHOICES[0]])
    declare_custom_field(chief, "account", "grade", "text", {"en": "Grade"})
    with pytest.raises(InvalidInput, match="already"):
        declare_custom_field(chief, "account", "grade", "text", {"en": "Grade"})


def test_a_kind_or_a_choice_that_records_have_stays(chief: Actor, actor: Actor, account: Account) -> None:
    field = declare_custom_field(chief, "account", "grade", "choice", {"en": "Grade"}, choices=CHOICES)
    with pytest.raises(InvalidInput, match="cannot be changed"):
        edit_custom_field(chief, field.pk, key="rank")
    edit_account(actor, account.pk, {"custom": {"grade": "a"}})
    with pytest.raises(InvalidInput, match="1 records have values"):
        edit_custom_field(chief, field.pk, kind="text", choices=[])
    with pytest.raises(InvalidInput, match="still have: a"):
        edit_custom_field(chief, field.pk, choices=CHOICES[1:])
    edit_custom_field(chief, field.pk, choices=CHOICES[:1], labels={"en": "Rank"})
    edit_account(actor, account.pk, {"custom": {"grade": None}})
    assert edit_custom_field(chief, field.pk, kind="text", choices=[]).kind == "text"


def test_an_archived_field_takes_no_values_and_keeps_those_there_are(chief: Actor, actor: Actor, account: Account) -> None:
    field = declare_custom_field(chief, "account", "fleet", "number", {"en": "Fleet"})
    edit_account(actor, account.pk, {"custom": {"fleet": "12"}})
    archive_custom_field(chief, field.pk)
    with pytest.raises(InvalidInput, match="no such custom field"):
        edit_account(actor, account.pk, {"custom": {"fleet": "13"}})
    account.refresh_from_db()
    assert account.custom == {"fleet": "12"}
    archive_custom_field(chief, field.pk, archived=False)
    edit_account(actor, account.pk, {"custom": {"fleet": "13"}})


def test_only_those_who_configure_declare_fields(chief: Actor, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    field = declare_custom_field(chief, "account", "fleet", "number", {"en": "Fleet"})
    monkeypatch.setattr(access, "may", lambda user, verb, record: verb != "configure")
    with pytest.raises(NotAllowed):
        declare_custom_field(actor, "account", "grade", "text", {"en": "Grade"})
    with pytest.raises(NotAllowed):
        edit_custom_field(actor, field.pk, required=True)
    with pytest.raises(NotAllowed):
        archive_custom_field(actor, field.pk)
    with pytest.raises(NotFound):
        archive_custom_field(actor, 999_999)
    assert CustomField.objects.count() == 1
