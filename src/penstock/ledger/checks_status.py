"""Checks of statuses, of the way from open to closed, of probabilities and forecast categories."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.schema import STATUSES
from penstock.ledger.violations import Check, CheckContext, percent, phrase, versions, violations

CATEGORIES: Final = ("omitted", "pipeline", "best_case", "commit", "closed")
CLOSED: Final = ("won", "lost")
PROBABILITIES: Final = 3


def _unknown_status(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter(t.status.isnull() | t.status.notin(STATUSES))
    return violations(found, phrase("its status is '{}'", found.status), found.status.fill_null(""))


def _reopened(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter(t.previous_status.isin(CLOSED) & (t.status == "open"))
    return violations(found, phrase("{} before, open again", found.previous_status), found.previous_status)


def _result_reversed(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter(t.previous_status.isin(CLOSED) & t.status.isin(CLOSED) & (t.status != t.previous_status))
    return violations(found, phrase("{} before, now {}", found.previous_status, found.status), found.status)


def _back_from_removed(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.previous_status == "removed") & (t.status != "removed"))
    return violations(found, phrase("removed before, now {}", found.status), found.status)


def _born_closed(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.version == 0) & t.status.isin(CLOSED))
    return violations(found, phrase("its first version is {} already", found.status), found.status)


def _never_qualified(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    won = (t.status == "won") & (t.previous_status != "won")
    return violations(t.filter(won & t.opened & ~t.counted), ibis.literal("won, though none of its open versions was qualified"))


def _closed_uncertain(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    uncertain = ((t.status == "won") & (t.probability < 10_000)) | ((t.status == "lost") & (t.probability > 0))
    found = t.filter(uncertain)
    return violations(found, phrase("{} with a probability of {}", found.status, percent(found.probability)), found.status)


def _open_certain(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.status == "open") & t.probability.isin([0, 10_000]))
    return violations(found, phrase("open with a probability of {}", percent(found.probability)), percent(found.probability))


def _missing_probability(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.status == "open") & t.probability.isnull())
    return violations(found, phrase("open in stage '{}' without a probability", found.stage), found.stage.fill_null(""))


def _probability_out_of_range(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.probability < 0) | (t.probability > 10_000))
    return violations(found, phrase("its probability is {}", percent(found.probability)))


def _probability_varies(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    t = t.filter((t.status == "open") & t.stage.notnull() & t.probability.notnull())
    spread = t.group_by("stage").aggregate(different=t.probability.nunique(), least=t.probability.min(), most=t.probability.max())
    found = t.join(spread.filter(spread.different > PROBABILITIES), "stage")
    detail = phrase(
        "{} in stage '{}', where {} different probabilities occur, {} to {}",
        percent(found.probability),
        found.stage,
        found.different,
        percent(found.least),
        percent(found.most),
    )
    return violations(found, detail, found.stage)


def _unknown_category(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter(t.forecast_category.notin(CATEGORIES))
    return violations(found, phrase("its forecast category is '{}'", found.forecast_category), found.forecast_category)


def _category_contradicts(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    open_closed = (t.status == "open") & (t.forecast_category == "closed")
    won_elsewhere = (t.status == "won") & (t.forecast_category != "closed")
    found = t.filter(open_closed | won_elsewhere)
    return violations(found, phrase("{} in forecast category '{}'", found.status, found.forecast_category), found.status)


CHECKS: Final = (
    Check(
        "unknown_status",
        "error",
        "Statuses other than open, won, lost and removed",
        "The ledger takes these versions as removed: their money leaves the pipeline or never enters it.",
        "Map each status of the source with --stages FILE or in the mapping, or correct it.",
        _unknown_status,
    ),
    Check(
        "reopened",
        "note",
        "Deals reopened after they were won or lost",
        "A won one takes its booking back in the window of the reopening; a lost one comes back as change, not as new.",
        "Prefer a new opportunity for a new attempt; otherwise nothing needs to be done.",
        _reopened,
    ),
    Check(
        "result_reversed",
        "warning",
        "Deals that went from won to lost or from lost to won without being open",
        "The win or loss of an earlier period is taken back in a later one; win rates depend on when they are asked for.",
        "Correct the first result at its own instant if it was a slip.",
        _result_reversed,
    ),
    Check(
        "back_from_removed",
        "note",
        "Deals that came back after they were removed",
        "Their money returns to the pipeline as restored, which is change in value and not new.",
        "Check whether the source really removes deals, or an export left some out for a while.",
        _back_from_removed,
    ),
    Check(
        "born_closed",
        "warning",
        "Deals whose first version is won or lost",
        "No open version: sales cycle and stage conversion are unknown; new and closed won fall on the same instant.",
        "Give the history of their fields with --history FILE, or enter deals before they close.",
        _born_closed,
    ),
    Check(
        "never_qualified",
        "warning",
        "Won deals that were never qualified while open",
        "They were never pipeline: new and closed won are posted together, and coverage and conversion did not see them coming.",
        "Check the first counted stage and the fields it requires, or qualify deals before they are won.",
        _never_qualified,
    ),
    Check(
        "closed_uncertain",
        "warning",
        "Won deals below 100 % or lost deals above 0 %",
        "A weighted report that trusts the field counts closed deals in part; the ledger takes won as 100 % and differs from it.",
        "Let the CRM set the probability when a deal is closed.",
        _closed_uncertain,
    ),
    Check(
        "open_certain",
        "warning",
        "Open deals with 0 % or 100 %",
        "The weighted pipeline counts them in full or not at all, as if they were decided.",
        "Close them, or give them the probability of their stage.",
        _open_certain,
    ),
    Check(
        "missing_probability",
        "warning",
        "Open deals without a probability",
        "They count as zero in the weighted pipeline and in a weighted forecast.",
        "Fill the probability in, or give it by stage with --stages FILE.",
        _missing_probability,
    ),
    Check(
        "probability_out_of_range",
        "error",
        "Probabilities below 0 % or above 100 %",
        "Weighted pipeline and weighted forecast can exceed the amounts or turn negative.",
        "Check whether the column holds fractions, percent or basis points.",
        _probability_out_of_range,
    ),
    Check(
        "probability_varies",
        "note",
        "Stages in which more than three different probabilities occur",
        "Weighted figures rest on the hand of each rep and not on the stage: they cannot be compared between people or quarters.",
        "Give one probability by stage with --stages FILE, or weigh by what the stage has won in the past.",
        _probability_varies,
    ),
    Check(
        "unknown_forecast_category",
        "warning",
        "Forecast categories that are not known",
        "They are in none of commit, best case and pipeline, so the forecast by category lacks their money.",
        "Use omitted, pipeline, best_case, commit or closed, or map the source's own words.",
        _unknown_category,
    ),
    Check(
        "category_contradicts_status",
        "warning",
        "Forecast categories that contradict the status",
        "An open deal under closed is forecast as booked; a won one elsewhere is missing from closed and may be counted twice.",
        "Let the CRM set the forecast category from the stage.",
        _category_contradicts,
    ),
)
