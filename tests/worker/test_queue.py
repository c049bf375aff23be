"""Jobs: once per key, in parts that are not done again, tried again where they fail, taken over from the dead."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from penstock.crm.actions.accounts import create_account
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.chunks import AT_ONCE
from penstock.crm.actions.opportunities import create_opportunities, remove_opportunities
from penstock.crm.actions.stages import change_stages
from penstock.crm.models import Account, Change, Merge, Opportunity, OpportunityVersion, Stage
from penstock.org.models import User
from penstock.worker import heartbeat, jobs, queue
from penstock.worker.backoff import ATTEMPTS
from penstock.worker.models import Beat, Job
from tests.worker import listening

NEXT_YEAR = "2999-01-01"


@pytest.fixture
def worker(db: None) -> str:
    listening.calls.clear()
    return heartbeat.begin()


def later(hours: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True)


def rows_of(account: Account, count: int) -> list[dict]:
    return [{"name": f"Pumps {n}", "account": account.pk, "amount": 1_00 * n, "close_date": NEXT_YEAR} for n in range(count)]


def returned(job: Job) -> Any:
    return DBTaskResult.objects.get(job=job).return_value


def test_a_key_is_enqueued_once(worker: str) -> None:
    first = queue.enqueue(listening.three_parts, "parts")
    assert queue.enqueue(listening.three_parts, "parts").pk == first.pk
    assert queue.drain(worker) == 1
    assert queue.enqueue(listening.three_parts, "parts").pk == first.pk
    assert queue.drain(worker) == 0
    assert listening.calls == [0, 1, 2]
    first.refresh_from_db()
    assert (first.done, first.total) == (3, 3)
    assert returned(first) == {"parts": 3}


def test_a_failed_job_is_tried_again_after_a_while(worker: str) -> None:
    job = queue.enqueue(listening.three_parts, "parts", fail_at=1)
    queue.drain(worker)
    job.refresh_from_db()
    assert (job.done, job.total, job.task.status) == (1, 3, TaskResultStatus.READY)
    assert "the line is down" in job.task.traceback
    assert queue.drain(worker) == 0
    with later(1):
        queue.drain(worker)
    assert returned(job) == {"parts": 3}


def test_a_job_that_always_fails_is_given_up_and_can_be_retried(worker: str) -> None:
    job = queue.enqueue(listening.always_fails, "vain")
    for attempt in range(ATTEMPTS + 3):
        with later(2 * attempt):
            queue.drain(worker)
    assert listening.calls == ["tried"] * ATTEMPTS
    assert [one.pk for one in queue.failed()] == [job.pk]
    assert "the line is down" in queue.failed()[0].task.traceback
    assert queue.retry([job.pk]) == 1
    queue.drain(worker)
    assert len(listening.calls) == ATTEMPTS + 1
    assert not queue.failed()


def test_a_refused_job_is_not_tried_again(worker: str, stages: dict[str, Stage]) -> None:
    job = jobs.ask(jobs.move_deals, "move", system(), deals=[1], stage=999)
    queue.drain(worker)
    assert [one.pk for one in queue.failed()] == [job.pk]
    assert "There is no stage 999" in queue.failed()[0].task.traceback


def test_a_stopping_worker_puts_the_job_back_where_it_is(worker: str) -> None:
    job = queue.enqueue(listening.three_parts, "parts")
    queue.work_one(worker, stopping=lambda: len(listening.calls) >= 2)
    job.refresh_from_db()
    assert (job.done, job.attempts, job.task.status) == (2, 0, TaskResultStatus.READY)
    queue.drain(worker)
    assert returned(job) == {"parts": 3}


def test_the_job_of_a_dead_worker_is_taken_over_and_that_of_a_living_one_is_not(worker: str) -> None:
    now = timezone.now()
    other = Beat.objects.create(worker="other", host="elsewhere", pid=1, started_at=now, beat_at=now)
    job = queue.enqueue(listening.three_parts, "parts")
    DBTaskResult.objects.get(job=job).claim("other")
    assert queue.drain(worker) == 0
    with later(0.1):
        assert heartbeat.alive() == set()
        assert queue.drain(worker) == 1
    assert returned(job) == {"parts": 3}
    assert DBTaskResult.objects.get(job=job).worker_ids == [other.worker, worker]


def test_a_worker_of_this_machine_whose_process_is_gone_is_dead_at_once(worker: str) -> None:
    now = timezone.now()
    here = Beat.objects.get(worker=worker).host
    Beat.objects.create(worker="gone", host=here, pid=2**22 + 1, started_at=now, beat_at=now)
    assert heartbeat.alive() == {worker}


def test_a_job_that_kills_its_worker_each_time_is_given_up(worker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = queue.enqueue(listening.three_parts, "parts")
    for number in range(ATTEMPTS):
        assert queue._claimed(f"dead {number}") is not None
        queue._take_over(worker)
    queue.drain(worker)
    assert [one.pk for one in queue.failed()] == [job.pk]
    assert "without getting any further" in queue.failed()[0].task.traceback


def test_a_job_that_was_taken_over_does_not_go_on(worker: str) -> None:
    job = queue.enqueue(listening.three_parts, "parts")

    def taken_over() -> bool:
        DBTaskResult.objects.filter(job=job).update(worker_ids=[worker, "other"])
        return False

    listening.calls.clear()
    DBTaskResult.objects.filter(job=job).update(run_after=timezone.now())
    queue.work_one(worker, stopping=taken_over)
    assert listening.calls == [0, 1], "it noticed at the next part"
    assert DBTaskResult.objects.get(job=job).status == TaskResultStatus.RUNNING


def test_deals_are_created_moved_edited_and_handed_over(
    worker: str, rep: User, other_rep: User, account: Account, stages: dict[str, Stage]
) -> None:
    actor = Actor(user=rep, source="web", reason="spring clean")
    rows = [*rows_of(account, 3), {"name": "", "account": account.pk}]
    made = jobs.ask(jobs.create_deals, "create", actor, rows=rows)
    queue.drain(worker)
    told = returned(made)
    assert told["done"] == 3
    assert [(one["id"], one["code"]) for one in told["refused"]] == [(3, "invalid")]
    ids = list(Opportunity.objects.order_by("pk").values_list("pk", flat=True))
    assert set(Opportunity.objects.values_list("owner", flat=True)) == {rep.pk}

    jobs.ask(jobs.move_deals, "move", actor, deals=ids, stage=stages["closing"].pk)
    jobs.ask(jobs.edit_deals, "edit", actor, deals=ids, changes={"next_step": "Call", "close_date": "2999-06-30"})
    jobs.ask(jobs.reassign_deals, "hand over", system(), deals=ids, owner=other_rep.pk)
    queue.drain(worker)
    for deal in Opportunity.objects.all():
        assert (deal.stage, deal.next_step, deal.close_date) == (stages["closing"], "Call", date(2999, 6, 30))
        assert deal.owner == other_rep
    assert {(one.user_id, one.reason) for one in Change.objects.filter(verb="change_stage")} == {(rep.pk, "spring clean")}


def test_what_a_killed_job_had_done_and_refused_is_told_when_it_is_done_again(
    worker: str, account: Account, stages: dict[str, Stage]
) -> None:
    made = create_opportunities(system(), rows_of(account, AT_ONCE + 5)).done
    remove_opportunities(system(), made[:2])
    lost = stages["lost"].pk
    fields = {"lost_reason": "price"}
    job = jobs.ask(jobs.move_deals, "move", system(), deals=made, stage=lost, fields=fields)
    # The first part was committed, and then the worker was killed before it could say so.
    change_stages(Actor(user=None, key=f"job:{job.key}:0"), made[:AT_ONCE], lost, fields=fields)
    versions = OpportunityVersion.objects.filter(opportunity__in=made, stage=lost)
    assert versions.count() == AT_ONCE - 2
    queue.drain(worker)
    told = returned(job)
    assert told["done"] == AT_ONCE + 3
    assert [(one["id"], one["code"]) for one in told["refused"]] == [(made[0], "invalid"), (made[1], "invalid")]
    assert "restore it first" in told["refused"][0]["message"]
    assert versions.count() == versions.values("opportunity").distinct().count() == AT_ONCE + 3


def test_duplicates_are_merged_once(worker: str, pipeline: object) -> None:
    pairs = [[create_account(system(), name=f"Lac Bleu {n}{letter}").pk for letter in "ab"] for n in range(3)]
    merges = [{"survivor": first, "others": [second]} for first, second in pairs] + [{"survivor": pairs[0][0], "others": []}]
    job = jobs.ask(jobs.merge_records, "merge", system(), record_type="account", merges=merges)
    queue.drain(worker)
    told = returned(job)
    assert told["done"] == 3
    assert [(one["id"], one["code"]) for one in told["refused"]] == [(3, "invalid")]
    assert Merge.objects.count() == 3
    # Begun again, as after a kill before the end was marked, it merges nothing more.
    DBTaskResult.objects.filter(job=job).update(status=TaskResultStatus.READY)
    queue.drain(worker)
    assert returned(job)["done"] == 3
    assert Merge.objects.count() == 3


def test_learning_is_written_once_per_job(worker: str, account: Account, stages: dict[str, Stage]) -> None:
    job = queue.enqueue(jobs.learn_probabilities, "learning:today")
    queue.drain(worker)
    DBTaskResult.objects.filter(job=job).update(status=TaskResultStatus.READY)
    queue.drain(worker)
    assert Change.objects.filter(verb="learn_probabilities").count() == 1


def test_done_jobs_go_after_a_month_and_failed_ones_stay(worker: str) -> None:
    done = queue.enqueue(listening.three_parts, "parts")
    vain = jobs.ask(jobs.move_deals, "vain", system(), deals=[1], stage=999)
    queue.drain(worker)
    assert queue.prune() == 0
    with later(24 * 31):
        assert queue.prune() == 1
    assert not Job.objects.filter(pk=done.pk).exists()
    assert Job.objects.filter(pk=vain.pk).exists()


def test_results_are_json_whatever_was_refused(worker: str, account: Account, stages: dict[str, Stage]) -> None:
    made = create_opportunities(Actor(user=None, key="k"), [*rows_of(account, 1), {"close_date": "never"}])
    again = create_opportunities(Actor(user=None, key="k"), [*rows_of(account, 1), {"close_date": "never"}])
    assert again.done == made.done
    assert again.refused[1].code == made.refused[1].code
    assert again.refused[1].message == made.refused[1].message
    assert json.dumps(again.refused[1].details)
    assert Opportunity.objects.count() == 1


@pytest.mark.parametrize("statement", ["UPDATE crm_changeoutcome SET outcome = '{}'", "DELETE FROM crm_changeoutcome"])
def test_what_a_bulk_change_has_done_cannot_be_rewritten(account: Account, stages: dict[str, Stage], statement: str) -> None:
    create_opportunities(Actor(user=None, key="k"), rows_of(account, 1))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
