"""The window's postings summed by group and line, in one scan: what the waterfall adds between its two snapshots.

The same rules as `postings`, which writes them out; here no posting is made. Movements of one kind (equal in all that the
rules ask about) are summed first, and the rules then judge the few sums: each is linear in the values that it moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.engine import dimension_column
from penstock.ledger.evidence import OBSERVED, by_grade, grade, used_mask
from penstock.ledger.holdings import group_of
from penstock.ledger.postings import RULES, Rule, Side, judged, placed
from penstock.ledger.question import Question
from penstock.ledger.snapshot import aggregated, sum_where

# One deal, for counting: every value that a rule moves is one.
_ONE: Final = SimpleNamespace(before_value=1, rated_value=1, repriced_value=1, after_value=1)
_VALUES: Final = ("before_value", "rated_value", "repriced_value", "after_value")

# A kind in bits: the place before, the place after, then a bit for each of these that holds.
_AFTER, _PLACE = 3, 7
_COUNTED, _SAME_MONEY = 6, 7


def posted(movements: ir.Table, question: Question) -> list[ir.Table]:
    """Tables to be added up: group_<dimension>, <line> and count_<line> for lines that can occur, evidence_<grade>.

    A posting counts in the group before or after the movement, by its rule; so there is a table for each side, of the same sums.
    """
    kinds = _kinds(placed(movements, question), movements, question)
    kinds = judged(kinds, question, (kinds.kind & (1 << _SAME_MONEY)) != 0)
    rules = [rule for rule in RULES if _can_post(rule, question)]
    if question.as_is or not question.by:
        return [_by_line(kinds, question, rules, "after")]
    sides: tuple[Side, ...] = ("before", "after")
    # Nothing is posted on a side that holds nothing, and no group is named for it.
    held = {side: kinds.filter(kinds[f"{side}_holds"]) for side in sides}
    return [_by_line(held[side], question, [rule for rule in rules if rule.side == side], side) for side in sides]


def _can_post(rule: Rule, question: Question) -> bool:
    """False for a line that this kind of question never has; leaving it out keeps the query small."""
    if rule.line == "currency":
        return question.valuation.dated is not None and question.measure != "count"
    if rule.line == "probability":
        return question.measure == "weighted"
    if rule.line in ("increase", "decrease"):
        return question.measure != "count"
    return not rule.line.startswith("transferred") or (bool(question.by) and not question.as_is)


def _kinds(m: ir.Table, movements: ir.Table, question: Question) -> ir.Table:
    """Movements in sums: a row for each group before, group after, grade and kind, with what `postings.judged` asks for."""
    masks = m.before_reconstructed | m.after_reconstructed, m.before_unknown | m.after_unknown
    used = used_mask(movements, question)
    bits = [m.counted, m.before_money == m.after_money, *_signs(m, question)]
    kind = m.before_place.cast("int32") + m.after_place.cast("int32") * (1 << _AFTER)
    for place, bit in enumerate(bits):
        kind = kind + ibis.ifelse(bit, 1 << (_COUNTED + place), 0)
    m = m.mutate(kind=kind.cast("int32"), **({"grade": grade(*masks, used)} if used else {}))
    keys = [*_group_columns(question), "kind", *(["grade"] if used else [])]
    sums = m.group_by(keys).agg(**{name: m[name].sum().cast("int64") for name in _VALUES}, deals=m.count())
    return sums.mutate(
        before_place=sums.kind & _PLACE,
        after_place=(sums.kind >> _AFTER) & _PLACE,
        counted=(sums.kind & (1 << _COUNTED)) != 0,
        **({} if used else {"grade": ibis.literal(OBSERVED, "int8")}),
    )


def _signs(m: ir.Table, question: Question) -> list[ir.Value]:
    """Tests that keep values of different sign, and changes of different sign, out of one sum.

    So a sum grows where each of its movements did, and its gross is the gross of them all.
    """
    if question.measure == "count":
        return []
    steps = [("rated_value", "repriced_value")]
    if question.valuation.dated is not None:
        steps.append(("before_value", "rated_value"))
    if question.measure == "weighted":
        steps.append(("repriced_value", "after_value"))
    changes = [test for old, new in steps for test in (m[new] > m[old], m[new] < m[old])]
    return [m.before_value < 0, m.after_value < 0, *changes]


def _group_columns(question: Question) -> list[str]:
    """The columns of movements that a posting's group can be read from."""
    sides = ("now",) if question.as_is else ("before", "after")
    columns = ["opportunity_id"] if "opportunity_id" in question.by else []
    return columns + [f"{side}_{dimension_column(name)}" for name in question.by if name != "opportunity_id" for side in sides]


def _by_line(kinds: ir.Table, question: Question, rules: Sequence[Rule], side: Side) -> ir.Table:
    """What `rules` post, by the groups on one side of the movements."""
    k = kinds.mutate(
        **{f"group_{name}": group_of(kinds, name, side, question.as_is) for name in question.by},
        **{f"posts_{rule.line}": ibis.ifelse(rule.when(kinds), rule.money(kinds), 0) for rule in rules},
    )
    sums: dict[str, ir.Value] = {}
    for rule in rules:
        sums[rule.line] = k[f"posts_{rule.line}"].sum().cast("int64")
        sums[f"count_{rule.line}"] = sum_where(k.deals * int(rule.money(_ONE)), rule.when(k))
    gross = sum((k[f"posts_{rule.line}"].abs() for rule in rules), start=ibis.literal(0, "int64"))
    return aggregated(k, question, sums | by_grade(gross, k.grade))
