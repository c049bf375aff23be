"""The postings of a history: the drill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from penstock.ledger import postings as ledger_postings
from penstock.ledger.movements import group_columns
from penstock.library.postings import Postings
from penstock.library.view import Period, View

if TYPE_CHECKING:
    from penstock.library.history import History


def postings(
    history: History,
    window: Period,
    view: View,
    *,
    element: str | None,
    line: str | None,
    group: Mapping[str, str | None] | None,
) -> Postings:
    """The postings of a window, narrowed. Raises ValueError for an element, line or dimension that there is not."""
    _require("element", element, ledger_postings.ELEMENTS)
    _require("line", line, ("new", "lost", *ledger_postings.LINES))
    movements = history.movements(view.known_at)
    question = history.question(window, view)
    table = ledger_postings.postings(movements, question)
    if element is not None:
        table = table.filter(table.element == element)
    if line is not None:
        table = table.filter(table.line == line)
    for name, value in (group or {}).items():
        _require("dimension among those split by", name, question.by)
        column = table[f"group_{name}"]
        table = table.filter(column.isnull() if value is None else column == value)
    currencies = history.currencies
    dimensions = group_columns(movements)
    return Postings(table, question.by, dimensions, question.measure, currencies.report, currencies.minor_unit)


def _require(what: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise ValueError(f"There is no {what} {value!r}. There are: {', '.join(known) or 'none'}.")
