"""Who may be the same as somebody: with a score, and with reasons in words."""

from __future__ import annotations

import pytest

from penstock.crm.actions import accounts, contacts, leads, merging
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.dismissing import dismiss, reconsider
from penstock.crm.duplicates import candidates
from penstock.crm.duplicates.comparing import alike
from penstock.crm.models import Account, Campaign, Contact, Lead, NotDuplicate
from penstock.crm.refusals import InvalidInput, NotAllowed
from penstock.org.models import HiddenField, Role, Sharing, User


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"name": "LB Holding", "domain": "lacbleu.example"}, ["same domain lacbleu.example"]),
        ({"name": "LB Holding", "website": "https://lacbleu.example"}, ["same domain lacbleu.example"]),
        ({"name": "LAC-BLEU S.A."}, ["same name"]),
        ({"name": "Lac Bleue"}, ["name 94 % alike"]),
        ({"name": "Bleu Lac SARL"}, ["name 99 % alike"]),
        ({"name": "Something Else", "phone": "01 42 68 53 00", "country": "FR"}, ["same telephone number …5300"]),
    ],
)
def test_an_account_that_is_entered_again_is_recognised(
    actor: Actor, account: Account, fields: dict[str, str], reasons: list[str]
) -> None:
    accounts.edit_account(actor, account.pk, {"phone": "+33 1 42 68 53 00"})
    found = candidates(actor.user, Account(**fields))
    assert [(one.id, one.name, list(one.reasons)) for one in found] == [(account.pk, "Lac Bleu SA", reasons)]
    assert 70 <= found[0].score < 100


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Lac Vert"},
        {"name": "Lac Bleu Energie Nord Distribution"},
        {"name": "Lac Blau", "domain": "lacblau.example", "country": "DE"},
        {"name": "Quarry Partners", "phone": "+33 1 42 68 53 01"},
    ],
)
def test_another_company_is_not(actor: Actor, account: Account, fields: dict[str, str]) -> None:
    accounts.edit_account(actor, account.pk, {"phone": "+33 1 42 68 53 00"})
    assert not candidates(actor.user, Account(**fields))


def test_a_mailbox_provider_makes_nobody_the_same(actor: Actor) -> None:
    accounts.create_account(actor, name="Weir", domain="gmail.com")
    contacts.create_contact(actor, email="ada@gmail.com", last_name="Rill")
    assert not candidates(actor.user, Account(name="Brook", domain="gmail.com"))
    assert not candidates(actor.user, Contact(email="ben@gmail.com", last_name="Stone"))
    assert not candidates(actor.user, Lead(email="ben@gmail.com", company="Brook"))


def test_words_that_many_companies_have_make_none_alike() -> None:
    assert alike("gagu consulting", "nage consulting") < 70
    assert alike("lac bleu", "lac bleu group") >= 84


def test_names_that_tell_apart_by_a_number_are_not_alike() -> None:
    assert alike("station 12", "station 13") == 0
    assert alike("station 12", "station 12") == 100
    assert alike("", "") == 0


@pytest.mark.parametrize(
    ("fields", "score"),
    [
        ({"email": "ADA@lacbleu.example"}, 100),
        ({"first_name": "Ada", "last_name": "Rill", "email": "a.rill@lacbleu.example"}, 80),
        ({"first_name": "Rill", "last_name": "Àda", "email": "rill@lacbleu.example"}, 80),
        ({"first_name": "Ada", "last_name": "Rill"}, 70),
        ({"last_name": "Rill", "first_name": "Ada", "mobile": "+33 6 12 34 56 78"}, 90),
        ({"mobile": "+33 6 12 34 56 78"}, 80),
    ],
)
def test_a_contact_that_is_entered_again_is_recognised(
    actor: Actor, account: Account, fields: dict[str, str], score: int
) -> None:
    known = contacts.create_contact(
        actor, email="ada@lacbleu.example", first_name="Ada", last_name="Rill", phone="06 12 34 56 78", country="FR"
    )
    found = candidates(actor.user, Contact(**{**fields, "email": fields.get("email", "").lower()}))
    assert [one.id for one in found] == [known.pk]
    assert found[0].score >= score


@pytest.mark.parametrize(
    "fields",
    [
        {"first_name": "Ben", "last_name": "Weir", "email": "ben@lacbleu.example"},
        {"first_name": "Ben", "last_name": "Weir", "phone": "+33 6 12 34 56 78"},
        {"first_name": "Ada", "last_name": "Rill", "email": "ada@elsewhere.example"},
    ],
)
def test_a_colleague_or_a_namesake_elsewhere_is_not(actor: Actor, fields: dict[str, str]) -> None:
    contacts.create_contact(
        actor, email="ada@lacbleu.example", first_name="Ada", last_name="Rill", phone="06 12 34 56 78", country="FR"
    )
    assert not candidates(actor.user, Contact(**fields))


def test_a_lead_is_compared_with_contacts_and_accounts_too(actor: Actor, account: Account) -> None:
    person = contacts.create_contact(actor, email="ada@lacbleu.example", account=account)
    earlier = leads.create_lead(actor, email="ada@lacbleu.example")
    lead = leads.create_lead(actor, email="ada@lacbleu.example", first_name="Ada")
    found = candidates(actor.user, lead)
    assert [(one.record_type, one.id, one.score) for one in found] == [
        ("contact", person.pk, 100),
        ("lead", earlier.pk, 100),
        ("account", account.pk, 98),
    ]
    assert candidates(actor.user, lead, limit=1) == found[:1]


def test_the_record_itself_and_removed_ones_are_left_out(actor: Actor, account: Account) -> None:
    gone = accounts.create_account(actor, name="Lac Bleu", domain="lacbleu.example")
    assert [one.id for one in candidates(actor.user, account)] == [gone.pk]
    accounts.remove_accounts(actor, [gone.pk])
    assert not candidates(actor.user, account)


def test_what_may_not_be_seen_is_said_without_its_name(actor: Actor, other_rep: User) -> None:
    for kind in ("account", "contact"):
        Sharing.objects.create(record_type=kind, level="private")
    hidden = Actor(user=other_rep)
    accounts.create_account(hidden, name="Secret Project", domain="secret.example")
    contacts.create_contact(hidden, email="eve@secret.example", last_name="Eve")
    (company,) = candidates(actor.user, Account(name="Secret Project", domain="secret.example"))
    assert (company.id, company.hidden, company.name) == (None, True, "")
    assert company.reasons == ("There is an account with this domain that you may not see. Ask an administrator.",)
    assert [one.id for one in candidates(actor.user, Contact(email="eve@secret.example"))] == [None]
    # A likeness of names alone is not told of what is hidden.
    assert not candidates(actor.user, Account(name="Secret Project"))
    assert not candidates(hidden.user, Account(name="Other"))


def test_what_a_role_does_not_see_is_no_reason(actor: Actor, account: Account) -> None:
    accounts.edit_account(actor, account.pk, {"phone": "+33 1 42 68 53 00"})
    HiddenField.objects.create(record_type="account", field="phone", role=Role.AE)
    assert not candidates(actor.user, Account(name="Quarry", phone="+33142685300"))


def test_a_pair_that_was_dismissed_stays_away(actor: Actor, other_rep: User, account: Account) -> None:
    other = accounts.create_account(actor, name="Lac Bleu", domain="lacbleu.example")
    pair = (("account", other.pk), ("account", account.pk))
    with pytest.raises(NotAllowed):
        dismiss(Actor(user=other_rep), [pair])
    assert dismiss(actor, [pair, pair]) == 1
    assert dismiss(actor, [pair[::-1]]) == 0
    assert not candidates(actor.user, account)
    assert not candidates(actor.user, other)
    assert reconsider(actor, [pair]) == 1
    assert [one.id for one in candidates(actor.user, account)] == [other.pk]
    with pytest.raises(InvalidInput, match="not its own duplicate"):
        dismiss(actor, [(pair[0], pair[0])])
    assert not NotDuplicate.objects.exists()


def test_a_merged_record_is_found_in_its_survivor(actor: Actor, revops: Actor, account: Account) -> None:
    other = accounts.create_account(actor, name="Weirworks", domain="weirworks.example")
    merging.merge_accounts(revops, account.pk, [other.pk])
    (found,) = candidates(actor.user, Account(name="WW", domain="weirworks.example"))
    assert (found.id, found.reasons) == (
        account.pk,
        ("weirworks.example is the domain of Weirworks, which was merged into it",),
    )


def test_other_kinds_are_refused_in_words(actor: Actor) -> None:
    with pytest.raises(ValueError, match="not campaign"):
        candidates(actor.user, Campaign(name="Fair"))
