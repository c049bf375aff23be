"""Stage conversion: of the opportunities that entered a stage in a window, how many got past it.

Most deals only rise, so one row of theirs decides every stage they entered: the one that ended them, or the one standing now.
Only the deals that turned (moved back, were reopened, restored or lost their qualification) need their versions in order.
That is what keeps ten million versions within about a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import flag
from penstock.ledger.holdings import group_of
from penstock.ledger.moments import CLOSED, check_window

# Higher than any stage order: what a win reaches.
_WIN: Final = 2**31 - 1
_KEYS: Final = ("stage", "stage_order", "outcome")
_FLAGS: Final = ("advanced", "pending", "lost", "skipped")


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
    steps = _steps(movements, start, known_until, by, as_is)
    passed = _passed(movements, steps.filter(steps.begins < until), groups)
    turned = steps.filter(steps.turned).select(deal="opportunity_id").distinct()
    seen = ibis.union(_straight(steps, passed, turned, until, groups), _turned(steps, passed, turned, until, groups))
    counts = {name: seen[name].sum().fill_null(0).cast("int64") for name in _FLAGS}
    table = seen.group_by([*groups, *_KEYS]).agg(entered=seen.count(), **counts)
    open_stage = table.outcome == schema.OPEN
    rate = ibis.ifelse(
        open_stage & table.stage_order.notnull(), table.advanced.cast("float64") / table.entered, ibis.null("float64")
    )
    named = ibis.cases((table.outcome == schema.WON, "won"), (table.outcome == schema.LOST, "lost"), else_=ibis.null("string"))
    back = table.entered - table.advanced - table.pending - table.lost
    columns = [*groups, *_KEYS, "entered", "advanced", "pending", "lost", "back", "skipped", "rate"]
    table = table.mutate(outcome=named, back=back, rate=rate).select(columns)
    return table.order_by([*groups, "stage_order", "stage", "outcome"])


def _steps(movements: ir.Table, start: int, known_until: int, by: Sequence[str], as_is: bool) -> ir.Table:
    """The versions from `start` on that change state, stage or order, and the standing ones, in few narrow columns."""
    m = movements.filter(movements.begins >= start, movements.begins < known_until)
    restaged = ~m.before_stage.identical_to(m.after_stage)
    moved = restaged | (m.before_state != m.after_state)
    changed = moved | ~m.before_stage_order.identical_to(m.after_stage_order)
    stands = m.ends >= known_until
    m = m.filter(changed | stands)
    was_in = (m.before_state == schema.OPEN) & m.before_stage.notnull()
    enters = (m.after_state == schema.OPEN) & m.after_stage.notnull() & (~was_in | restaged)
    closed = m.after_state.isin(CLOSED) & m.after_stage.notnull() & ((m.before_state == schema.NONE) | restaged)
    won = (m.after_state == schema.WON) & (m.before_state != schema.WON)
    higher = (m.after_stage_order > m.before_stage_order).fill_null(False)
    stays_open = (m.before_state == schema.OPEN) & m.after_state.isin([schema.OPEN, schema.UNQUALIFIED])
    turned = (m.before_state >= schema.WON) | (stays_open & ~(was_in & enters & higher))
    jumps = m.before_state.isin([schema.OPEN, schema.UNQUALIFIED]) & (won | enters)
    ended = (m.after_state >= schema.WON) & (m.before_state != m.after_state)
    no_order = ibis.null("int32")
    return m.select(
        "opportunity_id",
        "begins",
        "seq",
        **{f"group_{name}": group_of(m, name, "after", as_is) for name in by},
        **({"pipeline": m.after_dimension_pipeline} if "after_dimension_pipeline" in m.columns else {}),
        stage=m.after_stage,
        stage_order=m.after_stage_order.cast("int32"),
        outcome=m.after_state.cast("int8"),  # a table of movements may hold it wider
        arrives=enters | closed,
        moved=flag(moved),
        reached=ibis.cases((won, _WIN), (enters, m.after_stage_order), else_=no_order).cast("int32"),
        turned=changed & turned,
        floor=ibis.ifelse(jumps, m.before_stage_order, no_order),
        ceiling=ibis.ifelse(won & ~higher, _WIN, m.after_stage_order).cast("int32"),
        decides=ended | (stands & (m.after_state == schema.OPEN)),
        top=ibis.cases((won, _WIN), (ended, m.before_stage_order), else_=m.after_stage_order).cast("int32"),
        stands=stands,
    )


def _passed(movements: ir.Table, steps: ir.Table, groups: list[str]) -> ir.Table:
    """A row for each stage that a step skips: the step's place in time and groups, the skipped stage and its order."""
    in_stage = movements.filter(
        movements.after_state == schema.OPEN, movements.after_stage.notnull(), movements.after_stage_order.notnull()
    )
    lanes = {"lane": in_stage.after_dimension_pipeline} if "pipeline" in steps.columns else {}
    stages = in_stage.select(
        **lanes, between=in_stage.after_stage, between_order=in_stage.after_stage_order.cast("int32")
    ).distinct()
    jumps = steps.filter(steps.ceiling - 1 > steps.floor)
    match = [jumps.floor < stages.between_order, stages.between_order < jumps.ceiling]
    if lanes:
        match.append(jumps.pipeline.identical_to(stages.lane))
    kept = ["opportunity_id", "begins", "seq", *groups]
    jumps = jumps.join(stages, match)
    return jumps.select(*kept, stage=jumps.between, stage_order=jumps.between_order, outcome=ibis.literal(schema.OPEN, "int8"))


def _straight(steps: ir.Table, passed: ir.Table, turned: ir.Table, until: int, groups: list[str]) -> ir.Table:
    """Deals that only rose: in no stage twice, and one row of each tells the highest order it reached and its last state."""
    entries = steps.filter(steps.arrives, steps.begins < until)
    deciding = steps.filter(steps.decides).anti_join(turned, steps.opportunity_id == turned.deal)
    deciding = deciding.select(deal="opportunity_id", highest="top", last_state="outcome")
    e = entries.join(deciding, entries.opportunity_id == deciding.deal)
    entered = e.select(*groups, *_KEYS, **_fate(e, e.highest, ibis.literal(True)))
    skips = passed.anti_join(turned, passed.opportunity_id == turned.deal)
    return ibis.union(entered, skips.select(*groups, *_KEYS, **_skip()))


def _turned(steps: ir.Table, passed: ir.Table, turned: ir.Table, until: int, groups: list[str]) -> ir.Table:
    """Deals that turned: what followed each entry, then one row per opportunity and stage."""
    s = steps.semi_join(turned, steps.opportunity_id == turned.deal)
    order = [s.begins.desc(), s.seq.desc()]
    later = ibis.window(group_by=s.opportunity_id, order_by=order, preceding=(None, 1))
    standing = ibis.ifelse(s.stands, s.outcome, ibis.null("int8"))
    s = s.mutate(
        ahead=s.reached.max().over(later),
        leaves=s.moved.max().over(later).fill_null(0),
        last_state=standing.max().over(later).fill_null(standing),
    )
    # Entries after the window count nothing, but tell whether a deal came back to the stage and is in it now.
    s = s.filter(s.arrives)
    place = ["opportunity_id", "begins", "seq", *groups, *_KEYS]
    skips = passed.semi_join(turned, passed.opportunity_id == turned.deal)
    entered = s.select(*place, **_fate(s, s.ahead, s.leaves == 0), counts=flag(s.begins < until))
    return _once(ibis.union(entered, skips.select(*place, **_skip(), counts=ibis.literal(1, "int8"))), groups)


def _once(entries: ir.Table, groups: list[str]) -> ir.Table:
    """Each opportunity once for each stage: advanced if any of its entries was followed by more, in the groups of the first."""
    keys = ["opportunity_id", *_KEYS]
    flags = {name: entries[name].max() for name in ("advanced", "pending", "lost")}
    if groups:
        turn = ibis.row_number().over(group_by=[entries[name] for name in keys], order_by=[entries.begins, entries.seq])
        entries = entries.mutate(turn=turn)
    first = {name: ibis.ifelse(entries.turn == 0, entries[name], ibis.null(entries[name].type())).max() for name in groups}
    skipped = ibis.ifelse(entries.counts == 1, entries.skipped, 1).min()
    deals = entries.group_by(keys).agg(**first, **flags, skipped=skipped.cast("int8"), counts=entries.counts.max())
    deals = deals.filter(deals.counts == 1)
    left = {name: ibis.ifelse(deals.advanced == 1, 0, deals[name]).cast("int8") for name in ("pending", "lost")}
    return deals.mutate(**left).select(*groups, *_KEYS, *_FLAGS)


def _fate(entries: ir.Table, ahead: ir.Value, stays: ir.Value) -> dict[str, ir.Value]:
    """What became of each entry, from the highest order reached after it and whether the deal moved no more."""
    e = entries
    onward = ((ahead > e.stage_order) | (ahead == _WIN)).fill_null(False)
    in_play = e.outcome == schema.OPEN
    fates = {
        "advanced": (in_play & onward) | (e.outcome == schema.WON),
        "pending": in_play & ~onward & stays & (e.last_state == schema.OPEN),
        "lost": (in_play & ~onward & (e.last_state == schema.LOST)) | (e.outcome == schema.LOST),
        "skipped": ibis.literal(False),
    }
    return {name: flag(fate) for name, fate in fates.items()}


def _skip() -> dict[str, ir.Value]:
    return {name: ibis.literal(int(name in ("advanced", "skipped")), "int8") for name in _FLAGS}
