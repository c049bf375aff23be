"""Entering and leaving stages, told of a movement by itself; and what came after it, looked up once with the movements.

*In a stage*: open and qualified, with that stage. *Entering* it: being in it, and not having been in it one version before.
"""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import flag

# Higher than any stage order: what a win reaches.
WIN: Final = 2**31 - 1

# A number for each opportunity, where there is one: it is sorted and grouped by faster than a text.
LINE: Final = "opportunity_number"
_AHEAD: Final = ("step", "left_at", "ahead", "last_state", "turned")


# What a movement does to its opportunity's stage: nothing, entering one of open deals, coming to one of its own by being won or
# lost (such as Closed Won), or being won without that.
STILL, ENTERS, CLOSES, WINS = range(4)


def looking_ahead(movements: ir.Table, known_until: int = schema.FOREVER) -> ir.Table:
    """Movements with what came after each in its opportunity's life, as far as it began before `known_until` (microseconds).

    Adds step (`STILL`, `ENTERS`, `CLOSES` or `WINS`), left_at (when the stay in a stage that the row belongs to ended; null while
    it runs), ahead (the highest stage order entered later, `WIN` where it was won later; null where neither), last_state (of
    the opportunity's last version) and turned (whether the opportunity ever did anything but rise: came back from being closed
    or removed, or went anywhere but up while open; only then can it be in one stage twice). Where movements have these columns
    already, of a longer time, they are looked up anew.
    """
    m = movements.drop([name for name in _AHEAD if name in movements.columns])
    if known_until != schema.FOREVER:
        m = m.filter(m.begins < known_until)
    restaged = ~m.before_stage.identical_to(m.after_stage)
    was_in = (m.before_state == schema.OPEN) & m.before_stage.notnull()
    is_in = (m.after_state == schema.OPEN) & m.after_stage.notnull()
    enters = is_in & (~was_in | restaged)
    closes = m.after_state.isin(schema.CLOSED) & m.after_stage.notnull() & ((m.before_state == schema.NONE) | restaged)
    wins = (m.after_state == schema.WON) & (m.before_state != schema.WON)
    deal, order = deal_of(m), [m.begins, m.seq]
    later = ibis.window(group_by=deal, order_by=order, following=(1, None))
    whole = ibis.window(group_by=deal, order_by=order, preceding=None, following=None)
    reached = ibis.cases((wins, WIN), (enters, m.after_stage_order), else_=ibis.null("int32")).cast("int32")
    leaves = was_in & (~is_in | restaged)
    return m.mutate(
        step=ibis.cases((enters, ENTERS), (closes, CLOSES), (wins, WINS), else_=STILL).cast("int8"),
        left_at=ibis.ifelse(leaves, m.begins, ibis.null("int64")).min().over(later),
        ahead=reached.max().over(later),
        last_state=last_of(m.after_state, whole),
        turned=flag(_turns(m, was_in & enters)).max().over(whole) == 1,
    )


def _turns(m: ir.Table, restaged: ir.BooleanValue) -> ir.BooleanValue:
    """Whether a movement goes anywhere but up. restaged: it goes from one stage of open deals into another."""
    changed = ~m.before_stage.identical_to(m.after_stage) | (m.before_state != m.after_state)
    changed = changed | ~m.before_stage_order.identical_to(m.after_stage_order)
    stays_open = (m.before_state == schema.OPEN) & m.after_state.isin([schema.OPEN, schema.UNQUALIFIED])
    rises = restaged & (m.after_stage_order > m.before_stage_order).fill_null(False)
    turns: ir.BooleanValue = changed & ((m.before_state >= schema.WON) | (stays_open & ~rises))
    return turns


def deal_of(movements: ir.Table) -> ir.Value:
    """What tells a movement's opportunity from others: its number, where movements have one, or its id."""
    return movements[LINE if LINE in movements.columns else "opportunity_id"]


def last_of(value: ir.Value, line: ir.Value) -> ir.Value:
    """The value in the last version of the line, blank or not."""
    if value.get_backend().name != "pyspark":
        return value.last(include_null=True).over(line)
    # Ibis 12 has Spark's LAST pass over nulls in a window, whatever it is told; a struct that holds a null is none.
    return ibis.struct({"value": value}).last().over(line)["value"]
