"""The background jobs there are. Each does its work in parts of a transaction under keys of their own, so that it may be killed.

Those that somebody asks for (`move_deals` …) are enqueued with `ask`, which names who they act as: access is that user's. What
they return, and so the queue's row keeps, is {"done": how many, "refused": [{"id", "code", "message"}], "refusals": how many}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.utils import translation
from django_tasks.base import Task

from penstock.crm.actions import merging, opportunities, probabilities, stages
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.chunks import AT_ONCE, Outcome
from penstock.crm.models import Pipeline
from penstock.crm.refusals import AlreadyDone, InvalidInput, NotFound, Refusal
from penstock.loop.digests import send_digests
from penstock.org.models import User
from penstock.worker import heartbeat, outbox, queue
from penstock.worker.models import Job
from penstock.worker.queue import JobContext, job

T = TypeVar("T")
Told = dict[str, Any]
_REFUSALS_KEPT = 1_000
_MERGES = {"account": merging.merge_accounts, "contact": merging.merge_contacts, "lead": merging.merge_leads}


def ask(wanted: Task[Any, Any], key: str, actor: Actor, **arguments: Any) -> Job:
    """Enqueue a job for somebody, in the caller's transaction; a key that is there already gives that job.

    arguments: those of the job after its context, without source and reason, as JSON holds them.
    """
    return queue.enqueue(wanted, key, user=actor.user, source=actor.source, reason=actor.reason, **arguments)


@job
def move_deals(
    context: JobContext, deals: list[int], stage: int, fields: dict[str, Any] | None = None, source: str = "web", reason: str = ""
) -> Told:
    """Move many deals to a stage (`crm.actions.stages.change_stages`)."""
    return _in_parts(context, deals, source, reason, lambda actor, part: stages.change_stages(actor, part, stage, fields=fields))


@job
def edit_deals(context: JobContext, deals: list[int], changes: dict[str, Any], source: str = "web", reason: str = "") -> Told:
    """Set the same fields of many deals."""
    return _in_parts(context, deals, source, reason, lambda actor, part: opportunities.edit_opportunities(actor, part, changes))


@job
def reassign_deals(context: JobContext, deals: list[int], owner: int, source: str = "web", reason: str = "") -> Told:
    """Hand many deals to an owner."""
    user = User.objects.filter(pk=owner).first()
    if user is None:
        raise NotFound("user", [owner])
    return _in_parts(context, deals, source, reason, lambda actor, part: opportunities.reassign(actor, part, user))


@job
def create_deals(context: JobContext, rows: list[dict[str, Any]], source: str = "import", reason: str = "") -> Told:
    """Open many deals; a refused row is named by its number from 0."""
    return _in_parts(context, rows, source, reason, opportunities.create_opportunities, by_number=True)


@job
def merge_records(
    context: JobContext, record_type: str, merges: list[dict[str, Any]], source: str = "web", reason: str = ""
) -> Told:
    """Merge duplicates of a kind (account, contact, lead), each of `merges` in a transaction: {"survivor", "others", "take"}.

    A refused one is named by its number from 0.
    """
    if record_type not in _MERGES:
        raise InvalidInput({"record_type": [f"Choose {', '.join(_MERGES)}."]})

    def one(actor: Actor, part: Sequence[dict[str, Any]]) -> Outcome:
        (given,) = part
        try:
            _MERGES[record_type](actor, given["survivor"], given["others"], take=given.get("take"))
        except AlreadyDone:
            pass
        except Refusal as refusal:
            return Outcome(refused={0: refusal})
        return Outcome(done=[given["survivor"]])

    return _in_parts(context, merges, source, reason, one, by_number=True, size=1)


@job
def learn_probabilities(context: JobContext) -> Told:
    """Learn each pipeline's probabilities; where learned ones are in force, put the new ones in their place."""
    pipelines = list(Pipeline.objects.filter(archived=False).order_by("pk"))
    learned = 0
    for number, pipeline in enumerate(pipelines):
        key = f"job:{context.job.key}:{pipeline.pk}"
        found = _unless_done(probabilities.learn, pipeline.pk, f"{key}:learn")
        learned += len(found.learned) if found else 0
        if pipeline.learned and probabilities.latest_learned(pipeline.pk):
            _unless_done(probabilities.apply_learned, pipeline.pk, f"{key}:apply")
        context.report(number + 1, len(pipelines))
    return {"stages": learned}


@job
def mail_digests(context: JobContext) -> Told:
    """Send the digests of the users whose morning has come."""
    return {"sent": send_digests()}


@job
def refresh_mirror(context: JobContext) -> Told:
    """Bring the mirror's files up to date, so that a new process need not read everything from the database."""
    from penstock.reports.mirror import drop, mirror

    with mirror().reading() as read:
        told = {"seq": read.mark.seq}
    # The worker asks no questions, so it need not hold the history in memory.
    drop()
    return told


@job
def prune(context: JobContext) -> Told:
    """Delete handled events, done jobs and dead workers that nobody asks for any more."""
    return {"events": outbox.prune(), "jobs": queue.prune(), "workers": heartbeat.prune()}


def _in_parts(
    context: JobContext,
    items: Sequence[T],
    source: str,
    reason: str,
    act: Callable[[Actor, Sequence[T]], Outcome],
    *,
    by_number: bool = False,
    size: int = AT_ONCE,
) -> Told:
    """Call `act` with one part after the other, each under a key of its own: of a job that is begun again, what is done is done.

    by_number: refusals name items by their number within the part.
    """
    user = context.job.user
    actor = Actor(user=user, source=source, reason=reason)
    done, refused = 0, dict[int, Refusal]()
    with translation.override(user.language if user else None):
        context.report(0, len(items))
        for start in range(0, len(items), size):
            part = items[start : start + size]
            outcome = act(actor.but(key=f"job:{context.job.key}:{start // size}"), part)
            done += len(outcome.done)
            refused |= {start + pk if by_number else pk: why for pk, why in outcome.refused.items()}
            context.report(start + len(part), len(items))
    return _told(done, refused)


def _told(done: int, refused: Mapping[int, Refusal]) -> Told:
    first = list(refused.items())[:_REFUSALS_KEPT]
    listed = [{"id": pk, "code": refusal.code, "message": refusal.message} for pk, refusal in first]
    return {"done": done, "refused": listed, "refusals": len(refused)}


def _unless_done(act: Callable[[Actor, int], T], pk: int, key: str) -> T | None:
    try:
        return act(system("clock").but(key=key), pk)
    except AlreadyDone:
        return None
