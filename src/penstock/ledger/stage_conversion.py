"""Stage conversion: of the opportunities that entered a stage in a window, how many got past it.

What came after an entry is in its own row already (`stage_entries.looking_ahead`). An opportunity that only rose is in no stage
twice, so that its rows are counted as they are; only those that turned (moved back, were reopened, restored or lost their
qualification) are brought together, so that each counts once for a stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import flag
from penstock.ledger.holdings import group_of
from penstock.ledger.moments import check_window
from penstock.ledger.snapshot import sum_where
from penstock.ledger.stage_entries import ENTERS, STILL, WIN, WINS, deal_of, looking_ahead

_LANE: Final = "after_dimension_pipeline"
_KEYS: Final = ("stage", "stage_order", "outcome")
# What became of an entry; of several into one stage, the largest counts.
_BACK, _LOST, _PENDING, _ADVANCED, _SKIPPED = range(5)


def conversion(
    movements: ir.Table,
    start: int,
    end: int,
    by: Sequence[str] = (),
    *,
    known_until: int = schema.FOREVER,
    as_is: bool = False,
) -> ir.Table:
    """What became of the opportunities that entered each stage in [start, end) (microseconds UTC), lazily.

    *In a stage*: open and qualified, with that stage. *Entering* it: being in it, and not having been in it one version before.
    An opportunity counts once for a stage, at its first entry in the window, however often it comes back. Stages are told apart
    by name and order: a stage whose order was changed has a row for each.
    *Skipped* stages count as passed: a move from an open (or not yet qualified) version to a later stage also enters, and at once
    advances from, every stage between the two; a win does so up to the order of its own stage, or to the last one if that has
    no later order. Those stages are the ones that some opportunity was in, of the same pipeline if there is such a dimension.
    *Advanced*: after entering, and before `known_until`, entered a stage of later order or was won; going back afterwards, or
    losing, does not undo it. The others are, just before `known_until`, *pending* (still in the stage), *lost*, or *back* (in an
    earlier or unordered stage, no longer qualified, or removed).
    A closing version enters its stage (such as Closed Won) if that differs from the one before: a row with outcome won (all
    advanced) or lost (all lost), and no rate.
    A stage without an order has no later stage: only wins count as advanced, nothing is skipped, and rate is null.

    Out: group_<dimension> (as at that first entry, or of today with `as_is`), stage, stage_order, outcome (won, lost, or null
    for a stage of open deals), entered = advanced + pending + lost + back, skipped (those of advanced that were never in it in
    the window), rate = advanced ÷ entered. Raises ValueError for a window that ends before it starts or an unknown dimension.
    """
    check_window(start, end)
    groups = [f"group_{name}" for name in by]
    until = min(end, known_until)
    m = movements if known_until == schema.FOREVER else looking_ahead(movements, known_until)
    stages = _stages(movements)
    m = m.filter(m.step != STILL, m.begins >= start)
    straight = _kinds(m.filter(~m.turned, m.begins < until), by, as_is)
    # An entry after the window counts nothing, but tells whether the deal came back to the stage and is in it now.
    turned = m.filter(m.turned, (m.begins < until) | ((m.step == ENTERS) & m.left_at.isnull()))
    seen = ibis.union(_straight(straight, stages, groups), _turned(turned, stages, until, by, as_is))
    fates = {"advanced": (_ADVANCED, _SKIPPED), "pending": (_PENDING,), "lost": (_LOST,), "skipped": (_SKIPPED,)}
    counts = {name: sum_where(seen.deals, seen.fate.isin(codes)) for name, codes in fates.items()}
    table = seen.group_by([*groups, *_KEYS]).agg(entered=seen.deals.sum().cast("int64"), **counts)
    return _rated(table, groups).order_by([*groups, "stage_order", "stage", "outcome"])


def _rated(table: ir.Table, groups: list[str]) -> ir.Table:
    """With the outcome's name, those who went back, and the rate."""
    open_stage = table.outcome == schema.OPEN
    rate = ibis.ifelse(
        open_stage & table.stage_order.notnull(), table.advanced.cast("float64") / table.entered, ibis.null("float64")
    )
    named = ibis.cases((table.outcome == schema.WON, "won"), (table.outcome == schema.LOST, "lost"), else_=ibis.null("string"))
    back = table.entered - table.advanced - table.pending - table.lost
    columns = [*groups, *_KEYS, "entered", "advanced", "pending", "lost", "back", "skipped", "rate"]
    return table.mutate(outcome=named, back=back, rate=rate).select(columns)


def _kinds(m: ir.Table, by: Sequence[str], as_is: bool) -> ir.Table:
    """Movements that are equal in all that `_steps` asks about, counted as deals."""
    keys = [
        "step",
        "before_state",
        "after_state",
        "after_stage",
        "before_stage_order",
        "after_stage_order",
        "ahead",
        "last_state",
    ]
    groups = {f"group_{name}": group_of(m, name, "after", as_is) for name in by}
    lane = [name for name in (_LANE,) if name in m.columns]
    return m.group_by([*keys, *lane], stays=m.left_at.isnull(), **groups).agg(deals=m.count())


def _steps(m: ir.Table, kept: Mapping[str, ir.Value]) -> ir.Table:
    """`kept` of movements that are steps, the stage that each enters (`WINS` none), what became of the entry, what it skips."""
    wins = (m.after_state == schema.WON) & (m.before_state != schema.WON)
    jumps = m.before_state.isin([schema.OPEN, schema.UNQUALIFIED]) & (wins | (m.step == ENTERS))
    higher = (m.after_stage_order > m.before_stage_order).fill_null(False)
    ceiling = ibis.ifelse(wins & ~higher, WIN, m.after_stage_order).cast("int32")
    skips = (jumps & (ceiling - 1 > m.before_stage_order)).fill_null(False)
    columns = {
        "stage": m.after_stage,
        "stage_order": m.after_stage_order.cast("int32"),
        "outcome": m.after_state.cast("int8"),  # a table of movements may hold it wider
        "fate": _fate(m),
        # What is skipped lies between these.
        "floor": ibis.ifelse(skips, m.before_stage_order, ibis.null("int32")).cast("int32"),
        "ceiling": ibis.ifelse(skips, ceiling, ibis.null("int32")),
        **({"pipeline": m[_LANE]} if _LANE in m.columns else {}),
    }
    return m.select("step", **kept, **columns)


def _stages(movements: ir.Table) -> ir.Table:
    """Every stage that some opportunity was in, with its order, by pipeline where there is such a dimension."""
    m = movements.filter(
        movements.after_state == schema.OPEN, movements.after_stage.notnull(), movements.after_stage_order.notnull()
    )
    lanes = {"lane": m[_LANE]} if _LANE in m.columns else {}
    return m.select(**lanes, between=m.after_stage, between_order=m.after_stage_order.cast("int32")).distinct()


def _passed(steps: ir.Table, stages: ir.Table, kept: Sequence[str]) -> ir.Table:
    """A row for each step and each stage that it skips: `kept` of the step, and the stage, which it passed at once."""
    jumps = steps.filter(steps.ceiling.notnull())
    match = [jumps.floor < stages.between_order, stages.between_order < jumps.ceiling]
    if "lane" in stages.columns:
        match.append(jumps.pipeline.identical_to(stages.lane))
    jumps = jumps.join(stages, match)
    entry = {"stage": jumps.between, "stage_order": jumps.between_order, "outcome": ibis.literal(schema.OPEN, "int8")}
    return jumps.select(*kept, **entry, fate=ibis.literal(_SKIPPED, "int8"))


def _straight(kinds: ir.Table, stages: ir.Table, groups: list[str]) -> ir.Table:
    """Deals that only rose, in `_kinds`: in no stage twice, so that each movement counts by itself."""
    steps = _steps(kinds, {name: kinds[name] for name in (*groups, "deals")})
    columns = [*groups, "deals", *_KEYS, "fate"]
    return ibis.union(
        steps.filter(steps.step != WINS).select(columns), _passed(steps, stages, [*groups, "deals"]).select(columns)
    )


def _turned(m: ir.Table, stages: ir.Table, until: int, by: Sequence[str], as_is: bool) -> ir.Table:
    """Deals that turned: one row per opportunity and stage."""
    kept = {"deal": deal_of(m), "begins": m.begins, "seq": m.seq}
    kept |= {f"group_{name}": group_of(m, name, "after", as_is) for name in by}
    steps = _steps(m.mutate(stays=m.left_at.isnull()), kept)
    entries = steps.filter(steps.step != WINS).select(*kept, *_KEYS, "fate")
    passed = _passed(steps.filter(steps.begins < until), stages, list(kept)).select(entries.columns)
    return _once(ibis.union(entries, passed), until, [f"group_{name}" for name in by])


def _once(entries: ir.Table, until: int, groups: list[str]) -> ir.Table:
    """Each opportunity once for each stage: advanced if any of its entries was followed by more, in the groups of the first."""
    keys = ["deal", *_KEYS]
    if groups:
        turn = ibis.row_number().over(group_by=[entries[name] for name in keys], order_by=[entries.begins, entries.seq])
        entries = entries.mutate(turn=turn)
    first = {name: ibis.ifelse(entries.turn == 0, entries[name], ibis.null(entries[name].type())).max() for name in groups}
    # What it really entered in the window was not skipped, though it may have been passed before.
    really = flag((entries.begins < until) & (entries.fate != _SKIPPED)).max()
    deals = entries.group_by(keys).agg(**first, best=entries.fate.max(), really=really, begins=entries.begins.min())
    deals = deals.filter(deals.begins < until)
    fate = ibis.ifelse((deals.best == _SKIPPED) & (deals.really == 1), _ADVANCED, deals.best).cast("int8")
    return deals.select(*groups, *_KEYS, deals=ibis.literal(1, "int64"), fate=fate)


def _fate(m: ir.Table) -> ir.Value:
    """What became of each entry, from the highest order reached after it, its leaving and the opportunity's last state."""
    onward = ((m.ahead > m.after_stage_order) | (m.ahead == WIN)).fill_null(False)
    return ibis.cases(
        (m.after_state == schema.WON, _ADVANCED),
        (m.after_state == schema.LOST, _LOST),
        (onward, _ADVANCED),
        (m.stays, _PENDING),
        (m.last_state == schema.LOST, _LOST),
        else_=_BACK,
    ).cast("int8")
