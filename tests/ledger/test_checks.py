"""The checks as a whole: what they report, in which order, and that nothing but the data decides it."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.ledger import checks
from penstock.ledger.instants import to_micros
from penstock.ledger.schema import CANONICAL
from tests.ledger.check_cases import CONTEXT, NOW, Row, at, clean, findings, history, version, won


def test_a_clean_history_has_no_error_and_no_warning() -> None:
    found = findings(clean())
    assert [finding.name for finding in found.values() if finding.severity != "note"] == []
    assert "single_version" not in found


def test_every_check_says_what_it_distorts_and_how_to_mend_it() -> None:
    names = [check.name for check in checks.CHECKS]
    assert len(names) == len(set(names)) > 50
    for check in checks.CHECKS:
        assert check.severity in ("error", "warning", "note")
        assert not check.title.endswith(".")
        for sentence in (check.distorts, check.remedy):
            assert sentence.endswith("."), check.name
            assert sentence[0].isupper(), check.name


def test_errors_come_before_warnings_and_warnings_before_notes() -> None:
    rows = [*clean(), version("x", "2026-01-06", status="parked"), version("y", "2026-01-06", amount=None)]
    severities = [finding.severity for finding in checks.run(history(rows), CONTEXT)]
    assert severities == sorted(severities, key=("error", "warning", "note").index)
    assert {"error", "warning", "note"} == set(severities)


def test_money_is_told_by_currency_and_missing_amounts_add_nothing() -> None:
    rows = [
        version("a", "2026-01-06", probability=None),
        version("a", "2026-01-07", probability=None, amount=None),
        version("b", "2026-01-06", probability=None, amount=-7, currency="USD"),
        version("c", "2026-01-06", probability=None, amount=5, currency=None),
    ]
    finding = findings(rows, "missing_probability")["missing_probability"]
    assert (finding.count, finding.opportunities) == (4, 3)
    assert finding.amount == {"EUR": 100_000, "USD": -7, "": 5}
    assert finding.subjects == {"Proposal": 4}


def test_sums_are_exact_where_64_bits_are_too_few() -> None:
    big, low = 9_223_372_036_854_775_807, -9_000_000_000_000_000_003
    rows = [version(str(number), "2026-01-06", amount=big) for number in range(3)]
    rows += [version("n", "2026-01-06", amount=low), version("m", "2026-01-06", amount=low, currency="USD")]
    finding = findings(rows, "amount_beyond_range")["amount_beyond_range"]
    assert finding.amount == {"EUR": 3 * big + low, "USD": low}


def test_at_most_five_examples_first_ids_first() -> None:
    rows = [version(f"d{number}", "2026-01-06", amount=None) for number in range(9)]
    random.Random(1).shuffle(rows)
    finding = findings(rows, "missing_amount_open")["missing_amount_open"]
    assert finding.count == 9
    assert [example.opportunity_id for example in finding.examples] == ["d0", "d1", "d2", "d3", "d4"]
    assert finding.examples[0].at == datetime.fromisoformat("2026-01-06T09:00:00+00:00")


def test_only_the_named_checks_are_run_and_a_wrong_name_is_refused() -> None:
    rows = [version("a", "2026-01-06", amount=None, probability=None)]
    assert list(findings(rows, "missing_probability")) == ["missing_probability"]
    with pytest.raises(ValueError, match=r"no check named overdone; there are .*overdue"):
        checks.run(history(rows), CONTEXT, only=["overdone"])
    assert checks.run(history(rows), CONTEXT, only=[]) == []


def test_a_history_of_the_required_columns_only_is_checked() -> None:
    table = ibis.memtable({"opportunity_id": ["a"], "effective_at": [at("2026-01-06")], "status": ["open"]})
    names = {finding.name for finding in checks.run(table, CONTEXT)}
    assert {"missing_amount_open", "missing_close_date", "missing_stage", "missing_probability"} <= names
    with pytest.raises(ValueError, match="no column status"):
        checks.run(table.drop("status"), CONTEXT)


def test_an_empty_history_has_no_findings() -> None:
    assert checks.run(history(clean()).filter(ibis.literal(False)), CONTEXT) == []


def test_json_has_stable_keys_and_plain_values() -> None:
    rows = [version("a", "2026-01-06", amount=None), version(None, "2026-01-07")]
    told = json.loads(json.dumps(checks.to_dicts(checks.run(history(rows), CONTEXT, only=["missing_id", "missing_amount_open"]))))
    assert [list(one) for one in told] == [
        ["name", "severity", "title", "distorts", "remedy", "count", "opportunities", "amount", "subjects", "examples"]
    ] * 2
    assert told[0]["name"] == "missing_id"
    assert told[0]["examples"] == [
        {"opportunity_id": None, "at": "2026-01-07T09:00:00Z", "detail": "the row has no opportunity id"}
    ]
    assert told[0]["amount"] == {"EUR": 100_000}
    assert told[1]["amount"] == {}


def test_now_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        checks.CheckContext(now=NOW.replace(tzinfo=None))


def test_find_is_lazy_and_gives_the_documented_columns() -> None:
    table = history([version("a", "2026-01-06", amount=None), version("b", "2026-01-06", region=" ")])
    for check in checks.CHECKS:
        found = check.find(table, CONTEXT)
        assert list(found.columns) == ["opportunity_id", "effective_at", "detail", "subject", "amount", "currency"], check.name
        assert isinstance(found, ibis.Table)


STATUSES = ("open", "won", "lost", "removed", "parked")
FIELDS = {
    "opportunity_id": st.sampled_from(["a", "b", "c"]),
    "effective_at": st.integers(0, 70).map(lambda days: at("2026-01-01") + timedelta(days=days)),
    "status": st.sampled_from(STATUSES),
    "amount": st.sampled_from([None, -5, 0, 10, 20]),
    "probability": st.sampled_from([None, 0, 5000, 10_000]),
    "close_date": st.sampled_from([None, date(2025, 1, 1), date(2026, 2, 1), date(2026, 4, 1), date(2026, 7, 1)]),
    "qualified": st.sampled_from([None, True, False]),
    "currency": st.sampled_from([None, "EUR", "USD"]),
}


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    rows = draw(st.lists(st.fixed_dictionaries(FIELDS), min_size=1, max_size=14))
    return [version("", "2026-01-01") | row | {"seq": number} for number, row in enumerate(rows)]


def oracle(rows: list[Row]) -> Counter[str]:
    """The same counts, in plain Python."""
    count: Counter[str] = Counter()
    coins: dict[str, set[str]] = {}
    for row in rows:
        coins.setdefault(row["opportunity_id"], set()).update({row["currency"]} - {None})
    count["mixed_currencies"] = sum(len(each) > 1 for each in coins.values())
    for one in coins:
        line = sorted((row for row in rows if row["opportunity_id"] == one), key=lambda row: (row["effective_at"], row["seq"]))
        before: Row | None = None
        opened = qualified = False
        pushes = 0
        for row in line:
            status, was = row["status"], before and before["status"]
            closed = status in ("won", "lost")
            count["missing_amount_open"] += status == "open" and row["amount"] is None
            count["won_for_nothing"] += status == "won" and row["amount"] is not None and row["amount"] <= 0
            count["unknown_status"] += status == "parked"
            count["reopened"] += was in ("won", "lost") and status == "open"
            count["result_reversed"] += closed and was in ("won", "lost") and status != was
            count["born_closed"] += closed and before is None
            count["never_qualified"] += status == "won" and was not in (None, "won") and opened and not qualified
            count["in_future"] += row["effective_at"] > NOW.replace(tzinfo=None)
            far = row["close_date"] and abs((row["close_date"] - row["effective_at"].date()).days) > 31
            count["close_date_far_from_closing"] += bool(closed and status != was and far)
            if before and closed and status == was:
                count["amount_changed_after_closing"] += (before["amount"] or 0) != (row["amount"] or 0)
            later = before and before["close_date"] and row["close_date"] and row["close_date"] > before["close_date"]
            pushes += bool(status == "open" and later)
            opened |= status == "open"
            qualified |= status == "open" and row["qualified"] is not False
            before = row
        count["pushed_often"] += pushes >= 3
        count["single_version"] += len(line) == 1
        known = [row for row in line if row["effective_at"] <= NOW.replace(tzinfo=None)]
        if known and known[-1]["status"] == "open" and known[-1]["close_date"]:
            count["overdue"] += known[-1]["close_date"] < NOW.date()
    return count


@settings(max_examples=15, deadline=None)
@given(rows=histories(), order=st.randoms(use_true_random=False))
def test_counts_agree_with_plain_python_whatever_the_order_of_the_rows(rows: list[Row], order: Any) -> None:
    expected = oracle(rows)
    shuffled = rows[:]
    order.shuffle(shuffled)
    found = findings(shuffled, *expected)
    assert {name: finding.count for name, finding in found.items()} == dict(+expected)


def test_row_order_is_irrelevant_to_every_check_even_where_versions_tie() -> None:
    rows = [
        *clean(),
        version("tie", "2026-01-06", stage="Discovery", stage_order=1, probability=2000),
        version("tie", "2026-01-06", amount=None, close_date=None),
        won("tie", "2026-01-06", amount=0, region="E.M.E.A."),
        version(None, "2026-01-06"),
    ]
    first = checks.to_dicts(checks.run(history(rows), CONTEXT))
    shuffled = random.Random(7).sample(rows, len(rows))
    assert checks.to_dicts(checks.run(history(shuffled), CONTEXT)) == first


def _in_numbers(row: Row) -> Row:
    """The row with instants in microseconds and its close date in days, as SQLite must be given them."""
    told = {name: row[name] and to_micros(row[name]) for name in ("effective_at", "recorded_at", "created_at")}
    return row | told | {"close_date": row["close_date"] and (row["close_date"] - date(1970, 1, 1)).days}


def test_sqlite_finds_the_same() -> None:
    rows = [
        *clean(),
        version("a", "2026-01-06", amount=-1, region="emea", currency="Euro"),
        version("a", "2026-01-06", status="parked", probability=None),
        won("b", "2026-01-07", amount=900_000_000, probability=5000),
        version("B", "2026-01-08", close_date=date(2026, 1, 9), reconstructed_fields="stage"),
        version(None, "2026-01-07", region=None),
    ]
    numbers = ("effective_at", "recorded_at", "created_at", "close_date")
    schema = CANONICAL | dict.fromkeys(numbers, "int64") | {"region": "string"}
    columns = {name: [row[name] for row in map(_in_numbers, rows)] for name in schema}
    sqlite = ibis.sqlite.connect()
    table = sqlite.create_table("history", ibis.memtable(columns, schema=schema).to_pyarrow())

    def counts(found: list[checks.Finding]) -> dict[str, Any]:
        return {one.name: (one.count, one.opportunities, one.amount, one.subjects) for one in found}

    assert counts(checks.run(table, CONTEXT)) == counts(checks.run(history(rows), CONTEXT))


def test_today_is_the_people_s_day() -> None:
    rows = [version("a", "2026-01-06", close_date=date(2026, 2, 28)), version("a", "2026-01-07", close_date=date(2026, 2, 28))]
    midnight = replace(CONTEXT, now=datetime.fromisoformat("2026-03-01T03:00:00+00:00"))
    assert findings(rows, "overdue", context=midnight)["overdue"].count == 1
    assert findings(rows, "overdue", context=replace(midnight, timezone="America/New_York")) == {}
