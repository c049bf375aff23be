"""Stages, set up by those who may configure: added, edited, moved and put away. Their deals follow at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.pipeline_soundness import CLOSED_AS, faults_of_stage, require_sound_stages
from penstock.crm.actions.pipelines import STAGE_FIELDS, STEP
from penstock.crm.actions.rederiving import rederive
from penstock.crm.actions.setup_history import note_changed, note_created, require_configure, values_of
from penstock.crm.actions.setup_values import Faults, check_row, locked_row, set_values
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Opportunity, Pipeline, Stage, StageKind, Status
from penstock.crm.refusals import InvalidInput, NotFound

# The key names the stage in stamps, and what a stage is cannot change under its deals.
EDITABLE = STAGE_FIELDS - {"key", "kind"}
_DERIVED_FROM = ("probability", "forecast_category", "counted")


def add_stage(actor: Actor, pipeline: int, *, after: int | None = None, **fields: Any) -> Stage:
    """Add a stage. Needs `key`, `names` and, unless it is open, `kind`; the rest of STAGE_FIELDS, probability in basis points.

    after: the stage that it follows; left out, an open one comes after the last open one and others at the end.
    Raises InvalidInput, NotAllowed, NotFound.
    """
    with transaction.atomic():
        with change(actor.but(at=None), "add_stage") as writer:
            require_configure(actor, locked_row(Pipeline, pipeline))
            stages = _stages(pipeline)
            stage = Stage(pipeline_id=pipeline, position=0)
            faults = set_values(stage, fields, STAGE_FIELDS)
            if after is None and stage.kind == StageKind.OPEN:
                after = next((one.pk for one in reversed(stages) if one.kind == StageKind.OPEN and not one.archived), None)
            elif after is None:
                after = stages[-1].pk if stages else None
            moved = _put(writer, stages, stage, after)
            check_row(stage, faults | faults_of_stage(stage))
            require_sound_stages([*stages, stage])
            stage.save(force_insert=True)
            note_created(writer, stage)
        rederive(actor, writer.change, moved)
    return stage


def edit_stage(actor: Actor, stage: int, **changes: Any) -> Stage:
    """Set fields of EDITABLE. Another probability, category or counting is written into the stage's deals as well.

    Where the pipeline's probabilities are learned, they are not set by hand (`probabilities.unlearn` first).
    Raises InvalidInput, NotAllowed, NotFound.
    """
    with transaction.atomic():
        with change(actor.but(at=None), "edit_stage") as writer:
            row, stages = _locked(actor, stage)
            before = values_of(row)
            faults = set_values(row, changes, EDITABLE)
            faults |= _fixed(row, before)
            check_row(row, faults | faults_of_stage(row))
            require_sound_stages(stages)
            row.save(force_update=True)
            note_changed(writer, row, before)
        if any(getattr(row, name) != before[name] for name in _DERIVED_FROM):
            rederive(actor, writer.change, [row.pk])
    return row


def move_stage(actor: Actor, stage: int, after: int | None) -> Stage:
    """Put a stage after another one, or first (None). Its deals stay in it, at its new place.

    Raises InvalidInput, NotAllowed, NotFound.
    """
    with transaction.atomic():
        with change(actor.but(at=None), "move_stage") as writer:
            row, stages = _locked(actor, stage)
            if after == row.pk:
                raise InvalidInput({"after": [_("A stage does not come after itself.")]})
            before = values_of(row)
            moved = _put(writer, [one for one in stages if one.pk != row.pk], row, after)
            require_sound_stages(stages)
            row.save(force_update=True)
            changed = note_changed(writer, row, before)
        rederive(actor, writer.change, [*moved, row.pk] if changed else moved)
    return row


def archive_stage(actor: Actor, stage: int, *, archived: bool = True) -> Stage:
    """Put a stage away, or take it out again (archived=False). One with open deals is refused, with their count.

    Raises InvalidInput, NotAllowed, NotFound.
    """
    with change(actor.but(at=None), "archive_stage") as writer:
        row, stages = _locked(actor, stage)
        before = values_of(row)
        count = Opportunity.objects.filter(stage=row, status=Status.OPEN).count()
        if archived and count:
            text = _("%(count)s open deals are in %(stage)s. Move them to another stage first.")
            raise InvalidInput({"archived": [text % {"count": count, "stage": row.name()}]})
        row.archived = archived
        require_sound_stages(stages)
        row.save(force_update=True)
        note_changed(writer, row, before)
    return row


def _fixed(stage: Stage, before: Mapping[str, Any]) -> Faults:
    """Faults of what cannot be set: what a closed stage is, and probabilities that are learned."""
    if stage.kind in CLOSED_AS:
        said = _("A won stage is at 100 % and closed, a lost one at 0 % and omitted.")
        return {name: [said] for name in _DERIVED_FROM if getattr(stage, name) != before[name]}
    if stage.pipeline.learned and stage.probability != before["probability"]:
        return {"probability": [_("The pipeline's probabilities are learned from history. Set them by hand again first.")]}
    return {}


def _locked(actor: Actor, pk: int) -> tuple[Stage, list[Stage]]:
    """The stage, and all of its pipeline with the very same row among them. The pipeline is locked: one person sets it up."""
    known = Stage.objects.filter(pk=pk).values_list("pipeline_id", flat=True).first()
    if known is None:
        raise NotFound("stage", [pk])
    pipeline = locked_row(Pipeline, known)
    stages = _stages(pipeline.pk)
    row = next(one for one in stages if one.pk == pk)
    row.pipeline = pipeline
    require_configure(actor, row)
    return row, stages


def _stages(pipeline: int) -> list[Stage]:
    return list(Stage.objects.filter(pipeline=pipeline).order_by("position", "pk"))


def _put(writer: Writer, others: Sequence[Stage], stage: Stage, after: int | None) -> list[int]:
    """Give a stage its place among the others; where there is no room, they make some. Returns the ids of those that moved."""
    ids = [one.pk for one in others]
    if after is not None and after not in ids:
        raise InvalidInput({"after": [_("There is no stage %(id)s in this pipeline.") % {"id": after}]})
    place = ids.index(after) + 1 if after is not None else 0
    low = others[place - 1].position if place else 0
    high = others[place].position if place < len(others) else low + 2 * STEP
    if high - low >= 2:
        stage.position = (low + high) // 2
        return []
    moved = []
    row = [*others[:place], stage, *others[place:]]
    for number, one in enumerate(row, start=1):
        if one is not stage and one.position != STEP * number:
            before = values_of(one)
            one.position = STEP * number
            one.save(force_update=True)
            note_changed(writer, one, before)
            moved.append(one.pk)
        elif one is stage:
            stage.position = STEP * number
    return moved
