"""Checks of close dates: they decide whether a deal is in the horizon."""

from __future__ import annotations

from typing import Final

import ibis.expr.types as ir

from penstock.ledger.violations import DAY, Check, CheckContext, phrase, versions, violations

FAR_DAYS: Final = 31
PUSHES: Final = 3


def _missing(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    return violations(
        t.filter((t.status == "open") & t.close.isnull()), phrase("open in stage '{}' without a close date", t.stage), t.stage
    )


def _before_creation(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    # The creation day is local; taken at the least offset of the zone, it is never later than the true one.
    created = _day(t.created + context.westmost_offset)
    t = t.mutate(early=created - t.close)
    found = t.filter(t.early > 0)
    return violations(found, phrase("close date {} lies {} days before the creation", found.close_date, found.early))


def _overdue(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    now = context.now_micros
    current = (t.effective_at <= now) & (t["last"] | (t.next_at > now))
    found = t.filter(current & (t.status == "open") & (t.close < context.today))
    late = context.today - found.close
    return violations(found, phrase("still open {} days after its close date {}", late, found.close_date))


def _far_from_closing(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    closing = t.status.isin(["won", "lost"]) & (t.previous_status.isnull() | (t.previous_status != t.status))
    t = t.filter(closing).mutate(apart=t.close - _day(t.effective_at))
    found = t.filter((t.apart > FAR_DAYS) | (t.apart < -FAR_DAYS))
    return violations(
        found,
        phrase("{} {} days away from its close date {}", found.status, found.apart.abs(), found.close_date),
        found.status,
    )


def _pushed_often(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    pushed = t.filter((t.status == "open") & (t.close > t.previous_close))
    often = pushed.group_by("opportunity_id").aggregate(times=pushed.count())
    often = often.filter(often.times >= PUSHES)
    found = t.filter(t["last"]).join(often, "opportunity_id")
    return violations(found, phrase("its close date was pushed {} times; it is now {}", found.times, found.close_date))


def _day(instant: ir.Value) -> ir.Value:
    """The UTC day of an instant, in days since 1970-01-01, also before 1970 (where % may come out negative)."""
    rest = (instant % DAY + DAY) % DAY
    return ((instant - rest) / DAY).round().cast("int64")


CHECKS: Final = (
    Check(
        "missing_close_date",
        "warning",
        "Open deals without a close date",
        "They lie in no horizon: pipeline, coverage and forecast lack them until a date is filled in and pulls them in.",
        "Fill in the close date, or ask with --horizon all to count them.",
        _missing,
    ),
    Check(
        "close_before_creation",
        "warning",
        "Close dates before the creation",
        "The deal is overdue from birth, hence never pipeline; a sales cycle by close date is negative.",
        "Correct the close date, or created_at if the deal was entered afterwards.",
        _before_creation,
    ),
    Check(
        "overdue",
        "warning",
        "Open deals whose close date has passed",
        "They are not pipeline of this quarter; they are listed as overdue beside it, and forecast by close date overlooks them.",
        "Give them a new close date, or close them.",
        _overdue,
    ),
    Check(
        "close_date_far_from_closing",
        "warning",
        "Deals won or lost more than 31 days from their close date",
        "The ledger books them when they were closed; a report by close date has the money in another period.",
        "Set the close date to the day of closing; for a history made of today's state, check how the closing moment was found.",
        _far_from_closing,
    ),
    Check(
        "pushed_often",
        "note",
        "Close dates pushed three times or more",
        "The deal keeps returning to the next quarter's pipeline: coverage looks better than what closes, slippage is high.",
        "Ask whether the deal is real; consider a lower forecast category.",
        _pushed_often,
    ),
)
