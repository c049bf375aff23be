"""Companies are recognised by name and by domain, however these are written."""

from __future__ import annotations

import pytest

from penstock.crm.domains import company_domain, domain_of
from penstock.crm.names import name_key


@pytest.mark.parametrize(
    "names",
    [
        ("Lac Bleu", "Lac Bleu S.A.", "LAC-BLEU SAS", "SA Lac Bleu", "lac  bleu, Inc."),
        ("Müller", "Muller GmbH & Co. KG", "MÜLLER AG"),
        ("Ferrari", "Ferrari S.p.A.", "Ferrari S. p. A."),
        ("Øresund", "Oresund A/S", "ORESUND ApS"),
        ("L'Oréal", "L’Oreal SA"),
        ("Smith and Sons", "Smith & Sons Ltd."),
        ("Weir", "The Weir Company"),
    ],
)
def test_one_company_has_one_key(names: tuple[str, ...]) -> None:
    assert len({name_key(name) for name in names}) == 1


@pytest.mark.parametrize(
    "names", [("SAS", "SA"), ("Société Générale", "Generale"), ("Lac Bleu", "Lac Blanc"), ("AS Roma", "Roma"), ("東京", "大阪")]
)
def test_different_companies_have_different_keys(names: tuple[str, str]) -> None:
    assert name_key(names[0]) != name_key(names[1])


def test_a_name_of_nothing_but_a_legal_form_is_kept() -> None:
    assert name_key("S.A.S.") == "sas"


@pytest.mark.parametrize(
    "text",
    [
        "lac-bleu.example",
        "https://www.Lac-Bleu.example/contact?x=1",
        "ada@LAC-BLEU.example",
        "WWW.lac-bleu.example:8080",
        "http://lac-bleu.example.",
    ],
)
def test_a_domain_is_found_in_what_people_write(text: str) -> None:
    assert domain_of(text) == "lac-bleu.example"


@pytest.mark.parametrize("text", ["", "lac bleu", "localhost", "https://", "two words.example"])
def test_there_is_not_a_domain_in_everything(text: str) -> None:
    assert domain_of(text) == ""


def test_a_mailbox_that_anybody_may_have_says_nothing_of_a_company() -> None:
    assert company_domain("ada@gmail.com") == ""
    assert company_domain("ada@lacbleu.example") == "lacbleu.example"
