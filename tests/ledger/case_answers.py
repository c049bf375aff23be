"""What the library answers to the question of a case, compared with what the case expects: one function for each key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from penstock.ledger.calendar import parse_instant
from penstock.ledger.rates import MissingRate, MissingRates
from penstock.library import History, Waterfall
from penstock.library.waterfall import ELEMENTS, Figures
from tests.ledger.case_files import DIMENSIONS, Question, blank, figures, minor


@dataclass(frozen=True)
class Answer:
    """A history and a question of it; what is asked for is computed once."""

    history: History
    question: Question
    digits: int

    @cached_property
    def view(self) -> dict[str, Any]:
        return view_of(self.question.ask)

    @cached_property
    def when(self) -> tuple[Any, ...]:
        ask = self.question.ask
        return (ask["quarter"],) if "quarter" in ask else (ask["from"], ask["to"])

    @cached_property
    def waterfall(self) -> Waterfall:
        return self.history.waterfall(*self.when, **self.view)

    def check(self) -> None:
        """Compare everything that is expected."""
        for name, expected in self.question.expect.items():
            CHECKS[name](self, expected)

    def money(self, said: Mapping[str, str]) -> dict[str, int]:
        """Named amounts as written, in minor units, zeros kept."""
        return {name: minor(text, self.digits) for name, text in said.items()}


def view_of(ask: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a question as the library takes them."""
    view: dict[str, Any] = {name: ask[name] for name in ("measure", "known_at") if name in ask}
    if "horizon" in ask:
        view["horizon"] = ask["horizon"] if isinstance(ask["horizon"], str) else tuple(ask["horizon"])
    if "by" in ask:
        view["by"] = [ask["by"]] if isinstance(ask["by"], str) else ask["by"]
    return view | ({"as_is": {"yes": True, "no": False}[ask["as_is"]]} if "as_is" in ask else {})


def flat(found: Figures) -> dict[str, int]:
    """Elements, lines and residual that are not zero."""
    named = {name: getattr(found, name) for name in (*ELEMENTS, "residual")} | dict(found.lines)
    return {name: figure for name, figure in named.items() if figure}


def elements(answer: Answer, expected: Mapping[str, str]) -> None:
    """All six elements and every line; what is not named must be zero."""
    lines = answer.question.expect.get("lines") or {}
    assert flat(answer.waterfall.total.money) == figures(expected, answer.digits) | figures(lines, answer.digits)


def counts(answer: Answer, expected: Mapping[str, str]) -> None:
    """The same in deals, elements and lines together."""
    assert flat(answer.waterfall.total.counts) == figures(expected, 0)


def groups(answer: Answer, expected: Sequence[Mapping[str, str]]) -> None:
    """Every group's elements and lines; what is not named must be zero, and there is no other group."""
    by = answer.view["by"]
    found = {tuple(group.group.values()): flat(group.money) for group in answer.waterfall.groups}
    assert found == {
        tuple(blank(row[name]) for name in by): figures({k: v for k, v in row.items() if k not in by}, answer.digits)
        for row in expected
    }


def parts(answer: Answer, expected: Mapping[str, Mapping[str, str]]) -> None:
    """Starting and ending pipeline by this quarter and next three."""
    assert answer.waterfall.total.parts == {end: answer.money(said) for end, said in expected.items()}


def overdue(answer: Answer, expected: Mapping[str, str]) -> None:
    """Money of open deals whose close date had passed."""
    assert answer.waterfall.total.overdue == answer.money(expected)


def overdue_deals(answer: Answer, expected: Mapping[str, str]) -> None:
    """How many they are."""
    assert answer.waterfall.total.overdue_counts == {end: int(count) for end, count in expected.items()}


def roll(answer: Answer, expected: Mapping[str, str]) -> None:
    """From the ending to the starting pipeline of the next quarter."""
    assert answer.waterfall.total.roll == answer.money(expected)


def window(answer: Answer, expected: Sequence[str]) -> None:
    """The window's instants, UTC."""
    assert answer.waterfall.window == {"start": expected[0], "end": expected[1]}


def horizon(answer: Answer, expected: Sequence[str] | str) -> None:
    """The close dates that count."""
    wanted = None if isinstance(expected, str) else {"start": expected[0], "end": expected[1]}
    assert answer.waterfall.horizon == wanted


def postings(answer: Answer, expected: Sequence[Mapping[str, str]]) -> None:
    """Every posting in order: when, element/line, amount, deal (A if not said) and group."""
    timezone = answer.history.calendar.timezone
    found = [
        (p["opportunity_id"], p["at"], p["element"], p["line"], p["amount"], tuple(p["group"].values()))
        for p in answer.history.postings(*answer.when, **answer.view).rows()
    ]
    wanted = []
    for row in expected:
        element, _, line = row["posts"].partition("/")
        at = parse_instant(row["at"], timezone).isoformat().replace("+00:00", "Z")
        group = tuple(blank(row[name]) for name in DIMENSIONS if name in row)
        wanted.append((row.get("deal", "A"), at, element, line or element, minor(row["amount"], answer.digits), group))
    assert found == wanted


def net(answer: Answer, expected: Mapping[str, Sequence[str]]) -> None:
    """Each deal's label and money, in the net view."""
    found = {
        deal["opportunity_id"]: (deal["label"], deal["amount"]) for deal in answer.history.net(*answer.when, **answer.view).deals
    }
    assert found == {deal: (label, minor(money, answer.digits)) for deal, (label, money) in expected.items()}


def snapshot(answer: Answer, expected: Mapping[str, str]) -> None:
    """Open pipeline at an instant, and overdue_ beside it; what is not named must be zero."""
    total = answer.history.snapshot(answer.question.ask["at"], **answer.view).total
    measures = ("amount", "weighted", "count")
    found = {name: total[name] for name in measures} | {f"overdue_{name}": total["overdue"][name] for name in measures}
    wanted = {name: minor(text, 0 if name.endswith("count") else answer.digits) for name, text in expected.items()}
    assert {name: figure for name, figure in found.items() if figure} == {
        name: figure for name, figure in wanted.items() if figure
    }


def deals(answer: Answer, expected: Mapping[str, Sequence[str]]) -> None:
    """Each open deal's place and money at an instant."""
    rows = answer.history.deals(answer.question.ask["at"], **answer.view).to_pyarrow().to_pylist()
    found = {row["opportunity_id"]: (row["place"], row["amount"]) for row in rows}
    assert found == {deal: (place, minor(money, answer.digits)) for deal, (place, money) in expected.items()}


def refused(answer: Answer, expected: Sequence[str]) -> None:
    """The question is refused for a rate that is not there; the words say each of these."""
    with pytest.raises((MissingRate, MissingRates)) as refusal:
        answer.history.waterfall(*answer.when, **answer.view)
    assert [word for word in expected if word not in str(refusal.value)] == []


CHECKS: dict[str, Callable[[Answer, Any], None]] = {
    check.__name__: check
    for check in (
        elements,
        counts,
        groups,
        parts,
        overdue,
        overdue_deals,
        roll,
        window,
        horizon,
        postings,
        net,
        snapshot,
        deals,
        refused,
    )
}
CHECKS["lines"] = lambda answer, expected: None  # compared with the elements
