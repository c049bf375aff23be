"""Checks of the two times of a version and of the dates that it holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.instants import to_micros
from penstock.ledger.violations import DAY, Check, CheckContext, phrase, span, versions, violations

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
YEARS_AHEAD: Final = 20
STALE_DAYS: Final = 365


def _before_creation(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    early = t.filter(t.effective_at < t.created)
    return violations(
        early, phrase("it holds from {} before the opportunity was created", span(early.created - early.effective_at))
    )


def _created_changes(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    moved = t.filter((t.version > 0) & (t.created != t.previous_created))
    later = moved.created > moved.previous_created
    gap = ibis.ifelse(later, moved.created - moved.previous_created, moved.previous_created - moved.created)
    return violations(
        moved, phrase("created_at is {} {} than in the version before", span(gap), ibis.ifelse(later, "later", "earlier"))
    )


def _missing_created(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    return violations(t.filter((t.version == 0) & t.created.isnull()), ibis.literal("created_at is not filled in"))


def _in_future(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    ahead = t.filter(t.effective_at > context.now_micros)
    return violations(ahead, phrase("it holds only from {} after now", span(ahead.effective_at - context.now_micros)))


def _known_before_true(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    early = t.filter(t.recorded < t.effective_at)
    return violations(early, phrase("it was recorded {} before it became true", span(early.effective_at - early.recorded)))


def _late_corrections(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    late = t.filter(t.recorded > t.effective_at + DAY)
    return violations(late, phrase("it was recorded {} after it became true", span(late.recorded - late.effective_at)))


def _implausible_dates(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    first = to_micros(EARLIEST)
    final = context.now_micros + YEARS_AHEAD * 36525 * DAY // 100
    out = {
        "effective_at": (t.effective_at < first) | (t.effective_at > final),
        "created_at": (t.created < first) | (t.created > final),
        "close_date": (t.close < first // DAY) | (t.close > final // DAY),
    }
    # Joined by commas, so that each field is counted by itself.
    names: ir.Value = ibis.literal("")
    for name, odd in out.items():
        names = names + ibis.ifelse(odd.fill_null(False), f",{name}", "")
    t = t.mutate(odd=names)
    found = t.filter(t.odd != "")
    return violations(
        found,
        phrase("before 1990 or more than 20 years ahead: {} (close date {})", found.odd.substr(1), found.close_date),
        found.odd.substr(1),
    )


def _stale_open(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    still = t.filter(t["last"] & (t.status == "open") & (t.effective_at < context.now_micros - STALE_DAYS * DAY))
    return violations(still, phrase("open, and unchanged for {}", span(context.now_micros - still.effective_at)))


CHECKS: Final = (
    Check(
        "before_creation",
        "warning",
        "Versions from before the opportunity was created",
        "New pipeline is posted before the creation date: age and creation cohorts start later than the waterfall.",
        "Check the time zone of both columns (--timezone), or correct created_at.",
        _before_creation,
    ),
    Check(
        "created_at_changes",
        "warning",
        "The creation date changes from version to version",
        "Age, sales cycle and every figure by creation cohort depend on which version is asked.",
        "Keep one created_at per opportunity; a merge or a re-import often resets it.",
        _created_changes,
    ),
    Check(
        "missing_created_at",
        "note",
        "Opportunities without a creation date",
        "Their age is unknown and they are in no creation cohort; the pipeline and its movements are unaffected.",
        "Fill in created_at, or map it with --map created_at=COLUMN.",
        _missing_created,
    ),
    Check(
        "in_future",
        "warning",
        "Versions that hold only from a moment still to come",
        "A window that reaches past now contains movements that have not happened.",
        "Check the year, the date order (--map, day or month first) and the time zone of effective_at.",
        _in_future,
    ),
    Check(
        "known_before_true",
        "warning",
        "Versions recorded before they became true",
        "A report as known at an earlier day already has a change that came later; often two clocks or time zones.",
        "Check that effective_at and recorded_at are both in the same zone and not swapped.",
        _known_before_true,
    ),
    Check(
        "late_corrections",
        "note",
        "Corrections that became known more than a day late",
        "A period reported before they were recorded showed other figures; ask with --known-at to see those again.",
        "Nothing needs to be done; both views are kept.",
        _late_corrections,
    ),
    Check(
        "implausible_dates",
        "warning",
        "Dates before 1990 or more than 20 years ahead",
        "The deal leaves every horizon, or moves where no window looks; age and sales cycle become absurd.",
        "Correct the year; two-digit years and spreadsheet day numbers are the usual causes.",
        _implausible_dates,
    ),
    Check(
        "stale_open",
        "note",
        "Open deals without any change for more than a year",
        "They are counted as pipeline and held against coverage though nobody may be working on them; age rises.",
        "Close them as lost or confirm them.",
        _stale_open,
    ),
)
