"""What was given up is listed with its reason, and can be tried again."""

from __future__ import annotations

from django.utils import timezone

from penstock.crm.actions.accounts import create_account
from penstock.crm.actions.actor import Actor, system
from penstock.crm.models import OutboxEvent, Stage
from penstock.worker import failures, heartbeat, jobs, queue


def test_events_and_jobs_that_were_given_up(actor: Actor, stages: dict[str, Stage]) -> None:
    assert failures.failures() == []
    account = create_account(actor, name="Lac Bleu SA")
    error = "Traceback (most recent call last):\n  …\nConnectionError: nobody answers"
    OutboxEvent.objects.update(failed_at=timezone.now(), attempts=8, error=error)
    jobs.ask(jobs.move_deals, "move", system(), deals=[1], stage=999)
    queue.drain(heartbeat.begin())
    event, job = failures.failures()
    assert (event.kind, event.name, event.summary) == (
        "event",
        f"account.create account {account.pk}",
        "ConnectionError: nobody answers",
    )
    assert (job.kind, job.name) == ("job", "move")
    assert "There is no stage 999" in job.summary
    assert failures.retry() == 2
    assert failures.failures() == []
