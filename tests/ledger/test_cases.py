"""Every case in tests/cases: a tiny history, a question, and the figures that the definitions give, reached by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ibis
import pytest
from ibis.backends import BaseBackend

from penstock.ledger.calendar import FiscalCalendar, parse_instant
from penstock.ledger.net import LABELS
from penstock.ledger.postings import LINES
from penstock.library import History
from penstock.library.waterfall import ELEMENTS
from tests.ledger import oracle
from tests.ledger.case_answers import CHECKS, Answer, view_of
from tests.ledger.case_files import DIMENSIONS, EXPECTED, Case, CaseError, Question, figures, load
from tests.ledger.tables import arrow

FILES = sorted((Path(__file__).resolve().parents[1] / "cases").glob("*.yaml"))


@pytest.fixture(scope="module")
def con() -> Iterator[BaseBackend]:
    """One DuckDB for all cases: a table costs less than a database."""
    con = ibis.duckdb.connect()
    yield con
    con.disconnect()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_case(con: BaseBackend, path: Path) -> None:
    case = load(path)
    history = History(con.create_table(f"case_{path.stem}", arrow(case.versions, DIMENSIONS)), **case.options)
    for question in case.questions:
        Answer(history, question, digits_of(case, question)).check()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_oracle_agrees_with_the_case(path: Path) -> None:
    """The oracle of the property tests is held to the same figures, but for what it does not know: rates."""
    case = load(path)
    for question in case.questions:
        if "rates" in case.options or "elements" not in question.expect:
            continue
        found: Counter[str] = Counter()
        for row in oracle.waterfall(case.versions, asked_of_oracle(case, question)).values():
            found.update(row)
        expected = figures(question.expect["elements"], digits_of(case, question))
        expected |= figures(question.expect.get("lines") or {}, digits_of(case, question))
        assert {name: figure for name, figure in found.items() if figure} == {
            name: figure for name, figure in expected.items() if name not in ("change", "won")
        }


def test_every_element_line_and_label_has_a_case() -> None:
    expected: set[str] = set()
    for path in FILES:
        for question in load(path).questions:
            expected |= {*question.expect.get("elements", ()), *(question.expect.get("lines") or ())}
            expected |= {f"net {label}" for label, _ in question.expect.get("net", {}).values()}
    assert {*ELEMENTS, *LINES, *(f"net {label}" for label in LABELS)} <= expected


def test_every_key_of_expect_is_compared() -> None:
    assert CHECKS.keys() == EXPECTED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("history: []", "comment"),
        ("# Nothing is expected.\nhistory: [{at: 2026-01-01}]\nask: {quarter: 2026Q1}\n", "expect something"),
        ("# A word is misspelt.\nhistory: [{at: 2026-01-01, ammount: 1}]\n", "ammount means nothing"),
        ("# A figure has no name.\nhistory: []\nask: {quarter: 2026Q1}\nexpect: {totals: {}}\n", "totals means nothing"),
        ("# It does not add up.\nhistory: []\nask: {quarter: 2026Q1}\nexpect: {elements: {new: 100}}\n", "do not add up"),
        ("# Lines do not.\nhistory: []\nask: {quarter: 2026Q1}\nexpect: {elements: {}, lines: {increase: 1}}\n", "do not add up"),
    ],
)
def test_a_faulty_case_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=says):
        load(path)


def digits_of(case: Case, question: Question) -> int:
    return 0 if question.ask.get("measure") == "count" else case.digits


def asked_of_oracle(case: Case, question: Question) -> oracle.Asked:
    ask, view = question.ask, view_of(question.ask)
    calendar: FiscalCalendar = case.options["calendar"]
    if "quarter" in ask:
        quarter = calendar.parse_quarter(ask["quarter"])
        start, end = calendar.midnight(quarter.start), calendar.midnight(quarter.end)
    else:
        start, end = (parse_instant(ask[name], calendar.timezone) for name in ("from", "to"))
    chosen = view.get("horizon", "4q")
    horizon = calendar.horizon(calendar.local_date(start)) if chosen == "4q" else None
    if isinstance(chosen, tuple):
        horizon = (date.fromisoformat(chosen[0]), date.fromisoformat(chosen[1]))
    known_at = parse_instant(ask["known_at"], calendar.timezone) if "known_at" in ask else None
    by = tuple(view.get("by", ()))
    return oracle.Asked(start, end, horizon, by, view.get("as_is", False), view.get("measure", "amount"), known_at)
