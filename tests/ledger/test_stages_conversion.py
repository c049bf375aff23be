"""Stage conversion: what counts as entered, advanced, pending, lost, back and skipped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.ledger.schema import FOREVER, LOST, OPEN, REMOVED, UNQUALIFIED, WON
from penstock.ledger.stage_conversion import conversion
from tests.ledger import stage_oracle
from tests.ledger.stage_versions import DAY, INSTANTS, STAGES, V, histories, movements

COUNTS = ("entered", "advanced", "pending", "lost", "back", "skipped")
# A deal that was in every stage long ago, so that each of them is known; it enters nothing in the windows of the examples.
KNOWN = [
    V("known", day - 100 * DAY, state=OPEN, stage=stage, order=order)
    for day, (stage, order) in enumerate([("Lead", 1), ("Demo", 2), ("Offer", 3), ("Talks", 4)])
]


def asked(versions: list[V], start: int = 0, end: int = FOREVER, **options: Any) -> dict[Any, list[int]]:
    by = options.get("by", ())
    found = conversion(movements(versions), start, end, **options).to_pyarrow().to_pylist()
    keys = [*(f"group_{name}" for name in by), "stage", "stage_order", "outcome"]
    return {tuple(row[key] for key in keys): [row[name] for name in COUNTS] for row in found}


def path(*steps: str | int) -> list[V]:
    """One deal, a version a day: stage names while open, or a state that keeps the stage."""
    versions: list[V] = []
    for day, step in enumerate(steps):
        if isinstance(step, str):
            versions.append(V("D", day * DAY, stage=step, order=STAGES[step]))
        else:
            versions.append(V("D", day * DAY, state=step, stage=versions[-1].stage, order=versions[-1].order))
    return [*KNOWN, *versions]


@given(histories(), st.sampled_from(INSTANTS), st.sampled_from([*INSTANTS, FOREVER]), st.sampled_from([*INSTANTS[6:], FOREVER]))
def test_it_is_what_loops_over_versions_count(versions: list[V], start: int, end: int, known: int) -> None:
    start, end = min(start, end), max(start, end)
    assert asked(versions, start, end, known_until=known) == stage_oracle.conversion(versions, start, end, known)


@given(histories(), st.sampled_from(INSTANTS), st.booleans())
def test_groups_are_those_of_the_first_entry_or_of_today(versions: list[V], start: int, as_is: bool) -> None:
    expected = stage_oracle.conversion(versions, start, FOREVER, FOREVER, "is" if as_is else "was")
    assert asked(versions, start, by=("region",), as_is=as_is) == expected


@given(histories())
def test_what_entered_is_what_became_of_it(versions: list[V]) -> None:
    for row in conversion(movements(versions), 0, FOREVER).to_pyarrow().to_pylist():
        assert row["entered"] == row["advanced"] + row["pending"] + row["lost"] + row["back"]
        assert row["skipped"] <= row["advanced"]
        told = row["stage_order"] is not None and row["outcome"] is None
        assert row["rate"] == (row["advanced"] / row["entered"] if told else None)


@pytest.mark.parametrize(
    ("steps", "stage", "counts"),
    [
        (("Lead", "Demo"), "Lead", [1, 1, 0, 0, 0, 0]),
        (("Lead", "Demo"), "Demo", [1, 0, 1, 0, 0, 0]),
        (("Lead", "Talks"), "Offer", [1, 1, 0, 0, 0, 1]),  # a skip counts as passed
        (("Lead", "Talks", "Demo"), "Demo", [1, 1, 0, 0, 0, 0]),  # passed by the skip, then really entered
        (("Demo", "Offer", "Lead", LOST), "Demo", [1, 1, 0, 0, 0, 0]),  # going back undoes no advance
        (("Demo", "Lead"), "Demo", [1, 0, 0, 0, 1, 0]),
        (("Demo", LOST), "Demo", [1, 0, 0, 1, 0, 0]),
        (("Demo", REMOVED), "Demo", [1, 0, 0, 0, 1, 0]),
        (("Demo", UNQUALIFIED), "Demo", [1, 0, 0, 0, 1, 0]),
        (("Demo", LOST, "Demo", "Offer"), "Demo", [1, 1, 0, 0, 0, 0]),  # reopened: once, and advanced in the end
        (("Demo", LOST, "Demo"), "Demo", [1, 0, 1, 0, 0, 0]),
        (("Demo", WON), "Demo", [1, 1, 0, 0, 0, 0]),
        (("Demo", WON), "Talks", [1, 1, 0, 0, 0, 1]),  # a win from an early stage passes the rest
        (("Demo", WON, LOST), "Demo", [1, 1, 0, 0, 0, 0]),
        (("Offer", "Demo", "Offer"), "Offer", [1, 0, 1, 0, 0, 0]),
    ],
)
def test_one_deal(steps: tuple[str | int, ...], stage: str, counts: list[int]) -> None:
    assert asked(path(*steps))[(stage, STAGES[stage], None)] == counts


def test_a_lost_deal_does_not_advance_by_the_order_of_its_closing_stage() -> None:
    found = asked([V("D", 0, stage="Lead", order=1), V("D", DAY, state=LOST, stage="Dropped", order=7)])
    assert found == {("Lead", 1, None): [1, 0, 0, 1, 0, 0], ("Dropped", 7, "lost"): [1, 0, 0, 1, 0, 0]}


def test_a_deal_created_won_enters_only_its_own_stage() -> None:
    assert asked([*KNOWN, V("D", 0, state=WON, stage="Done", order=6)]) == {("Done", 6, "won"): [1, 1, 0, 0, 0, 0]}


def test_a_deal_that_came_back_after_the_window_is_pending() -> None:
    versions = path("Demo", "Lead", "Demo")
    assert asked(versions, 0, DAY) == {("Demo", 2, None): [1, 0, 1, 0, 0, 0]}
    assert asked(versions, 0, DAY, known_until=2 * DAY) == {("Demo", 2, None): [1, 0, 0, 0, 1, 0]}


def test_a_stage_without_an_order_has_no_rate() -> None:
    versions = [
        V("D", 0, stage="Odd"),
        V("D", DAY, stage="Demo", order=2),
        V("E", 0, stage="Odd"),
        V("E", DAY, state=WON, stage="Odd"),
    ]
    rows = conversion(movements(versions), 0, FOREVER).to_pyarrow().to_pylist()
    odd = next(row for row in rows if row["stage"] == "Odd" and row["outcome"] is None)
    assert (odd["entered"], odd["advanced"], odd["back"], odd["rate"]) == (2, 1, 1, None)


def test_only_stages_of_the_deals_own_pipeline_are_skipped() -> None:
    versions = [
        V("A", -50 * DAY, stage="Pilot", order=2, region="enterprise"),
        V("B", -50 * DAY, stage="Call", order=2, region="inbound"),
        V("C", 0, stage="Lead", order=1, region="inbound"),
        V("C", DAY, stage="Offer", order=3, region="inbound"),
    ]
    rows = conversion(movements(versions, "pipeline"), 0, FOREVER).to_pyarrow().to_pylist()
    assert {row["stage"] for row in rows} == {"Lead", "Call", "Offer"}


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        conversion(movements(KNOWN), 5, 4)


def test_an_unknown_dimension_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no dimension 'colour'"):
        conversion(movements(KNOWN), 0, 4, ("colour",))
