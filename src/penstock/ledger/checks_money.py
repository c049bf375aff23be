"""Checks of amounts and their currencies."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from penstock.ledger.money import AMOUNT_LIMIT, EXCEPTIONAL_MINOR_UNITS, NO_CURRENCY, currency_code
from penstock.ledger.violations import Check, CheckContext, blank, complete, decimal_text, nothing, phrase, versions, violations

# So many times the median of the positive amounts in the same currency is worth a look.
IMPLAUSIBLE: Final = 1000


def money(amount: ir.Value, currency: ir.Value, context: CheckContext) -> ir.Value:
    """An amount in minor units as text with its currency: 123450 in EUR reads 1234.50 EUR."""
    places = ibis.cases(
        (currency.isnull(), context.minor_unit),
        *((currency == code, digits) for code, digits in EXCEPTIONAL_MINOR_UNITS.items()),
        else_=2,
    ).cast("int32")  # PostgreSQL cuts texts by no wider integer
    return decimal_text(amount, places) + ibis.ifelse(blank(currency.fill_null("")), "", ibis.literal(" ") + currency)


def _missing_open(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.status == "open") & t.amount.isnull())
    return violations(found, phrase("open in stage '{}' without an amount", found.stage), found.stage.fill_null(""))


def _missing_won(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    return violations(t.filter((t.status == "won") & t.amount.isnull()), ibis.literal("won without an amount"))


def _won_for_nothing(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.status == "won") & (t.amount <= 0))
    return violations(found, phrase("won with {}", money(found.amount, found.currency, context)))


def _negative_open(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.status == "open") & (t.amount < 0))
    return violations(found, phrase("open with {}", money(found.amount, found.currency, context)))


def _implausible(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    t = t.mutate(coin=t.currency.fill_null(""))
    positive = t.filter((t.amount > 0) & (t.amount <= AMOUNT_LIMIT))
    usual = _medians(positive)
    found = positive.join(usual, "coin")
    found = found.filter(found.amount > found.median * IMPLAUSIBLE)
    middle = money(found.median.round().cast("int64"), found.currency, context)
    return violations(
        found,
        phrase("{} is more than 1000 times the median of {}", money(found.amount, found.currency, context), middle),
    )


def _medians(t: ir.Table) -> ir.Table:
    """coin · median of its amounts; by rank where the database has no median of its own (SQLite)."""
    if t.get_backend().has_operation(ops.Median):
        return t.group_by("coin").aggregate(median=t.amount.median())
    rank = ibis.row_number().over(ibis.window(group_by="coin", order_by="amount")) + 1
    ranked = t.select("coin", "amount", rank=rank, rows=t.count().over(ibis.window(group_by="coin")))
    middle = ranked.filter((2 * ranked["rank"] >= ranked["rows"]) & (2 * ranked["rank"] <= ranked["rows"] + 2))
    return middle.group_by("coin").aggregate(median=middle.amount.mean())


def _beyond_range(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    found = t.filter((t.amount > AMOUNT_LIMIT) | (t.amount < -AMOUNT_LIMIT))
    return violations(found, phrase("{} is beyond what is held exactly", money(found.amount, found.currency, context)))


def _changed_after_closing(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    closed = t.status.isin(["won", "lost"]) & (t.status == t.previous_status)
    found = t.filter(closed & (t.amount.fill_null(0) != t.previous_amount.fill_null(0)))
    was = money(found.previous_amount.fill_null(0), found.currency, context)
    now = money(found.amount.fill_null(0), found.currency, context)
    return violations(found, phrase("{} already, its amount went from {} to {}", found.status, was, now), found.status)


def _missing_currency(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    known = t.filter(~_without_currency(t)).count().name("known").as_table()
    found = t.filter(_without_currency(t) & t.amount.notnull()).cross_join(known)
    found = found.filter(found.known > 0)
    return violations(found, phrase("the amount {} has no currency", money(found.amount, found.currency, context)))


def _mixed_currencies(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    told = t.filter(~_without_currency(t))
    spread = told.group_by("opportunity_id").aggregate(least=told.currency.min(), most=told.currency.max())
    found = t.filter(t["last"]).join(spread.filter(spread.least != spread.most), "opportunity_id")
    return violations(found, phrase("its versions are in {} and {}", found.least, found.most))


def _unknown_currency(history: ir.Table, context: CheckContext) -> ir.Table:
    t = complete(history)
    codes = t.filter(~blank(t["currency"])).select("currency").distinct().to_pyarrow().column("currency").to_pylist()
    unknown = sorted(code for code in codes if not _is_code(code))
    if not unknown:
        return nothing(t)
    found = t.filter(t["currency"].isin(unknown))
    return violations(found, phrase("'{}' is not a currency code of ISO 4217", found["currency"]), found["currency"])


def _is_code(text: str) -> bool:
    try:
        return currency_code(text) == text
    except ValueError:
        return False


def _without_currency(t: ir.Table) -> ir.Value:
    return blank(t.currency) | (t.currency == NO_CURRENCY)


CHECKS: Final = (
    Check(
        "missing_amount_open",
        "warning",
        "Open deals without an amount",
        "They count as zero: pipeline and coverage are too low, and an amount filled in later is an increase, not new.",
        "Fill in the amount, or set the deals to unqualified until it is known.",
        _missing_open,
    ),
    Check(
        "missing_amount_won",
        "warning",
        "Won deals without an amount",
        "Closed won lacks their money; average deal size and win rate by money are wrong.",
        "Fill in the amount from the contract.",
        _missing_won,
    ),
    Check(
        "won_for_nothing",
        "warning",
        "Won deals with a zero or negative amount",
        "A negative one lowers closed won like a booking taken back; a zero one lowers the average deal size and velocity.",
        "Correct the amount; keep credit notes and cancellations out of the opportunities.",
        _won_for_nothing,
    ),
    Check(
        "negative_amount_open",
        "warning",
        "Open deals with a negative amount",
        "They take money out of the pipeline that other deals hold; coverage is too low.",
        "Correct the sign; keep expected reductions out of the opportunities.",
        _negative_open,
    ),
    Check(
        "amount_implausible",
        "note",
        "Amounts of more than 1000 times the median",
        "One such deal can outweigh all others in pipeline, coverage and average deal size.",
        "Check for a slipped decimal point or an amount in another currency.",
        _implausible,
    ),
    Check(
        "amount_beyond_range",
        "error",
        "Amounts beyond nine hundred million million minor units",
        "Weighted amounts and sums are not exact any more, so no waterfall with these deals can be trusted to tie out.",
        "Correct the amount; a telephone number or an id in the amount column is the usual cause.",
        _beyond_range,
    ),
    Check(
        "amount_changed_after_closing",
        "warning",
        "Amounts changed after the deal was closed",
        "For a won deal the booking is taken back and booked anew in a later window: closed won of two periods moves.",
        "Put the change into its own opportunity, or correct it at the instant of closing.",
        _changed_after_closing,
    ),
    Check(
        "missing_currency",
        "warning",
        "Amounts without a currency while others have one",
        "They cannot be converted: added up with the rest they count as if they were in the report's currency.",
        "Fill in the currency, or give the one that all are in with --currency.",
        _missing_currency,
    ),
    Check(
        "mixed_currencies",
        "warning",
        "Opportunities whose currency changed",
        "The change shows as increase or decrease although the deal may be worth the same.",
        "Give rates with --rates FILE, and check that the amount was changed along with its currency.",
        _mixed_currencies,
    ),
    Check(
        "unknown_currency",
        "error",
        "Currencies that are no ISO 4217 code",
        "No rate can be found for them and their decimals are not known: the amount can be wrong by a factor of a hundred.",
        "Write the three capital letters, such as EUR or USD.",
        _unknown_currency,
        "history",
    ),
)
