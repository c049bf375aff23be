"""Late corrections: what became true in the past and is learned of only now. No row of history is touched.

A version that is effective then is added, and each later one that still carried what is corrected is issued again at its own
moment. Of versions of one moment the last one counts, and so of stamps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import rows
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.corrected_versions import Correction, Version, first_image, later_images, versions
from penstock.crm.actions.history import plain
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.opportunities import EDITABLE
from penstock.crm.actions.past_rows import IMAGE, change_row, event_row, stamp_row, version_row
from penstock.crm.actions.subscriptions import follow
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Opportunity, OpportunityVersion, OutboxEvent, RecordChange, Stage, Stamp, Status
from penstock.crm.refusals import InvalidInput

CORRECTABLE = (EDITABLE - {"account"}) | {"stage", "owner"}
_KIND = "opportunity"
_Way = tuple[str, str, datetime | None]


def correct_opportunity(
    actor: Actor, opportunity: int, at: datetime, changes: Mapping[str, Any], *, revision: int | None = None
) -> Opportunity:
    """Say what a deal was from a moment in the past on. changes: of CORRECTABLE; the stage too, whose gates are not asked.

    It holds until the field was changed by itself; where it was not, it is the deal's state now. Figures as they were known
    before stay as they were (`known_at`). A win or a loss that is learned of late is a correction of the stage; where the deal
    entered that stage later, the entry is the corrected one.
    Raises InvalidInput (a moment before the deal was there, or to come), StaleWrite, NotAllowed, NotFound.
    """
    with change(actor.but(at=None), "correct_opportunity") as writer:
        revisions = {} if revision is None else {opportunity: revision}
        deal = writer.locked(Opportunity, [opportunity], revisions=revisions)[opportunity]
        writer.require("edit", deal)
        past = versions(deal)
        _require_past(writer, past, at)
        base = [one for one in past if one.at <= at][-1]
        later = [one for one in past if one.at > at]
        correction = _correction(actor, deal, at, changes)
        first = first_image(base.image, correction)
        issued = [Version(at, first), *later_images(base.image, first, later, correction)]
        # What was issued again as it was says nothing new.
        known = {one.at: one.image for one in later}
        issued = [one for one in issued if one.at == at or known[one.at] != one.image]
        if first != base.image:
            _write(writer, deal, base, issued, past, correction)
        return deal


def _require_past(writer: Writer, past: Sequence[Version], at: datetime) -> None:
    if at.tzinfo is None or at > writer.now:
        raise InvalidInput({"at": [_("Give a moment that has passed, with its time zone.")]})
    if past[0].at > at:
        raise InvalidInput(
            {"at": [_("The deal was not there yet; it begins at %(moment)s.") % {"moment": past[0].at.isoformat()}]}
        )


def _correction(actor: Actor, deal: Opportunity, at: datetime, changes: Mapping[str, Any]) -> Correction:
    values = Intake(actor, Opportunity, CORRECTABLE).of(changes, existing=deal)
    if {"amount", "tcv", "mrr"} & set(values) and deal.lines.filter(removed_at__isnull=True).exists():
        raise InvalidInput({"amount": [_("The amount follows from the lines. Change the lines.")]})
    custom = values.pop("custom", None)
    keys = {} if custom is None else {key: custom.get(key) for key in changes["custom"]}
    stages = {stage.pk: stage for stage in Stage.objects.filter(pipeline=deal.pipeline_id)}
    return Correction(at, values, keys, deal.pipeline, stages)


def _write(
    writer: Writer, deal: Opportunity, base: Version, issued: Sequence[Version], past: Sequence[Version], correction: Correction
) -> None:
    by = writer.actor.user.pk if writer.actor.user else None
    at, record = correction.at, (_KIND, deal.pk)
    reaches = issued[-1].at >= past[-1].at
    was_won = deal.status == Status.WON
    state = _set_state(deal, issued[-1]) if reaches else {}
    then = {
        name: [plain(vars(base.image)[name]), plain(value)]
        for name, value in vars(issued[0].image).items()
        if vars(base.image)[name] != value
    }
    only_then = {name: both for name, both in then.items() if name not in state}
    rows.insert(OpportunityVersion, [version_row(writer, deal.pk, one.image, deal.revision, one.at, by) for one in issued])
    rows.insert(Stamp, _stamps(writer, deal, past, issued, correction, by))
    told = [("change", state), ("correct", only_then)]
    rows.insert(RecordChange, [change_row(writer, record, what, of, deal.revision, at, by) for what, of in told if of])
    if not writer.actor.quiet:
        rows.insert(OutboxEvent, [event_row(writer, record, what, of) for what, of in told if of])
    if was_won or deal.status == Status.WON:
        follow(writer, [deal])


def _set_state(deal: Opportunity, present: Version) -> dict[str, list[Any]]:
    """Make the deal what its last version says; returns what differs."""
    new = vars(present.image)
    names = [name for name in IMAGE if getattr(deal, name) != new[name]]
    if not names:
        return {}
    fields = {name: [plain(getattr(deal, name)), plain(new[name])] for name in names}
    rows.update(Opportunity, names, [(deal.pk, deal.revision, [new[name] for name in names])])
    for name in names:
        setattr(deal, name, new[name])
    deal.revision += 1
    return fields


def _stamps(
    writer: Writer,
    deal: Opportunity,
    past: Sequence[Version],
    issued: Sequence[Version],
    correction: Correction,
    by: int | None,
) -> list[dict[str, Any]]:
    """The entries that are others now. One that never was is stamped as from a place to the same place."""
    again = sorted(({one.at: one for one in past} | {one.at: one for one in issued}).values(), key=lambda one: one.at)
    found = []
    for what in ("stage", "status"):
        old, new = _ways(past, what, correction.stages), _ways(again, what, correction.stages)
        for version in again:
            at = version.at
            if at < correction.at or old.get(at) == new.get(at):
                continue
            here = _place(version, what, correction.stages)
            origin, target, since = new.get(at, (here, here, None))
            found.append(stamp_row(writer, (_KIND, deal.pk), what, (origin, target), at, since, by))
    return found


def _ways(line: Sequence[Version], what: str, stages: Mapping[int, Stage]) -> dict[datetime, _Way]:
    """Moment -> the entry at that moment: from where, to where, and since when it had been there."""
    found: dict[datetime, _Way] = {}
    origin, since = "", None
    for version in line:
        target = _place(version, what, stages)
        if target != origin:
            found[version.at] = (origin, target, since)
            origin, since = target, version.at
    return found


def _place(version: Version, what: str, stages: Mapping[int, Stage]) -> str:
    return stages[version.image.stage_id].key if what == "stage" else str(version.image.status)
