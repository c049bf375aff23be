"""Tasks: set, edited, done, opened again, handed over, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.intake import OF_THE_PAST, Intake
from penstock.crm.actions.links import link_all, relink
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Task
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

EDITABLE = frozenset("title kind due_on priority notes lead account contact opportunity owner custom".split())


def create_task(actor: Actor, **fields: Any) -> Task:
    """Set a task. Needs `title`; the rest as in EDITABLE. The owner is the actor unless one is given.

    priority: high, normal or low. A contact brings its account, an opportunity its account. Raises InvalidInput, NotAllowed.
    """
    return verbs.create_one(actor, "create_task", Task, EDITABLE, fields, _complete)


def create_tasks(actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: Sequence[datetime] | None = None) -> Outcome:
    """Set many, an import also such as are done; a faulty row is refused alone, by its number. at: as of `create_accounts`."""
    editable = EDITABLE | {"done_at"} if actor.source in OF_THE_PAST else EDITABLE
    return verbs.create_many(actor, "create_task", Task, editable, rows, _complete, at)


def edit_task(actor: Actor, task: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Task:
    """Set fields of EDITABLE. Raises StaleWrite, InvalidInput, NotAllowed, NotFound."""
    return verbs.edit_one(actor, "edit_task", Task, task, changes, EDITABLE, _settle, revision=revision)


def edit_tasks(actor: Actor, tasks: Sequence[int], changes: Mapping[str, Any]) -> Outcome:
    """Set the same fields of many; those that cannot be changed are refused alone, by id."""
    return verbs.edit_many(actor, "edit_task", Task, tasks, changes, EDITABLE, _settle)


def complete_task(actor: Actor, task: int, *, revision: int | None = None) -> Task:
    """Say that a task is done. Doing so twice keeps the first moment."""
    return _mark_one(actor, "complete_task", task, revision, done=True)


def complete_tasks(actor: Actor, tasks: Sequence[int]) -> Outcome:
    """Say of many that they are done."""
    return _mark_many(actor, "complete_task", tasks, done=True)


def reopen_task(actor: Actor, task: int, *, revision: int | None = None) -> Task:
    """Say that a task is not done after all."""
    return _mark_one(actor, "reopen_task", task, revision, done=False)


def reopen_tasks(actor: Actor, tasks: Sequence[int]) -> Outcome:
    """Say of many that they are not done after all."""
    return _mark_many(actor, "reopen_task", tasks, done=False)


def reassign_tasks(actor: Actor, tasks: Sequence[int], owner: User | int) -> Outcome:
    """Hand tasks to an owner, who must be active."""
    return verbs.hand_over(actor, "reassign_task", Task, tasks, owner)


def remove_tasks(actor: Actor, tasks: Sequence[int]) -> Outcome:
    """Remove tasks; they can be restored."""
    return verbs.remove(actor, "remove_task", Task, tasks)


def restore_tasks(actor: Actor, tasks: Sequence[int]) -> Outcome:
    """Bring removed tasks back as they were."""
    return verbs.restore(actor, "restore_task", Task, tasks)


def _mark_one(actor: Actor, verb: str, task: int, revision: int | None, *, done: bool) -> Task:
    with change(actor, verb) as writer:
        record = writer.locked(Task, [task], revisions={} if revision is None else {task: revision})[task]
        _mark(writer, record, done)
        return record


def _mark_many(actor: Actor, verb: str, tasks: Sequence[int], *, done: bool) -> Outcome:
    def each(writer: Writer, record: Task, _: Intake) -> None:
        _mark(writer, record, done)

    return verbs.to_each(actor, verb, Task, tasks, each)


def _mark(writer: Writer, task: Task, done: bool) -> None:
    if task.removed_at:
        raise InvalidInput({"removed_at": [_("This is removed; restore it first.")]})
    writer.update(task, done_at=(task.done_at or writer.at) if done else None)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    link_all(writer, drafts)
    owner = writer.actor.user.pk if writer.actor.user else None
    for draft in drafts:
        if not draft.values.get("title"):
            draft.refuse("title", _("This is needed."))
        draft.values.setdefault("owner_id", owner)


def _settle(writer: Writer, task: Task, values: dict[str, Any]) -> None:
    if "title" in values and not values["title"]:
        raise InvalidInput({"title": [_("This is needed.")]})
    relink(writer, task, values)
