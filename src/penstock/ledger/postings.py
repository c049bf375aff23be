"""Movements become signed postings, by the rule table of the definitions (section 3): one rule a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import ibis
import ibis.expr.types as ir

from penstock.ledger import exact, schema
from penstock.ledger.holdings import BEYOND, OVERDUE, PIPELINE, group_of, place, regrouped
from penstock.ledger.question import Question
from penstock.ledger.valuation import valued

ELEMENTS: Final = ("new", "change", "won", "lost")
Side = Literal["before", "after"]
Test = Callable[[ir.Table], ir.Value]


@dataclass(frozen=True)
class Rule:
    """A posting: under which element and line, when, in whose group (the version's before or after), and how much.

    money: linear in the values of the movement, so that it can also be asked of their sums.
    """

    element: str
    line: str
    side: Side
    when: Test
    money: Test


def _gains(m: ir.Table) -> ir.Value:
    return ~m.before_holds & m.after_holds


def _keeps(m: ir.Table) -> ir.Value:
    return m.before_holds & m.after_holds


def _loses(m: ir.Table) -> ir.Value:
    return m.before_holds & ~m.after_holds


def _unqualified(m: ir.Table) -> ir.Value:
    return m.before_place == schema.UNQUALIFIED


def _outside(m: ir.Table) -> ir.Value:
    return (m.before_place == BEYOND) | (m.before_place == OVERDUE)


# fmt: off
RULES: Final[tuple[Rule, ...]] = (
    # 1. b is won: the booking is taken back.
    Rule("won", "reversed", "before",
         lambda m: (m.before_place == schema.WON) & ~m.same_booking, lambda m: m.before_value),
    # 2. Value moves. Holds before and after: into another group, then the difference by its cause.
    Rule("change", "transferred_out", "before", lambda m: _keeps(m) & m.regrouped, lambda m: -m.before_value),
    Rule("change", "transferred_in", "after", lambda m: _keeps(m) & m.regrouped, lambda m: m.before_value),
    Rule("change", "currency", "after",
         lambda m: _keeps(m) & (m.rated_value != m.before_value), lambda m: m.rated_value - m.before_value),
    Rule("change", "increase", "after",
         lambda m: _keeps(m) & (m.repriced_value > m.rated_value), lambda m: m.repriced_value - m.rated_value),
    Rule("change", "decrease", "after",
         lambda m: _keeps(m) & (m.repriced_value < m.rated_value), lambda m: m.repriced_value - m.rated_value),
    Rule("change", "probability", "after",
         lambda m: _keeps(m) & (m.after_value != m.repriced_value), lambda m: m.after_value - m.repriced_value),
    # Held nothing, holds now.
    Rule("new", "new", "after",
         lambda m: _gains(m) & ((m.before_place == schema.NONE) | (_unqualified(m) & ~m.counted)),
         lambda m: m.after_value),
    Rule("change", "reopened", "after",
         lambda m: _gains(m) & (m.before_place == schema.LOST), lambda m: m.after_value),
    Rule("change", "restored", "after",
         lambda m: _gains(m) & ((m.before_place == schema.REMOVED) | (_unqualified(m) & m.counted)),
         lambda m: m.after_value),
    Rule("change", "pulled_in", "after",
         lambda m: _gains(m) & _outside(m), lambda m: m.after_value),
    # Held before, holds nothing now: what left is what it held, whatever the amount field now says.
    Rule("lost", "lost", "before",
         lambda m: _loses(m) & (m.after_place == schema.LOST), lambda m: -m.before_value),
    Rule("change", "removed", "before",
         lambda m: _loses(m) & m.after_place.isin([schema.REMOVED, schema.UNQUALIFIED]),
         lambda m: -m.before_value),
    Rule("change", "pushed_out", "before",
         lambda m: _loses(m) & (m.after_place == BEYOND), lambda m: -m.before_value),
    Rule("change", "pulled_out", "before",
         lambda m: _loses(m) & (m.after_place == OVERDUE), lambda m: -m.before_value),
    # 3. a is won: it is booked.
    Rule("won", "booked", "after",
         lambda m: (m.after_place == schema.WON) & ~m.same_booking, lambda m: -m.after_value),
)
# fmt: on

# The lines of the machine-readable form, in its order; `new` and `lost` are elements with no lines under them.
LINES: Final = (
    "increase",
    "decrease",
    "pulled_in",
    "pushed_out",
    "pulled_out",
    "reopened",
    "restored",
    "removed",
    "transferred_in",
    "transferred_out",
    "currency",
    "probability",
    "booked",
    "reversed",
)


def placed(movements: ir.Table, question: Question) -> ir.Table:
    """The movements inside the question's window, with places and values.

    Adds before_place, after_place, and the values in the question's measure on the way from before to after: before_value,
    rated_value, repriced_value, after_value.
    """
    inside = movements.filter(movements.begins >= question.start, movements.begins < question.end)
    inside = valued(inside, question.valuation)
    m = inside.mutate(
        before_place=place(inside.before_state, inside.before_close, question.horizon),
        after_place=place(inside.after_state, inside.after_close, question.horizon),
    )
    return m.mutate(**_values(m, question.measure))


def judged(m: ir.Table, question: Question, same_money: ir.BooleanValue) -> ir.Table:
    """What else the rules ask about: adds before_holds, after_holds, regrouped, same_booking.

    m: as `placed` gives them, or sums of movements that are equal in it. same_money: of the same money before and after.
    """
    m = m.mutate(regrouped=regrouped(m, question))
    return m.mutate(
        before_holds=m.before_place.isin([PIPELINE, schema.WON]),
        after_holds=m.after_place.isin([PIPELINE, schema.WON]),
        same_booking=(m.before_place == schema.WON) & (m.after_place == schema.WON) & same_money & ~m.regrouped,
    )


def _values(m: ir.Table, measure: str) -> dict[str, ir.Value]:
    if measure == "count":
        one = ibis.literal(1, "int64")
        return {"before_value": one, "rated_value": one, "repriced_value": one, "after_value": one}
    if measure == "amount":
        return {
            "before_value": m.before_money,
            "rated_value": m.rated_money,
            "repriced_value": m.after_money,
            "after_value": m.after_money,
        }
    return {
        "before_value": m.before_expected,
        "rated_value": m.rated_expected,
        "repriced_value": exact.weighted(m.after_money, m.before_probability),
        "after_value": m.after_expected,
    }


def postings(movements: ir.Table, question: Question) -> ir.Table:
    """Every posting of the window: the drill under each figure.

    Out: opportunity_id, at (microseconds), seq, step (the rule's place in `RULES`), element, line, amount (signed, in the
    question's measure), the dimensions of `question.by` as they are in the posting's group, and all of `placed` and `judged`
    that tell the state before and after. A posting of a zero amount is a posting (a deal without an amount moved).
    """
    m = placed(movements, question)
    m = judged(m, question, m.before_money == m.after_money)
    rows = []
    for step, rule in enumerate(RULES):
        hits = m.filter(rule.when(m))
        group = {f"group_{name}": group_of(hits, name, rule.side, question.as_is) for name in question.by}
        rows.append(
            hits.mutate(
                at=hits.begins,
                step=ibis.literal(step, "int8"),
                element=ibis.literal(rule.element),
                line=ibis.literal(rule.line),
                posted=rule.money(hits).cast("int64"),
                **group,
            )
        )
    return ibis.union(*rows) if len(rows) > 1 else rows[0]
