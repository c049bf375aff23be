"""The queue of background jobs: enqueued once per key, begun again where a worker died, tried again where they failed.

The queue itself is django-tasks' table; what it lacks is here: keys, progress, retries, and taking over from the dead. A job may
be begun several times, so it does its work in parts, each under a key of its own (`jobs`), and what is done stays done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_tasks import task as as_task
from django_tasks.base import Task, TaskContext, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from penstock.crm.refusals import Refusal
from penstock.org.models import User
from penstock.worker import heartbeat
from penstock.worker.backoff import ATTEMPTS, next_attempt
from penstock.worker.models import Job
from penstock.worker.turns import Turns

log = logging.getLogger("penstock.worker.jobs")
KEPT = timedelta(days=30)


class Interrupted(Exception):  # noqa: N818
    """The worker is to stop, or another one has taken the job over: it goes on later from where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext(TaskContext):
    """What a job is given first. job: its row; worker: who runs it; stopping: whether the worker is to stop."""

    job: Job
    worker: str
    stopping: Callable[[], bool]
    turns: Turns = field(default_factory=Turns)

    def report(self, done: int, total: int) -> None:
        """Say how far the job is, between its parts. Raises Interrupted where it shall not go on here."""
        row = Job.objects.filter(pk=self.job.pk)
        # Attempts count from the last one that got any further, so that a long job may be interrupted often.
        further = row.filter(done__lt=done).update(done=done, total=total, attempts=1)
        if not further and self.job.total is None:
            self.job.total = total
            row.update(total=total)
        if row.values_list("task__worker_ids", flat=True).get()[-1:] != [self.worker]:
            raise Interrupted("another worker has taken the job over")
        if self.stopping() and done < total:
            raise Interrupted("the worker is to stop")
        self.turns.give_way()


def job(function: Callable[..., Any]) -> Task[Any, Any]:
    """Declares a job: a function of a module, whose first argument is its JobContext. What it returns is kept, as JSON."""
    return as_task(takes_context=True)(function)


def enqueue(task: Task[Any, Any], key: str, *, user: User | None = None, **arguments: Any) -> Job:
    """Put a job into the queue, in the caller's transaction; with a key that is there already, return that job instead.

    arguments: of the task, as JSON holds them. user: who asks for it.
    """
    earlier = Job.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            result = task.enqueue(**arguments)
            return Job.objects.create(key=key, user=user, task_id=result.id, created_at=timezone.now())
    except IntegrityError:
        return Job.objects.get(key=key)


def drain(worker: str, stopping: Callable[[], bool] = lambda: False) -> int:
    """Carry out every job that is due, one after the other; returns how many were begun."""
    begun = 0
    while not stopping() and work_one(worker, stopping):
        begun += 1
    return begun


def work_one(worker: str, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Carry out the next job that is due; returns whether there was one."""
    _take_over(worker)
    task = _claimed(worker)
    if task is None:
        return False
    job = Job.objects.select_related("user").get(task=task)
    told = {"job": job.key, "task": task.task_path, "attempt": job.attempts}
    log.info("job begun", extra=told)
    try:
        if job.attempts > ATTEMPTS:
            raise RuntimeError(f"begun {ATTEMPTS} times without getting any further")
        result: Any = task.task_result
        context = JobContext(task_result=result, job=job, worker=worker, stopping=stopping)
        task.set_successful(task.task.call(context, *result.args, **result.kwargs))
    except Interrupted as why:
        _put_back(task)
        log.info("job interrupted", extra=told | {"why": str(why)})
    except Exception as error:
        # Whatever it is, it is kept with the job, and the others go on.
        _failed(task, error)
        log.warning("job failed", extra=told, exc_info=error)
    else:
        log.info("job done", extra=told)
    return True


def failed() -> QuerySet[Job]:
    """The jobs that were given up, the oldest first; `task.traceback` says why."""
    return Job.objects.select_related("task").filter(task__status=TaskResultStatus.FAILED).order_by("id")


def retry(ids: Sequence[int] | None = None) -> int:
    """Let jobs that were given up (all, or those of these ids) be tried again from now on; returns how many those are."""
    with transaction.atomic():
        given_up = failed() if ids is None else failed().filter(pk__in=ids)
        found = dict(given_up.select_for_update(of=("self",)).values_list("pk", "task_id"))
        Job.objects.filter(pk__in=found).update(attempts=0)
        return _ready(DBTaskResult.objects.filter(pk__in=found.values()), timezone.now())


def prune(now: datetime | None = None) -> int:
    """Delete jobs that were done more than thirty days ago; returns how many."""
    before = (now or timezone.now()) - KEPT
    old = Job.objects.filter(task__status=TaskResultStatus.SUCCESSFUL, task__finished_at__lt=before)
    tasks = list(old.values_list("task_id", flat=True))
    DBTaskResult.objects.filter(pk__in=tasks).delete()
    return len(tasks)


def _claimed(worker: str) -> DBTaskResult[Any, Any] | None:
    with transaction.atomic():
        query = DBTaskResult.objects.ready().filter(job__isnull=False)
        task = query.select_for_update(of=("self",), skip_locked=True).first()
        if task is not None:
            task.claim(worker)
            Job.objects.filter(task=task).update(attempts=F("attempts") + 1)
        return task


def _take_over(worker: str) -> None:
    """Make the jobs of workers that have died ready again, and what `worker` itself, which does one at a time, has lost."""
    running = list(DBTaskResult.objects.running().filter(job__isnull=False).values_list("pk", "worker_ids"))
    if not running:
        return
    alive = heartbeat.alive() - {worker}
    for pk, workers in running:
        if not alive.intersection(workers[-1:]):
            # Asked again with the row: another one may have been quicker.
            orphan = DBTaskResult.objects.running().filter(pk=pk, worker_ids=workers)
            if _ready(orphan, timezone.now()):
                log.warning("job taken over", extra={"task": str(pk), "of": workers[-1:]})


def _put_back(task: DBTaskResult[Any, Any]) -> None:
    with transaction.atomic():
        if _ready(_held(task), timezone.now()):
            Job.objects.filter(task=task, attempts__gt=0).update(attempts=F("attempts") - 1)


def _failed(task: DBTaskResult[Any, Any], error: Exception) -> None:
    """Keep the error; a refusal is final, since asking again would be refused again."""
    with transaction.atomic():
        if not _held(task).select_for_update().exists():
            return
        task.set_failed(error)
        attempts = Job.objects.values_list("attempts", flat=True).get(task=task)
        if not isinstance(error, Refusal) and attempts < ATTEMPTS:
            _ready(_held(task), next_attempt(attempts))


def _held(task: DBTaskResult[Any, Any]) -> QuerySet[DBTaskResult[Any, Any]]:
    """The row, as long as nobody else has taken it over."""
    return DBTaskResult.objects.filter(pk=task.pk, worker_ids=task.worker_ids)


def _ready(tasks: QuerySet[DBTaskResult[Any, Any]], run_after: datetime) -> int:
    return tasks.update(status=TaskResultStatus.READY, run_after=run_after, finished_at=None)
