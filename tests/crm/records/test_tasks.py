"""Tasks: set, done, opened again, handed over."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.tasks import (
    complete_task,
    complete_tasks,
    create_task,
    create_tasks,
    edit_task,
    edit_tasks,
    reassign_tasks,
    remove_tasks,
    reopen_task,
    reopen_tasks,
    restore_tasks,
)
from penstock.crm.models import Account, Contact, RecordChange, Task
from penstock.crm.refusals import InvalidInput, StaleWrite
from penstock.org.models import User


def test_a_task_is_its_makers_and_about_the_contacts_account(actor: Actor, account: Account, contact: Contact, rep: User) -> None:
    task = create_task(actor, title="Send the offer", contact=contact.pk, due_on="2026-12-01", priority="high")
    task.refresh_from_db()
    assert (task.owner, task.account, task.due_on, task.priority) == (rep, account, date(2026, 12, 1), "high")
    with pytest.raises(InvalidInput) as refused:
        create_task(actor, due_on="soon", priority="urgent")
    assert set(refused.value.faults) == {"due_on", "priority"}
    with pytest.raises(InvalidInput, match="title"):
        create_task(actor, notes="?")


def test_a_task_is_done_once_and_can_be_opened_again(actor: Actor) -> None:
    task = create_task(actor, title="Call")
    first = complete_task(actor, task.pk).done_at
    assert first is not None
    assert complete_task(actor, task.pk).done_at == first
    assert reopen_task(actor, task.pk).done_at is None
    with pytest.raises(StaleWrite):
        complete_task(actor, task.pk, revision=1)
    fields = RecordChange.objects.filter(record_type="task").order_by("id").values_list("fields", flat=True)
    assert [set(row) for row in fields][1:] == [{"done_at"}, {"done_at"}]


def test_many_tasks(actor: Actor, other_rep: User) -> None:
    outcome = create_tasks(actor, [{"title": "One"}, {"title": ""}, {"title": "Three"}])
    assert set(outcome.refused) == {1}
    ids = outcome.done
    assert complete_tasks(actor, [*ids, 999_999]).done == ids
    assert reopen_tasks(actor, ids).done == ids
    assert edit_tasks(actor, ids, {"priority": "low"}).done == ids
    assert reassign_tasks(actor, ids, other_rep.pk).done == ids
    assert set(Task.objects.values_list("priority", "owner", "done_at")) == {("low", other_rep.pk, None)}


def test_a_removed_task_is_left_alone_until_it_is_back(actor: Actor) -> None:
    task = create_task(actor, title="Call")
    remove_tasks(actor, [task.pk])
    with pytest.raises(InvalidInput, match="restore"):
        complete_task(actor, task.pk)
    with pytest.raises(InvalidInput, match="restore"):
        edit_task(actor, task.pk, {"title": "Call again"})
    restore_tasks(actor, [task.pk])
    assert edit_task(actor, task.pk, {"title": "Call again"}).title == "Call again"
