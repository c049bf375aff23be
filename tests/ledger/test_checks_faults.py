"""One fault a line: each in one opportunity beside a clean history, found once and said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.ledger.check_cases import CONTEXT, Row, at, clean, findings, lost, version, won

# A fault is: the check that finds it, its severity, the rows that have it, and words that its example says.
Fault = tuple[str, str, list[Row], str]

_OPEN = version("x", "2026-02-01")

TIMES: list[Fault] = [
    ("before_creation", "warning", [version("x", "2026-01-02"), version("x", "2026-02-01")], "3 days before"),
    ("created_at_changes", "warning", [_OPEN, version("x", "2026-02-02", created_at=at("2026-01-05", 12))], "3 hours later"),
    ("missing_created_at", "note", [version("x", "2026-02-01", created_at=None)], "created_at is not filled in"),
    ("in_future", "warning", [_OPEN, version("x", "2026-03-03")], "2 days after now"),
    ("known_before_true", "warning", [version("x", "2026-02-01", recorded_at=at("2026-02-01", 8))], "60 minutes before"),
    ("late_corrections", "note", [version("x", "2026-02-01", recorded_at=at("2026-02-04"))], "3 days after"),
    ("implausible_dates", "warning", [version("x", "2026-02-01", close_date=date(1926, 6, 30))], "close_date"),
    ("implausible_dates", "warning", [version("x", "2026-02-01", close_date=date(2206, 6, 30))], "2206-06-30"),
    ("implausible_dates", "warning", [version("x", "1926-02-01")], "effective_at"),
    ("stale_open", "note", [version("x", "2025-02-01")], "unchanged for 393 days"),
]

STATUS: list[Fault] = [
    ("unknown_status", "error", [version("x", "2026-02-01", status="parked")], "'parked'"),
    ("unknown_status", "error", [version("x", "2026-02-01", status=None)], "'nothing'"),
    ("reopened", "note", [_OPEN, won("x", "2026-02-02"), version("x", "2026-02-03")], "won before, open again"),
    ("reopened", "note", [_OPEN, lost("x", "2026-02-02"), version("x", "2026-02-03")], "lost before, open again"),
    ("result_reversed", "warning", [_OPEN, won("x", "2026-02-02"), lost("x", "2026-02-03")], "won before, now lost"),
    ("back_from_removed", "note", [_OPEN, version("x", "2026-02-02", status="removed"), version("x", "2026-02-03")], "removed"),
    ("born_closed", "warning", [won("x", "2026-02-02")], "first version is won"),
    (
        "never_qualified",
        "warning",
        [version("x", "2026-02-01", qualified=False), won("x", "2026-02-02")],
        "none of its open versions",
    ),
    ("closed_uncertain", "warning", [_OPEN, won("x", "2026-02-02", probability=8500)], "won with a probability of 85.00 %"),
    ("closed_uncertain", "warning", [_OPEN, lost("x", "2026-02-02", probability=5)], "lost with a probability of 0.05 %"),
    ("open_certain", "warning", [version("x", "2026-02-01", probability=0)], "0.00 %"),
    ("open_certain", "warning", [version("x", "2026-02-01", probability=10_000)], "100.00 %"),
    ("missing_probability", "warning", [version("x", "2026-02-01", probability=None)], "'Proposal' without a probability"),
    ("probability_out_of_range", "error", [version("x", "2026-02-01", probability=-1)], "-0.01 %"),
    ("unknown_forecast_category", "warning", [version("x", "2026-02-01", forecast_category="hope")], "'hope'"),
    ("category_contradicts_status", "warning", [version("x", "2026-02-01", forecast_category="closed")], "open in"),
    ("category_contradicts_status", "warning", [_OPEN, won("x", "2026-02-02", forecast_category="commit")], "won in"),
]

MONEY: list[Fault] = [
    ("missing_amount_open", "warning", [version("x", "2026-02-01", amount=None)], "without an amount"),
    ("missing_amount_won", "warning", [_OPEN, won("x", "2026-02-02", amount=None)], "won without an amount"),
    ("won_for_nothing", "warning", [_OPEN, won("x", "2026-02-02", amount=0)], "won with 0.00 EUR"),
    ("won_for_nothing", "warning", [_OPEN, won("x", "2026-02-02", amount=-5)], "won with -0.05 EUR"),
    ("negative_amount_open", "warning", [version("x", "2026-02-01", amount=-123_456)], "-1234.56 EUR"),
    (
        "amount_implausible",
        "note",
        [version("x", "2026-02-01", amount=175_000_001)],
        "1750000.01 EUR is more than 1000 times the median of 1750.00",
    ),
    ("amount_beyond_range", "error", [version("x", "2026-02-01", amount=900_000_000_000_001)], "9000000000000.01 EUR"),
    ("amount_beyond_range", "error", [version("x", "2026-02-01", amount=-(2**63))], "-92233720368547758.08 EUR"),
    (
        "amount_changed_after_closing",
        "warning",
        [_OPEN, won("x", "2026-02-02"), won("x", "2026-02-05", amount=90_050)],
        "from 1000.00 EUR to 900.50 EUR",
    ),
    ("missing_currency", "warning", [version("x", "2026-02-01", currency=None)], "1000.00 has no currency"),
    (
        "mixed_currencies",
        "warning",
        [_OPEN, version("x", "2026-02-02", currency=None), version("x", "2026-02-03", currency="USD")],
        "EUR and USD",
    ),
    ("unknown_currency", "error", [version("x", "2026-02-01", currency="EURO")], "'EURO' is not a currency"),
    ("unknown_currency", "error", [version("x", "2026-02-01", currency="eur")], "'eur' is not a currency"),
]

CLOSE_DATES: list[Fault] = [
    ("missing_close_date", "warning", [version("x", "2026-02-01", close_date=None)], "without a close date"),
    ("close_before_creation", "warning", [version("x", "2026-02-01", close_date=date(2026, 1, 3))], "2 days before the creation"),
    ("overdue", "warning", [version("x", "2026-02-01", close_date=date(2026, 2, 26))], "3 days after its close date 2026-02-26"),
    ("close_date_far_from_closing", "warning", [_OPEN, won("x", "2026-02-02", close_date=date(2026, 1, 1))], "won 32 days away"),
    (
        "close_date_far_from_closing",
        "warning",
        [_OPEN, lost("x", "2026-02-02", close_date=date(2026, 3, 6))],
        "lost 32 days away",
    ),
    (
        "pushed_often",
        "note",
        [version("x", f"2026-02-0{day}", close_date=date(2026, 5, day)) for day in range(1, 5)],
        "pushed 3 times; it is now 2026-05-04",
    ),
]

STAGES: list[Fault] = [
    ("missing_stage", "warning", [version("x", "2026-02-01", stage=None)], "without a stage"),
    ("stage_without_order", "warning", [version("x", "2026-02-01", stage="Demo", stage_order=None)], "'Demo' has no place"),
    ("stages_with_same_order", "warning", [version("x", "2026-02-01", stage="Demo")], "'Demo' and 'Proposal'"),
    ("stage_with_two_orders", "warning", [version("x", "2026-02-01", stage_order=5)], "place 2 and place 5"),
    ("stage_open_and_closed", "note", [_OPEN, lost("x", "2026-02-02", stage="Proposal")], "lost in stage 'Proposal'"),
    ("stage_open_and_closed", "note", [won("z", "2026-02-03"), version("x", "2026-02-02", stage="Closed Won")], "open in stage"),
    (
        "moved_backwards",
        "note",
        [_OPEN, version("x", "2026-02-02", stage="Discovery", stage_order=1)],
        "from 'Proposal' to 'Discovery'",
    ),
]

EVIDENCE: list[Fault] = [
    ("reconstructed_values", "note", [version("x", "2026-02-01", reconstructed_fields="stage,region")], "stage,region"),
    ("unknown_values", "note", [version("x", "2026-02-01", unknown_fields="close_date")], "not known: close_date"),
]

NO_OPPORTUNITY = {"stages_with_same_order", "stage_with_two_orders"}


@pytest.mark.parametrize(("name", "severity", "rows", "words"), [*TIMES, *STATUS, *MONEY, *CLOSE_DATES, *STAGES, *EVIDENCE])
def test_the_fault_is_found_once_and_said(name: str, severity: str, rows: list[Row], words: str) -> None:
    assert findings(clean(), name) == {}
    finding = findings([*clean(), *rows], name)[name]
    assert (finding.severity, finding.count) == (severity, 1)
    assert [example.opportunity_id for example in finding.examples] == [None if name in NO_OPPORTUNITY else "x"]
    assert words in finding.examples[0].detail


NOT_FAULTS: list[tuple[str, list[Row]]] = [
    ("late_corrections", [version("x", "2026-02-01", recorded_at=at("2026-02-02"))]),
    ("close_date_far_from_closing", [_OPEN, won("x", "2026-02-02", close_date=date(2026, 1, 2))]),
    (
        "close_date_far_from_closing",
        [
            _OPEN,
            won("x", "2026-02-02", close_date=date(2026, 2, 2)),
            won("x", "2026-03-01", close_date=date(2026, 9, 30)),
        ],
    ),
    ("overdue", [version("x", "2026-02-01", close_date=date(2026, 3, 1))]),
    ("overdue", [version("x", "2026-02-01", close_date=date(2026, 2, 26)), version("x", "2026-02-27")]),
    ("overdue", [version("x", "2026-02-01"), version("x", "2026-03-02", close_date=date(2026, 1, 26))]),
    ("close_before_creation", [version("x", "2026-02-01", close_date=date(2026, 1, 5))]),
    ("pushed_often", [version("x", f"2026-02-0{day}", close_date=date(2026, 5, 9 - day)) for day in range(1, 6)]),
    ("never_qualified", [version("x", "2026-02-01", qualified=None), won("x", "2026-02-02")]),
    ("amount_implausible", [version("x", "2026-02-01", amount=175_000_000)]),
    ("amount_implausible", [version("x", "2026-02-01", amount=900_000_000, currency="JPY")]),
    ("unknown_currency", [version("x", "2026-02-01", currency="XXX")]),
    ("stage_without_order", [_OPEN, won("x", "2026-02-02", stage_order=None)]),
    ("stages_with_same_order", [_OPEN, lost("x", "2026-02-02", stage_order=2)]),
    ("stages_with_same_order", [version("x", "2026-02-01", stage="Demo", pipeline="Renewals")]),
    ("moved_backwards", [_OPEN, lost("x", "2026-02-02", stage_order=1)]),
]


@pytest.mark.parametrize(("name", "rows"), NOT_FAULTS)
def test_what_lies_on_the_right_side_of_the_limit_is_no_fault(name: str, rows: list[Row]) -> None:
    assert findings([*clean(), *rows], name) == {}


def test_a_currency_is_not_missing_where_nothing_has_one() -> None:
    assert findings([version("x", "2026-02-01", currency=None)], "missing_currency") == {}


def test_amounts_are_said_with_the_decimals_of_their_currency() -> None:
    rows = [version(code, "2026-02-01", amount=-1234, currency=code) for code in ("JPY", "KWD", "USD")]
    finding = findings(rows, "negative_amount_open")["negative_amount_open"]
    assert [one.detail for one in finding.examples] == ["open with -1234 JPY", "open with -1.234 KWD", "open with -12.34 USD"]
    bare = findings(
        [version("x", "2026-02-01", amount=-1234, currency=None)], "negative_amount_open", context=replace(CONTEXT, minor_unit=0)
    )
    assert bare["negative_amount_open"].examples[0].detail == "open with -1234"


def test_more_than_three_probabilities_in_a_stage_are_noted() -> None:
    rows = [version(f"p{number}", "2026-02-01", probability=number * 1000) for number in (1, 2, 3)]
    assert findings(rows, "probability_varies") == {}
    finding = findings([*rows, version("p4", "2026-02-01", probability=8500)], "probability_varies")["probability_varies"]
    assert (finding.severity, finding.count, finding.subjects) == ("note", 4, {"Proposal": 4})
    assert "4 different probabilities occur, 10.00 % to 85.00 %" in finding.examples[0].detail


def test_a_stage_that_the_given_table_lacks_is_reported() -> None:
    table = replace(CONTEXT, stages=("Discovery", "Proposal", "Closed Won", "Closed Lost"))
    rows = [*clean(), version("x", "2026-02-01", stage="Demo")]
    assert findings(rows, "stage_not_in_table") == {}
    finding = findings(rows, "stage_not_in_table", context=table)["stage_not_in_table"]
    assert (finding.severity, finding.count, finding.examples[0].opportunity_id) == ("warning", 1, "x")
    assert "'Demo'" in finding.examples[0].detail


def test_evidence_is_counted_by_field() -> None:
    rows = [
        version("a", "2026-02-01", reconstructed_fields="stage,region"),
        version("b", "2026-02-01", reconstructed_fields="stage"),
        version("c", "2026-02-01", unknown_fields="amount"),
    ]
    found = findings(rows, "reconstructed_values", "unknown_values")
    assert found["reconstructed_values"].subjects == {"stage": 2, "region": 1}
    assert found["reconstructed_values"].count == 2
    assert found["unknown_values"].subjects == {"amount": 1}


def test_the_creation_day_is_the_people_s_day() -> None:
    evening = version("x", "2026-02-01", created_at=at("2026-01-06", 2), close_date=date(2026, 1, 5))
    assert findings([evening], "close_before_creation")["close_before_creation"].count == 1
    assert findings([evening], "close_before_creation", context=replace(CONTEXT, timezone="America/New_York")) == {}
