"""The net view of a history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.ledger import net as ledger_net
from penstock.ledger.question import Horizon
from penstock.library.figures import Net
from penstock.library.pipeline import horizon_dict, window_dict
from penstock.library.view import Period, View, to_day

if TYPE_CHECKING:
    from penstock.library.history import History


def net(history: History, window: Period, view: View) -> Net:
    """Each deal compared at the two ends of the window, in order of its label's precedence, then by name."""
    question = history.question(window, view)
    first, last = to_day(window.first), max(to_day(window.last), to_day(window.first) + 1)
    table = ledger_net.net(history.movements(view.known_at), question, Horizon(first, last, last))
    rows = table.to_pyarrow().to_pylist()
    places = {label: place for place, label in enumerate(ledger_net.LABELS)}
    rows.sort(key=lambda row: (places[row["label"]], row["opportunity_id"]))
    return Net(
        window=window_dict(window),
        horizon=horizon_dict(question.horizon),
        measure=question.measure,
        currency=history.currencies.report,
        minor_unit=history.currencies.minor_unit,
        deals=tuple(rows),
        notes=history.notes,
    )
