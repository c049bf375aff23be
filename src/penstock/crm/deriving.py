"""What follows from the rest: an opportunity's status, qualification, probability and category from its stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.crm.models import Account, Opportunity, Pipeline, Stage, StageKind, Status

# Facts of the account that an opportunity carries, as they were at each moment.
INHERITED = ("region", "country", "segment", "industry")


def derived(opportunity: Opportunity, stage: Stage, pipeline: Pipeline) -> dict[str, Any]:
    """The fields of an opportunity that follow from its stage and its other fields, by attribute name.

    status: removed, or the stage's kind. qualified: the stage counts and the pipeline's required fields are filled
    (definitions §2). probability and forecast_category: the stage's, unless set by hand on an open deal.
    """
    closed = stage.kind != StageKind.OPEN
    found: dict[str, Any] = {
        "stage_order": stage.position,
        "status": Status.REMOVED if opportunity.removed_at else Status(stage.kind),
        "qualified": (stage.counted or closed) and (closed or not missing(opportunity, pipeline.required_fields)),
    }
    if closed or not opportunity.probability_by_hand:
        found |= {"probability": stage.probability, "probability_by_hand": False}
    if closed or not opportunity.category_by_hand:
        found |= {"forecast_category": stage.forecast_category, "category_by_hand": False}
    return found


def missing(opportunity: Opportunity, fields: list[str]) -> list[str]:
    """The fields of these, as `amount` or `custom.key`, that are not filled."""
    return [name for name in fields if value_of(opportunity, name) in (None, "", [], {})]


def value_of(opportunity: Opportunity, name: str) -> Any:
    """The value of a field by its name; `custom.key` for a custom field."""
    if name.startswith("custom."):
        return opportunity.custom.get(name.removeprefix("custom."))
    return getattr(opportunity, name, None)


def inherited(account: Account) -> dict[str, Any]:
    """The account's facts that its opportunities carry."""
    return {name: getattr(account, name) for name in INHERITED}


def values_of_lines(lines: list[Mapping[str, Any]]) -> dict[str, int]:
    """ACV (as `amount`), TCV and MRR of an opportunity from its lines, minor units, each rounded half to even once per line.

    A line's price for one billing period is quantity × unit price less discount. MRR = that ÷ months in a period, of recurring
    lines; ACV = the recurring part over twelve months; TCV = recurring × term + one-time (definitions §7). A contract without a
    recurring line has what it costs once as its ACV.
    """
    mrr = acv = tcv = once = 0
    for line in lines:
        # Thousandths of units × minor units × basis points left.
        price = line["quantity"] * line["unit_price"] * (10_000 - line["discount"])
        scale = 1_000 * 10_000
        if line["recurring"]:
            period = line["billing_months"]
            mrr += half_even(price, scale * period)
            acv += half_even(price * 12, scale * period)
            tcv += half_even(price * line["term_months"], scale * period)
        else:
            once += half_even(price, scale)
    recurring = any(line["recurring"] for line in lines)
    return {"amount": acv if recurring else once, "tcv": tcv + once, "mrr": mrr}


def half_even(numerator: int, denominator: int) -> int:
    """A quotient rounded to the nearest whole number, halves to even."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))
