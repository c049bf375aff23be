"""All duplicates of a kind at once: those that comparing each with each would find, each once."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from penstock.crm.actions import accounts, contacts, leads
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.dismissing import dismiss
from penstock.crm.duplicates import find_duplicates
from penstock.crm.duplicates.comparing import likeness
from penstock.crm.duplicates.facts import facts_of
from penstock.crm.models import Account, Contact, Lead
from penstock.org.models import Sharing, User

FIRST = "Lac Mont Val Pont Rive Source Torrent Cascade Glacier Delta".split()
SECOND = "Bleu Noir Blanc Vert Rouge Grand Petit Nord Sud Ancien Nouveau Clair".split()
THIRD = ["", "", "Energie", "Logistique", "Conseil", "SA", "SARL", "Groupe"]
PEOPLE = "Ada Ben Mia Jo Zoé Renée".split()


def misspelt(name: str, random: Random) -> str:
    """The name with two neighbouring letters changed over."""
    place = random.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def company_names(random: Random, count: int) -> list[str]:
    names = [" ".join(filter(None, map(random.choice, (FIRST, SECOND, THIRD)))) for _ in range(count)]
    return [misspelt(name, random) if random.random() < 0.2 else name for name in names]


def test_accounts_are_found_as_if_each_were_compared_with_each(actor: Actor) -> None:
    random = Random(7)
    rows = [
        {
            "name": name,
            "domain": f"d{random.randrange(150)}.example" if random.random() < 0.5 else random.choice(["", "gmail.com"]),
            "country": random.choice(["", "FR", "DE"]),
            "phone": f"+331426853{random.randrange(60):02}" if random.random() < 0.3 else "",
        }
        for name in company_names(random, 250)
    ]
    accounts.create_accounts(actor, rows)
    known = [facts_of(one) for one in Account.objects.order_by("pk")]
    expected = {}
    for one, other in combinations(known, 2):
        found = likeness(one, other)
        if found:
            expected[one.pk, other.pk] = found.score
    pairs = list(find_duplicates(actor.user, "account"))
    got = {(one.first_id, one.second_id): one.score for one in pairs}
    assert len(pairs) == len(got)
    assert len(expected) > 150
    assert not set(got.items()) - set(expected.items())
    # Blocks miss what has neither a word nor a beginning or an end in common: next to nothing.
    missed = set(expected) - set(got)
    assert len(missed) <= len(expected) // 100
    assert [one.score for one in pairs] == sorted((one.score for one in pairs), reverse=True)


def test_contacts_are_found_as_if_each_were_compared_with_each(actor: Actor) -> None:
    random = Random(8)
    firms = [accounts.create_account(actor, name=name) for name in company_names(random, 12)]
    rows = []
    for number in range(300):
        last = random.choice(FIRST)
        rows.append(
            {
                "first_name": random.choice([*PEOPLE, ""]),
                "last_name": misspelt(last, random) if random.random() < 0.2 else last,
                "email": f"p{number}@f{random.randrange(12)}.example" if random.random() < 0.6 else "",
                "account": random.choice([None, *firms]),
                "phone": f"+331426853{random.randrange(90):02}" if random.random() < 0.3 else "",
            }
        )
    contacts.create_contacts(actor, rows)
    known = [facts_of(one) for one in Contact.objects.select_related("account").order_by("pk")]
    expected = {(one.pk, other.pk) for one, other in combinations(known, 2) if likeness(one, other)}
    got = [(one.first_id, one.second_id) for one in find_duplicates(actor.user, "contact")]
    assert len(expected) > 100
    assert sorted(got) == sorted(expected)


def test_leads_are_found_by_address_and_nameless_ones_by_their_company(actor: Actor) -> None:
    rows: list[dict[str, str]] = [
        {"email": "ada@lacbleu.example"},
        {"email": "ada@lacbleu.example", "company": "LB"},
        {"company": "Mont Noir"},
        {"company": "Mont-Noir SA"},
        {"email": "ben@gmail.com"},
        {"email": "mia@gmail.com"},
    ]
    ids = leads.create_leads(actor, rows).done
    found = [(one.first_id, one.second_id, one.reasons) for one in find_duplicates(actor.user, "lead")]
    assert found == [
        (ids[0], ids[1], ("same e-mail address ada@lacbleu.example",)),
        (ids[2], ids[3], ("same name",)),
    ]
    assert Lead.objects.count() == 6


def test_of_very_many_at_one_domain_each_is_compared_with_the_first(actor: Actor) -> None:
    rows = [{"name": f"{one} {other}", "domain": "group.example"} for one in FIRST for other in SECOND]
    accounts.create_accounts(actor, rows[:100])
    pairs = list(find_duplicates(actor.user, "account", minimum=80))
    assert len({one.second_id for one in pairs}) == 99


def test_pairs_that_were_dismissed_removed_or_may_not_be_seen_stay_away(actor: Actor, other_rep: User) -> None:
    ids = accounts.create_accounts(actor, [{"name": "Lac Bleu"}, {"name": "Lac Bleu SA"}, {"name": "Lac Bleu AG"}]).done
    assert len(list(find_duplicates(actor.user, "account"))) == 3
    dismiss(actor, [(("account", ids[1]), ("account", ids[0]))])
    assert {(one.first_id, one.second_id) for one in find_duplicates(actor.user, "account")} == {
        (ids[0], ids[2]),
        (ids[1], ids[2]),
    }
    accounts.remove_accounts(actor, [ids[1]])
    (pair,) = find_duplicates(actor.user, "account")
    assert (pair.first_name, pair.second_name, pair.reasons) == ("Lac Bleu", "Lac Bleu AG", ("same name",))
    Sharing.objects.create(record_type="account", level="private")
    assert not list(find_duplicates(other_rep, "account"))


def test_other_kinds_are_refused_in_words(actor: Actor) -> None:
    with pytest.raises(ValueError, match="not task"):
        list(find_duplicates(actor.user, "task"))
