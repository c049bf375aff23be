"""Checks of dimension values: spellings, blanks and ids; and the spellings by themselves."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.ledger.spellings import look, one_letter_apart, same_look
from tests.ledger.check_cases import Row, clean, findings, version


def _products(*values: str | None) -> list[Row]:
    return [version(f"p{number}", "2026-02-01", product=value) for number, value in enumerate(values)]


@pytest.mark.parametrize("rare", ["GTX Pro", "gtxpro", "GTX-Pro", " GTXPro", "GTX Pro."])
def test_two_spellings_of_one_value_are_reported_with_the_commoner_one(rare: str) -> None:
    finding = findings(_products("GTXPro", "GTXPro", rare), "values_alike")["values_alike"]
    assert (finding.severity, finding.count, finding.subjects) == ("warning", 1, {"product": 1})
    assert finding.examples[0].opportunity_id == "p2"
    assert finding.examples[0].detail == f"product: '{rare}' reads like 'GTXPro'"


def test_every_version_with_the_rarer_spelling_counts() -> None:
    rows = [
        *_products("EMEA", "EMEA", "EMEA"),
        version("q", "2026-02-01", product="emea"),
        version("q", "2026-02-02", product="E.M.E.A"),
    ]
    finding = findings(rows, "values_alike")["values_alike"]
    assert (finding.count, finding.opportunities) == (2, 1)


def test_a_slip_of_one_letter_is_noted() -> None:
    finding = findings(_products("technology", "technology", "technolgy"), "values_one_letter_apart")["values_one_letter_apart"]
    assert (finding.severity, finding.count, finding.examples[0].opportunity_id) == ("note", 1, "p2")
    assert "'technolgy' is one letter from 'technology'" in finding.examples[0].detail
    assert findings(_products("technology", "Technology"), "values_one_letter_apart") == {}


def test_blanks_are_noted_with_their_share() -> None:
    finding = findings([*clean(), version("x", "2026-02-01", region=" ")], "blank_dimension")["blank_dimension"]
    assert (finding.severity, finding.count, finding.examples[0].opportunity_id) == ("note", 1, "x")
    assert finding.examples[0].detail == "region is blank, as in 12.5 % of the versions"
    several = findings(_products("A", None, ""), "blank_dimension")["blank_dimension"]
    assert several.subjects == {"product": 2}


def test_a_dimension_with_a_value_for_each_opportunity_is_noted() -> None:
    finding = findings(_products(*(f"deal {number}" for number in range(20))), "dimension_is_id")["dimension_is_id"]
    assert (finding.severity, finding.count, finding.subjects) == ("note", 1, {"product": 1})
    assert finding.examples[0].detail == "product: 20 values in 20 opportunities"
    assert findings(_products(*(f"deal {number}" for number in range(19))), "dimension_is_id") == {}
    assert findings(_products(*(f"deal {number % 19}" for number in range(20))), "dimension_is_id") == {}


def test_a_history_without_dimensions_has_no_such_finding() -> None:
    rows = [{name: value for name, value in row.items() if name != "region"} for row in clean()]
    assert findings(rows, "values_alike", "values_one_letter_apart", "blank_dimension", "dimension_is_id") == {}


@pytest.mark.parametrize(
    ("one", "other"), [("C#", "C"), ("50+", "50"), ("1-10", "110"), ("A & B", "AB"), ("<50", ">50"), ("-", "/")]
)
def test_signs_that_change_the_meaning_are_kept(one: str, other: str) -> None:
    assert same_look({one: 2, other: 1}) == {}


def test_full_width_and_accents_are_compared_as_people_see_them() -> None:
    assert look("ＧＴＸ　Pro") == look("gtx pro")
    assert look("Zoë") != look("Zoe")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Region 10", "Region 11"), ("north", "nort"), ("Product A", "Product B"), ("Quarter2025", "Quarter2026"), ("Acme", "Acma")],
)
def test_short_words_and_numbers_are_never_slips(one: str, other: str) -> None:
    assert one_letter_apart({one: 2, other: 1}) == {}


def _distance_one(one: str, other: str) -> bool:
    """Whether one edit leads from one to the other, by trying every edit."""
    letters = "ab"
    edits = {one[:i] + one[i + 1 :] for i in range(len(one))}
    edits |= {one[:i] + letter + one[i:] for i, letter in product(range(len(one) + 1), letters)}
    edits |= {one[:i] + letter + one[i + 1 :] for i, letter in product(range(len(one)), letters)}
    return one != other and other in edits


@settings(max_examples=150, deadline=None)
@given(words=st.lists(st.text("ab", min_size=6, max_size=8), min_size=1, max_size=8, unique=True))
def test_every_word_one_letter_from_an_earlier_one_is_found(words: list[str]) -> None:
    counts = Counter({word: len(words) - number for number, word in enumerate(words)})
    expected = {word for number, word in enumerate(words) if any(_distance_one(word, other) for other in words[:number])}
    found = one_letter_apart(counts)
    assert set(found) == expected
    assert all(_distance_one(word, other) and counts[other] > counts[word] for word, other in found.items())
