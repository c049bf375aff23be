"""Stage moves: onward, back, won, lost, reopened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.opportunities import apply_edit, pipeline_of
from penstock.crm.actions.subscriptions import follow
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import derived
from penstock.crm.gates import unmet_of
from penstock.crm.models import Opportunity, Stage, StageKind, Status
from penstock.crm.refusals import GateRefusal, InvalidInput, Refusal
from penstock.org.company import fiscal_calendar


def change_stage(
    actor: Actor,
    opportunity: int,
    stage: int,
    *,
    fields: Mapping[str, Any] | None = None,
    revision: int | None = None,
) -> Opportunity:
    """Move a deal to a stage of its pipeline; `fields` are set with it, so that a gate can be met in the same breath.

    Entering a won or lost stage closes the deal today, unless `fields` say another close date; a lost one needs a lost_reason.
    Leaving one reopens it. Raises GateRefusal with what is missing, StaleWrite, InvalidInput, NotAllowed, NotFound.
    """
    with change(actor, "change_stage") as writer:
        revisions = {} if revision is None else {opportunity: revision}
        deal = writer.locked(Opportunity, [opportunity], revisions=revisions)[opportunity]
        refused = _moved(writer, [deal], _stage(stage), fields or {})
        if refused:
            raise refused[opportunity]
        return deal


def change_stages(actor: Actor, opportunities: Sequence[int], stage: int, *, fields: Mapping[str, Any] | None = None) -> Outcome:
    """Move many deals of a pipeline to one of its stages; those whose gates are not met are refused, the others moved."""
    target = _stage(stage)

    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        with change(own, "change_stage") as writer:
            refused = _moved(writer, list(writer.locked(Opportunity, ids).values()), target, fields or {})
        return Outcome(done=[pk for pk in ids if pk not in refused], refused=refused)

    return in_chunks(opportunities, actor, part)


def _moved(writer: Writer, deals: Sequence[Opportunity], stage: Stage, fields: Mapping[str, Any]) -> dict[int, Refusal]:
    """Move what can be moved; returns why the others were refused, by id. A refused deal is left as it was."""
    refused: dict[int, Refusal] = {}
    willing = []
    for deal in deals:
        try:
            writer.require("edit", deal)
            _require_sense(deal, stage, fields)
            willing.append(deal)
        except Refusal as refusal:
            refused[deal.pk] = refusal
    ready = []
    for deal in willing:
        with_fields = _with(writer, deal, fields, refused)
        if with_fields is not None:
            ready.append(with_fields)
    concerned = [deal for deal in ready if Status.WON in (deal.status, stage.kind)]
    unmet = unmet_of(ready, stage)
    for deal in ready:
        if unmet[deal.pk]:
            refused[deal.pk] = GateRefusal(stage.name(get_language() or "en"), unmet[deal.pk])
            writer.forget(deal)
        else:
            _enter(writer, deal, stage, fields)
    follow(writer, [deal for deal in concerned if deal.pk not in refused])
    return refused


def _with(writer: Writer, deal: Opportunity, fields: Mapping[str, Any], refused: dict[int, Refusal]) -> Opportunity | None:
    if not fields:
        return deal
    try:
        apply_edit(writer, deal, fields)
    except Refusal as refusal:
        refused[deal.pk] = refusal
        writer.forget(deal)
        return None
    return deal


def _require_sense(deal: Opportunity, stage: Stage, fields: Mapping[str, Any]) -> None:
    if stage.pipeline_id != deal.pipeline_id:
        raise InvalidInput({"stage": [_("%(stage)s is not a stage of this deal's pipeline.") % {"stage": stage.name()}]})
    if deal.removed_at:
        raise InvalidInput({"stage": [_("The deal is removed; restore it first.")]})
    if stage.archived:
        raise InvalidInput({"stage": [_("%(stage)s is not in use any more.") % {"stage": stage.name()}]})
    if stage.kind == StageKind.LOST and not (fields.get("lost_reason") or deal.lost_reason):
        raise InvalidInput({"lost_reason": [_("Say why the deal was lost.")]})


def _enter(writer: Writer, deal: Opportunity, stage: Stage, fields: Mapping[str, Any]) -> None:
    closed = stage.kind != StageKind.OPEN
    values: dict[str, Any] = {"stage_id": stage.pk}
    if closed and deal.closed_at is None:
        values["closed_at"] = writer.at
        if "close_date" not in fields:
            values["close_date"] = fiscal_calendar().local_date(writer.at)
    if not closed:
        values["closed_at"] = None
        if deal.lost_reason and "lost_reason" not in fields:
            values |= {"lost_reason": "", "lost_detail": "", "lost_to": ""}
    writer.update(deal, **values)
    writer.update(deal, **derived(deal, stage, pipeline_of(deal)))


def _stage(pk: int) -> Stage:
    stage = Stage.objects.filter(pk=pk).first()
    if stage is None:
        raise InvalidInput({"stage": [_("There is no stage %(id)s.") % {"id": pk}]})
    return stage
