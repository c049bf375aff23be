"""SQL that was compiled for one question and asked again for others gives what compiling anew gives."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from penstock.ledger import waterfall as ledger_waterfall
from penstock.ledger.question import Horizon, Question
from penstock.library import History, prepared
from penstock.library.pipeline import _built
from penstock.library.view import View, next_horizon
from tests.ledger.oracle import Version
from tests.ledger.tables import history
from tests.ledger.test_laws import company

WINDOWS = (("2026-01-01", "2026-02-01"), ("2026-01-15", "2026-04-01"), ("2026-04-01", "2026-04-01"))
HORIZONS: tuple[Any, ...] = ("4q", "all", ("2026-02-01", "2026-05-01"))


def made(seed: int) -> History:
    return history(company(seed), ["region", "owner"])


@pytest.fixture(scope="module")
def histories() -> list[History]:
    """Of one shape, with other data."""
    return [made(1), made(2)]


def questions(seen: History, **view: Any) -> list[tuple[Question, Horizon | None]]:
    asked = []
    for (start, end), horizon in product(WINDOWS, HORIZONS):
        question = seen.question(seen.period(start, end), View(horizon=horizon, **view))
        asked.append((question, None if question.horizon is None else next_horizon(question.horizon, seen.calendar)))
    return asked


def sorted_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [(row[name] is None, str(row[name])) for name in row if name.startswith("group_")])


@pytest.mark.parametrize("view", [{}, {"by": ("region",)}, {"by": ("owner", "region"), "as_is": True, "measure": "weighted"}])
def test_asked_again_is_compiled_anew(histories: list[History], view: dict[str, Any]):
    for number, seen in enumerate(histories):
        for question, following in questions(seen, **view)[number :: 2 if view else 1]:
            quick = prepared.ask(seen.movements(), "waterfall", _built, question, following)
            slow = ledger_waterfall.waterfall(seen.movements(), question, following=following).to_pyarrow().to_pylist()
            assert sorted_rows(quick) == sorted_rows(slow)


def test_other_data_and_other_moments_give_other_figures(histories: list[History]):
    """The figures above are not all alike, so that a mixed-up question would be seen."""
    found = {
        (number, str(question.horizon), question.start): str(
            prepared.ask(seen.movements(), "waterfall", _built, question, following)
        )
        for number, seen in enumerate(histories)
        for question, following in questions(seen)
    }
    assert len(found) == 18
    assert len(set(found.values())) >= 16


def test_what_is_compiled_holds_no_moment_and_serves_all(histories: list[History], monkeypatch: pytest.MonkeyPatch):
    """One compilation for any number of windows; another where the horizon is that of all close dates, or the measure differs."""
    monkeypatch.setattr(prepared, "_compiled", {})
    for seen in histories:
        for question, following in questions(seen):
            prepared.ask(seen.movements(), "waterfall", _built, question, following)
    assert len(prepared._compiled) == 2
    question, following = questions(histories[0])[0]
    prepared.ask(histories[0].movements(), "waterfall", _built, replace(question, measure="count"), following)
    assert len(prepared._compiled) == 3
    micros = str(question.start)
    assert not any(micros in sql for sql in prepared._compiled.values())


def test_values_that_look_like_the_marks_in_the_sql_are_left_alone():
    """Amounts and names come from the data, never from the text of the query."""
    chance = random.Random(3)
    versions = [replace(version, amount=2_000_000_001) for version in company(chance.randrange(99))]
    versions = [replace(version, dims={"region": "7000000000000000001", "owner": "2000000001"}) for version in versions]
    seen = history(versions, ["region", "owner"])
    for question, following in questions(seen, by=("region",))[:2]:
        quick = prepared.ask(seen.movements(), "waterfall", _built, question, following)
        slow = ledger_waterfall.waterfall(seen.movements(), question, following=following).to_pyarrow().to_pylist()
        assert sorted_rows(quick) == sorted_rows(slow)
        assert {row["group_region"] for row in quick} == {"7000000000000000001"}
    assert isinstance(versions[0], Version)


def test_tables_with_a_name_of_several_parts_are_told_apart():
    """In one database, two histories' movements in tables that SQL calls by catalog, schema and name."""
    backend: Any = made(1).table.get_backend()
    question, following = questions(made(1))[1]
    found = []
    for seed in (1, 2):
        moved = backend.create_table(f"moved_{seed}", made(seed).movements().to_pyarrow())
        found.append(prepared.ask(moved, "waterfall", _built, question, following))
        assert found[-1] == ledger_waterfall.waterfall(moved, question, following=following).to_pyarrow().to_pylist()
    assert found[0] != found[1]


def test_known_at_is_another_table_for_the_same_sql(histories: list[History]):
    seen = histories[0]
    now = seen.waterfall("2026-01-15", "2026-04-01", horizon="all")
    then = seen.waterfall("2026-01-15", "2026-04-01", horizon="all", known_at="2026-02-01")
    known = [version for version in company(1) if version.recorded <= seen.calendar.midnight(date(2026, 2, 1))]
    assert (
        then.total.to_dict()
        == history(known, ["region", "owner"]).waterfall("2026-01-15", "2026-04-01", horizon="all").total.to_dict()
    )
    assert then.total.to_dict() != now.total.to_dict()
