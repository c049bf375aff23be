"""Gates and shortcuts, set up by those who may configure: criteria added, edited and put away, shortcuts added and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.pipeline_soundness import faults_of_criterion
from penstock.crm.actions.setup_history import note_changed, note_created, note_removed, require_configure, values_of
from penstock.crm.actions.setup_values import check_row, faults_of_texts, locked_row, set_values
from penstock.crm.actions.writing import change
from penstock.crm.models import Criterion, Shortcut, Stage, StageKind

CRITERION_FIELDS = frozenset("kind position field activity_kind approver_role condition applies_when label".split())


def add_criterion(actor: Actor, stage: int, key: str, kind: str, **fields: Any) -> Criterion:
    """Add a criterion to a stage's gate. kind: field, check, activity, approval or condition; fields: of CRITERION_FIELDS.

    key: its name among the stage's. position: the last where it is left out. Deals that are in the stage already stay; what they
    lack is their gate debt. Raises InvalidInput, NotAllowed, NotFound.
    """
    with change(actor.but(at=None), "add_criterion") as writer:
        row = locked_row(Stage, stage)
        last = row.criteria.aggregate(last=Max("position"))["last"] or 0
        criterion = Criterion(stage=row, key=key, kind=kind, position=last + 1)
        require_configure(actor, criterion)
        faults = set_values(criterion, fields, CRITERION_FIELDS)
        if row.kind == StageKind.LOST:
            faults["stage"] = [_("A lost stage has no gate: losing a deal asks for nothing but the reason.")]
        check_row(criterion, faults | faults_of_criterion(criterion))
        criterion.save(force_insert=True)
        note_created(writer, criterion)
    return criterion


def edit_criterion(actor: Actor, criterion: int, **changes: Any) -> Criterion:
    """Set fields of CRITERION_FIELDS. What was ticked and approved stays. Raises InvalidInput, NotAllowed, NotFound."""
    with change(actor.but(at=None), "edit_criterion") as writer:
        row = _locked(actor, criterion)
        before = values_of(row)
        faults = set_values(row, changes, CRITERION_FIELDS)
        check_row(row, faults | faults_of_criterion(row))
        row.save(force_update=True)
        note_changed(writer, row, before)
    return row


def archive_criterion(actor: Actor, criterion: int, *, archived: bool = True) -> Criterion:
    """Ask for a criterion no longer, or again (archived=False). Raises NotAllowed, NotFound."""
    with change(actor.but(at=None), "archive_criterion") as writer:
        row = _locked(actor, criterion)
        before = values_of(row)
        row.archived = archived
        row.save(force_update=True)
        note_changed(writer, row, before)
    return row


def add_shortcut(actor: Actor, origin: int, target: int, note: Mapping[str, str] | None = None) -> Shortcut:
    """Declare a way from a stage to a later one that leaves the gates between them aside. note: when it is right, by language.

    Raises InvalidInput, NotAllowed, NotFound.
    """
    with change(actor.but(at=None), "add_shortcut") as writer:
        shortcut = Shortcut(origin=locked_row(Stage, origin), target=locked_row(Stage, target), note=dict(note or {}))
        require_configure(actor, shortcut)
        faults = {"note": found} if (found := faults_of_texts(shortcut.note, needed=False)) else {}
        if problem := _problem(shortcut.origin, shortcut.target):
            faults["target"] = [problem]
        check_row(shortcut, faults)
        shortcut.save(force_insert=True)
        note_created(writer, shortcut)
    return shortcut


def remove_shortcut(actor: Actor, shortcut: int) -> None:
    """Take a shortcut away; its history stays. Raises NotAllowed, NotFound."""
    with change(actor.but(at=None), "remove_shortcut") as writer:
        row = locked_row(Shortcut, shortcut)
        require_configure(actor, row)
        note_removed(writer, row)
        row.delete()


def _problem(origin: Stage, target: Stage) -> str:
    if origin.pipeline_id != target.pipeline_id:
        return _("A shortcut joins two stages of one pipeline.")
    if origin.kind != StageKind.OPEN or target.kind == StageKind.LOST:
        return _("A shortcut begins at an open stage and does not end at a lost one.")
    if origin.position >= target.position:
        return _("A shortcut leads forward; going back asks for nothing.")
    return ""


def _locked(actor: Actor, pk: int) -> Criterion:
    row = locked_row(Criterion, pk)
    require_configure(actor, row)
    return row
