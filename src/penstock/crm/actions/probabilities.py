"""Probabilities learned from the company's own history: learned, put into force, and set by hand again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from penstock.crm.actions import rows
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.rederiving import rederive
from penstock.crm.actions.setup_history import note_changed, require_configure, values_of
from penstock.crm.actions.setup_values import locked_row
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import LearnedProbability, Pipeline, RecordChange, Stage, StageKind
from penstock.crm.probabilities import FEWEST, METHOD, Figure, figure, runs_of
from penstock.crm.refusals import InvalidInput


@dataclass
class Learning:
    """What was learned. learned: rows by stage id; refused: why the other open stages keep the figure set by hand, by id."""

    learned: dict[int, LearnedProbability] = field(default_factory=dict)
    refused: dict[int, InvalidInput] = field(default_factory=dict)


def learn(actor: Actor, pipeline: int, since: datetime | None = None) -> Learning:
    """Learn the probability of each open stage from the deals that reached it, and keep it with its evidence.

    since: only deals that reached the stage from then on; left out, all. A stage that fewer than `FEWEST` closed deals reached
    is refused. Nothing is put into force; that is `apply_learned`. Raises NotAllowed, NotFound.
    """
    with change(actor.but(at=None), "learn_probabilities", result={"pipeline": pipeline, "method": METHOD}) as writer:
        row = _locked(actor, pipeline)
        found = Learning()
        for stage, runs in runs_of(row, writer.now, since).items():
            said = figure(runs)
            if said is None or said.deals < FEWEST:
                found.refused[stage] = _too_few(said.deals if said else 0)
            else:
                found.learned[stage] = _kept(stage, said, since, writer.now)
        rows.insert_new(LearnedProbability, list(found.learned.values()))
    return found


def latest_learned(pipeline: int) -> dict[int, LearnedProbability]:
    """What was learned last of a pipeline, by stage id; of a stage that was refused then, nothing."""
    query = LearnedProbability.objects.filter(stage__pipeline=pipeline, stage__archived=False)
    last = query.order_by("-learned_at").values_list("learned_at", flat=True).first()
    return {row.stage_id: row for row in query.filter(learned_at=last)} if last else {}


def apply_learned(actor: Actor, pipeline: int) -> Pipeline:
    """Put what was learned last into force: stages, and their open deals but those with a probability by hand, follow it.

    Stages of which nothing was learned have the figure set by hand; `unlearn` brings back those of the others.
    Raises InvalidInput where nothing was learned, NotAllowed, NotFound.
    """
    with transaction.atomic():
        _locked(actor, pipeline)
        found = {pk: row.probability for pk, row in latest_learned(pipeline).items()}
        if not found:
            raise InvalidInput({"pipeline": [_("Nothing was learned of this pipeline's stages. Learn first.")]})
        return _set(actor, pipeline, "apply_learned", _by_hand(pipeline) | found, learned=True)


def unlearn(actor: Actor, pipeline: int) -> Pipeline:
    """Set the probabilities by hand again, as they were before `apply_learned`. Raises InvalidInput, NotAllowed, NotFound."""
    with transaction.atomic():
        if not _locked(actor, pipeline).learned:
            raise InvalidInput({"pipeline": [_("The probabilities of this pipeline are set by hand already.")]})
        return _set(actor, pipeline, "unlearn", _by_hand(pipeline), learned=False)


def _set(actor: Actor, pipeline: int, verb: str, wanted: Mapping[int, int], *, learned: bool) -> Pipeline:
    with change(actor.but(at=None), verb) as writer:
        row = _locked(actor, pipeline)
        before = values_of(row)
        row.learned = learned
        row.save(force_update=True)
        note_changed(writer, row, before)
        moved = [stage.pk for stage in _open_stages(row) if _set_stage(writer, stage, wanted.get(stage.pk))]
    rederive(actor, writer.change, moved)
    return row


def _set_stage(writer: Writer, stage: Stage, probability: int | None) -> bool:
    if probability is None or probability == stage.probability:
        return False
    before = values_of(stage)
    stage.probability = probability
    stage.save(force_update=True)
    return note_changed(writer, stage, before)


def _by_hand(pipeline: int) -> dict[int, int]:
    """The figures set by hand of the stages that have learned ones in force, by stage id: as their history says."""
    switched = RecordChange.objects.filter(record_type="pipeline", record_id=pipeline, change__verb="apply_learned")
    since = switched.order_by("-id").values_list("change_id", flat=True).first()
    if since is None or not Pipeline.objects.filter(pk=pipeline, learned=True).exists():
        return {}
    stages = list(Stage.objects.filter(pipeline=pipeline).values_list("pk", flat=True))
    applied = RecordChange.objects.filter(record_type="stage", record_id__in=stages, change_id__gte=since)
    rows = applied.filter(change__verb="apply_learned").order_by("-id").values_list("record_id", "fields")
    # The first of each counts, being read last.
    return {pk: fields["probability"][0] for pk, fields in rows}


def _locked(actor: Actor, pk: int) -> Pipeline:
    row = locked_row(Pipeline, pk)
    require_configure(actor, row)
    return row


def _open_stages(pipeline: Pipeline) -> list[Stage]:
    return list(pipeline.stages.filter(kind=StageKind.OPEN).select_for_update().order_by("position", "pk"))


def _too_few(deals: int) -> InvalidInput:
    text = ngettext(
        "%(deals)s closed deal has reached this stage; %(needed)s are needed.",
        "%(deals)s closed deals have reached this stage; %(needed)s are needed.",
        deals,
    )
    return InvalidInput({"probability": [text % {"deals": deals, "needed": FEWEST}]})


def _kept(stage: int, said: Figure, since: datetime | None, now: datetime) -> LearnedProbability:
    return LearnedProbability(
        stage_id=stage,
        learned_at=now,
        since=since or said.since,
        probability=round(said.probability * 10_000),
        low=round(said.low * 10_000),
        high=round(said.high * 10_000),
        deals=said.deals,
        won=said.won,
        pending=said.pending,
        method=METHOD,
    )
