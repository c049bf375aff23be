"""Pipelines, set up by those who may configure: made with their stages and gates, renamed, edited and put away.

Their stages are in `pipeline_stages`, gates and shortcuts in `pipeline_gates`; ready-made ones come from `crm.pipelines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.pipeline_gates import CRITERION_FIELDS
from penstock.crm.actions.pipeline_soundness import (
    faults_of_criterion,
    faults_of_pipeline,
    faults_of_stage,
    require_sound_stages,
)
from penstock.crm.actions.rederiving import rederive
from penstock.crm.actions.setup_history import note_changed, note_created, require_configure, values_of
from penstock.crm.actions.setup_values import check_row, locked_row, set_values
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Criterion, Opportunity, Pipeline, Shortcut, Stage, StageKind, Status
from penstock.crm.refusals import InvalidInput

EDITABLE = frozenset("name position required_fields".split())
STAGE_FIELDS = frozenset("key kind names probability forecast_category counted target_days guidance".split())
# Between the places of neighbouring stages, so that a new one fits between them and no deal's place changes.
STEP = 10
_LONGEST_KEY = 40

Row = Mapping[str, Any]


def create_pipeline(
    actor: Actor,
    name: str,
    stages: Sequence[Row],
    *,
    key: str | None = None,
    required_fields: Sequence[str] = (),
    shortcuts: Sequence[Row] = (),
    template: str = "",
) -> Pipeline:
    """Make a pipeline with its stages, in order.

    stages: each of STAGE_FIELDS (probability in basis points), and `criteria`, each of `pipeline_gates.CRITERION_FIELDS`.
    required_fields: without which a deal does not count. shortcuts: {"origin": stage key, "target": stage key, "note": texts}.
    key: taken from the name where it is left out. Raises InvalidInput with every fault of the first faulty part, NotAllowed.
    """
    last = Pipeline.objects.aggregate(last=Max("position"))["last"] or 0
    pipeline = Pipeline(name=name, template=template, position=last + 1, required_fields=list(required_fields))
    with change(actor.but(at=None), "create_pipeline", result={"template": template}) as writer:
        require_configure(actor, pipeline)
        pipeline.key = _free_key(key or slugify(name).replace("-", "_") or "pipeline", given=key is not None)
        check_row(pipeline, faults_of_pipeline(pipeline))
        pipeline.save(force_insert=True)
        note_created(writer, pipeline)
        made = [_stage(writer, pipeline, STEP * number, row) for number, row in enumerate(stages, start=1)]
        require_sound_stages(made)
        _add_shortcuts(writer, {stage.key: stage for stage in made}, shortcuts)
    return pipeline


def edit_pipeline(actor: Actor, pipeline: int, **changes: Any) -> Pipeline:
    """Set fields of EDITABLE. Other required fields make other open deals count: those get a new version each.

    Raises InvalidInput, NotAllowed, NotFound.
    """
    with transaction.atomic():
        with change(actor.but(at=None), "edit_pipeline") as writer:
            row = _locked(actor, pipeline)
            before = values_of(row)
            faults = set_values(row, changes, EDITABLE)
            check_row(row, faults | faults_of_pipeline(row))
            row.save(force_update=True)
            note_changed(writer, row, before)
        if row.required_fields != before["required_fields"]:
            rederive(actor, writer.change, list(row.stages.filter(kind=StageKind.OPEN).values_list("pk", flat=True)))
    return row


def rename_pipeline(actor: Actor, pipeline: int, name: str) -> Pipeline:
    """Give a pipeline another name; its key stays."""
    return edit_pipeline(actor, pipeline, name=name)


def archive_pipeline(actor: Actor, pipeline: int, *, archived: bool = True) -> Pipeline:
    """Put a pipeline away, or take it out again (archived=False). One with open deals is refused, with their count."""
    with change(actor.but(at=None), "archive_pipeline") as writer:
        row = _locked(actor, pipeline)
        before = values_of(row)
        count = Opportunity.objects.filter(pipeline=row, status=Status.OPEN).count()
        if archived and count:
            text = _("%(count)s open deals are in it. Close them or move them first.")
            raise InvalidInput({"archived": [text % {"count": count}]})
        row.archived = archived
        row.save(force_update=True)
        note_changed(writer, row, before)
    return row


def _locked(actor: Actor, pk: int) -> Pipeline:
    row = locked_row(Pipeline, pk)
    require_configure(actor, row)
    return row


def _stage(writer: Writer, pipeline: Pipeline, position: int, row: Row) -> Stage:
    stage = Stage(pipeline=pipeline, position=position)
    faults = set_values(stage, {name: value for name, value in row.items() if name != "criteria"}, STAGE_FIELDS)
    check_row(stage, faults | faults_of_stage(stage))
    stage.save(force_insert=True)
    note_created(writer, stage)
    for number, criterion in enumerate(row.get("criteria", ()), start=1):
        _criterion(writer, stage, number, criterion)
    return stage


def _criterion(writer: Writer, stage: Stage, position: int, row: Row) -> None:
    criterion = Criterion(stage=stage, position=position)
    faults = set_values(criterion, row, CRITERION_FIELDS | {"key"})
    check_row(criterion, faults | faults_of_criterion(criterion))
    criterion.save(force_insert=True)
    note_created(writer, criterion)


def _add_shortcuts(writer: Writer, stages: Mapping[str, Stage], shortcuts: Sequence[Row]) -> None:
    for row in shortcuts:
        unknown = [str(row.get(name)) for name in ("origin", "target") if row.get(name) not in stages]
        if unknown:
            raise InvalidInput({"shortcuts": [_("There is no stage %(id)s.") % {"id": ", ".join(unknown)}]})
        shortcut = Shortcut(origin=stages[row["origin"]], target=stages[row["target"]], note=row.get("note", {}))
        check_row(shortcut, {})
        shortcut.save(force_insert=True)
        note_created(writer, shortcut)


def _free_key(wanted: str, *, given: bool) -> str:
    """The key itself where it was given; else one that no pipeline has."""
    wanted = wanted[:_LONGEST_KEY]
    if given:
        return wanted
    key, number = wanted, 1
    while Pipeline.objects.filter(key=key).exists():
        number += 1
        key = f"{wanted[: _LONGEST_KEY - 4]}_{number}"
    return key
