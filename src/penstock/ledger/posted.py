"""The window's postings summed by group and line, in one scan: what the waterfall adds between its two snapshots.

The same rules as `postings`, which writes them out; here no posting is made, each rule becomes a conditional sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.evidence import by_grade, grade, used_mask
from penstock.ledger.holdings import group_of
from penstock.ledger.postings import RULES, Rule, Side, judged
from penstock.ledger.question import Question
from penstock.ledger.snapshot import aggregated, sum_where

# One deal, for counting: every value that a rule moves is one.
_ONE: Final = SimpleNamespace(before_value=1, rated_value=1, repriced_value=1, after_value=1)
_NO_RULE: Final = -1


def posted(movements: ir.Table, question: Question) -> list[ir.Table]:
    """Tables to be added up: group_<dimension>, <line> and count_<line> for lines that can occur, evidence_<grade>.

    A movement posts in one group unless it changed group. So one pass sums all but what such movements post in the group
    they left, and a second pass over those alone adds that.
    """
    m = judged(movements, question)
    masks = m.before_reconstructed | m.after_reconstructed, m.before_unknown | m.after_unknown
    m = m.mutate(grade=grade(*masks, used_mask(movements, question)))
    rules = [rule for rule in RULES if _can_post(rule, question)]
    if question.as_is or not question.by:
        return [_summed(m, question, rules, "after")]
    leaving = [rule for rule in rules if rule.side == "before" and not rule.alone]
    staying = [_where_stayed(rule) if rule in leaving else rule for rule in rules]
    return [
        _summed(m, question, staying, "after"),
        _summed(m.filter(m.regrouped & m.before_holds), question, leaving, "before"),
    ]


def _can_post(rule: Rule, question: Question) -> bool:
    """False for a line that this kind of question never has; leaving it out keeps the query small."""
    if rule.line == "currency":
        return question.valuation.dated is not None and question.measure != "count"
    if rule.line == "probability":
        return question.measure == "weighted"
    if rule.line in ("increase", "decrease"):
        return question.measure != "count"
    return not rule.line.startswith("transferred") or (bool(question.by) and not question.as_is)


def _where_stayed(rule: Rule) -> Rule:
    return Rule(rule.element, rule.line, rule.side, lambda m: rule.when(m) & ~m.regrouped, rule.money)


def _summed(m: ir.Table, question: Question, rules: Sequence[Rule], side: Side) -> ir.Table:
    """Sums of what `rules` post, by group; of the `alone` ones by one code per movement, so that each row is tested once."""
    alone = [rule for rule in rules if rule.alone]
    others = [rule for rule in rules if not rule.alone]
    m = _coded(m, alone)
    groups = {f"group_{name}": _group(m, name, side, alone, question) for name in question.by}
    m = m.mutate(**groups, **{f"posts_{rule.line}": ibis.ifelse(rule.when(m), rule.money(m), 0) for rule in others})
    sums = {"moved_sum": m.moved.sum(), "moved_count": m.count()}
    for rule in others:
        sums[rule.line] = m[f"posts_{rule.line}"].sum()
        sums[f"count_{rule.line}"] = sum_where(ibis.literal(_unit(rule), "int64"), rule.when(m))
    gross = sum((m[f"posts_{rule.line}"].abs() for rule in others), start=m.moved.abs())
    coded = m.group_by([*groups, "code"]).agg(**sums, **by_grade(gross, m.grade))
    return _by_line(coded, question, alone)


def _unit(rule: Rule) -> int:
    return int(rule.money(_ONE))


def _coded(m: ir.Table, alone: Sequence[Rule]) -> ir.Table:
    """Adds code (the place in `alone` of the rule that posts, or none) and moved (what it posts)."""
    none = ibis.literal(_NO_RULE, "int8")
    if not alone:
        return m.mutate(code=none, moved=ibis.literal(0, "int64"))
    code = ibis.cases(*[(rule.when(m), number) for number, rule in enumerate(alone)], else_=_NO_RULE).cast("int8")
    m = m.mutate(code=code)
    # They move the whole value: what was held before leaves, or what is held after arrives.
    moved = ibis.cases(
        (m.code == _NO_RULE, 0),
        (m.code.isin(_leaving(alone)), -m.before_value),
        else_=m.after_value,
    )
    return m.mutate(moved=moved)


def _leaving(alone: Sequence[Rule]) -> list[int]:
    return [number for number, rule in enumerate(alone) if rule.side == "before"]


def _group(m: ir.Table, name: str, side: Side, alone: Sequence[Rule], question: Question) -> ir.Value:
    group = group_of(m, name, side, question.as_is)
    if question.as_is or not alone:
        return group
    return ibis.ifelse(m.code.isin(_leaving(alone)), group_of(m, name, "before", False), group)


def _by_line(coded: ir.Table, question: Question, alone: Sequence[Rule]) -> ir.Table:
    keys = {f"group_{name}" for name in question.by}
    sums: dict[str, ir.Value] = {
        name: coded[name].sum().cast("int64") for name in coded.columns if name not in keys | {"code", "moved_sum", "moved_count"}
    }
    for number, rule in enumerate(alone):
        hit = coded.code == number
        sums[rule.line] = sum_where(coded.moved_sum, hit)
        sums[f"count_{rule.line}"] = sum_where(coded.moved_count * _unit(rule), hit)
    return aggregated(coded, question, sums)
