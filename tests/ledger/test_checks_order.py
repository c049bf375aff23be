"""Checks of ids, instants and the order of versions: each fault once, in a history that is clean otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.ledger.check_cases import CONTEXT, Row, at, clean, findings, version


def test_a_row_without_id_is_an_error() -> None:
    for missing in (None, "", "  "):
        finding = findings([*clean(), version(missing, "2026-01-06")], "missing_id")["missing_id"]
        assert (finding.severity, finding.count, finding.opportunities) == ("error", 1, 0)
        assert "no opportunity id" in finding.examples[0].detail


def test_a_row_without_instant_is_an_error() -> None:
    finding = findings([*clean(), version("open-1", "2026-01-06", effective_at=None)], "missing_effective_at")[
        "missing_effective_at"
    ]
    assert (finding.severity, finding.count) == ("error", 1)
    assert finding.examples[0].opportunity_id == "open-1"
    assert finding.examples[0].at is None


@pytest.mark.parametrize("seq", [0, 7, None])
def test_two_versions_at_one_instant_with_one_seq_cannot_be_ordered(seq: int | None) -> None:
    tie = [version("t", "2026-02-03", seq=seq), version("t", "2026-02-03", seq=seq, amount=1)]
    found = findings([*clean(), *tie], "undecidable_order", "ties_by_row_order", "identical_versions")
    assert {name: finding.count for name, finding in found.items()} == {"undecidable_order": 1}
    assert found["undecidable_order"].severity == "error"
    assert f"same seq {seq or 0}" in found["undecidable_order"].examples[0].detail


def test_a_seq_in_the_data_settles_a_tie() -> None:
    tie = [version("t", "2026-02-03", seq=1), version("t", "2026-02-03", seq=2, amount=1)]
    assert findings([*clean(), *tie], "undecidable_order", "ties_by_row_order") == {}


def test_a_tie_settled_by_the_order_of_rows_is_noted() -> None:
    marked = {"reconstructed_fields": "amount,seq"}
    tie = [version("t", "2026-02-03", seq=1, **marked), version("t", "2026-02-03", seq=2, amount=1, **marked)]
    finding = findings([*clean(), *tie], "ties_by_row_order")["ties_by_row_order"]
    assert (finding.severity, finding.count, finding.examples[0].opportunity_id) == ("note", 1, "t")
    bare = [row | {"reconstructed_fields": ""} for row in tie]
    told = findings([*clean(), *bare], "ties_by_row_order", context=replace(CONTEXT, seq_from_rows=True))
    assert told["ties_by_row_order"].count == 1


def test_a_repeated_version_is_noted_and_a_changed_dimension_makes_it_another() -> None:
    again = version("open-1", "2026-02-03")
    finding = findings([*clean(), again], "identical_versions")["identical_versions"]
    assert (finding.severity, finding.count, finding.examples[0].opportunity_id) == ("note", 1, "open-1")
    assert findings([*clean(), again | {"region": "APAC"}], "identical_versions") == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [("D-17", "d-17"), ("D-17", "D -17"), ("006A000000AbCdE", "006A000000AbCdEIAV")],
)
def test_ids_that_look_alike_are_reported_once(one: str, other: str) -> None:
    finding = findings([*clean(), version(one, "2026-01-06"), version(other, "2026-01-07")], "ids_alike")["ids_alike"]
    assert (finding.severity, finding.count) == ("warning", 1)
    assert one in finding.examples[0].detail
    assert other in finding.examples[0].detail


def test_case_tells_salesforce_ids_apart() -> None:
    assert findings([version("006A000000AbCdE", "2026-01-06"), version("006A000000aBcDe", "2026-01-06")], "ids_alike") == {}


def test_an_opportunity_without_a_past_is_noted() -> None:
    finding = findings([*clean(), version("new", "2026-01-06")], "single_version")["single_version"]
    assert (finding.severity, finding.count, finding.examples[0].opportunity_id) == ("note", 1, "new")


def _spread(number: int) -> list[Row]:
    """So many opportunities, each born at an instant of its own."""
    return [version(f"s{one}", "", effective_at=at("2026-01-06") + timedelta(seconds=one)) for one in range(number)]


def test_a_mass_update_names_its_instant_and_how_many() -> None:
    mass = [version(f"s{one}", "2026-02-07") for one in range(50)]
    finding = findings([*_spread(60), *mass], "bulk_edits")["bulk_edits"]
    assert (finding.severity, finding.count, finding.opportunities) == ("note", 50, 50)
    assert finding.subjects == {"2026-02-07T09:00:00Z": 50}
    assert "50 of 60 opportunities" in finding.examples[0].detail
    assert findings([*_spread(60), *mass[:49]], "bulk_edits") == {}
    assert findings([*_spread(1001), *mass], "bulk_edits") == {}
