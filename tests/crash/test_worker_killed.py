"""A worker that is killed during a job: the next one completes it, and nothing is done twice or left undone."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator

import pytest

from tests.crash.console import DUPLICATES, FIRM, SOUND, Console, console
from tests.crash.test_killed import KILLS
from tests.installation import Installation, installation

DEALS = 4_000
ROWS = 3_000
SETTLED = (
    SOUND
    + """
    from penstock.worker import outbox, queue
    assert outbox.waiting() == 0
    assert not outbox.failed() and not queue.failed()
"""
)
WORKER = """
    from penstock.worker.run import run
    print("begun", flush=True)
    run(poll=0.02)
"""
UNDONE = """
    from django_tasks_db.models import DBTaskResult
    print(DBTaskResult.objects.exclude(status="SUCCESSFUL").filter(task_path__contains="worker.jobs").count())
"""
ENQUEUED = """
    from penstock.crm.actions.actor import system
    from penstock.crm.models import Account, Opportunity, Stage
    from penstock.worker import jobs
"""
MOVE = (
    ENQUEUED
    + """
    stage = Stage.objects.order_by("position")[{number} % 2].pk
    deals = list(Opportunity.objects.filter(name__startswith="Pumps").order_by("pk").values_list("pk", flat=True))
    jobs.ask(jobs.move_deals, "move {number}", system(), deals=deals, stage=stage)
"""
)
MOVED = """
    from collections import Counter
    from penstock.crm.models import Opportunity, OpportunityVersion, Stamp
    deals = Opportunity.objects.filter(name__startswith="Pumps").values("pk")
    moves = Stamp.objects.filter(record_type="opportunity", what="stage", record_id__in=deals).exclude(origin="")
    assert set(Counter(moves.values_list("record_id", flat=True)).values()) == {{ {jobs} }}
    versions = OpportunityVersion.objects.filter(opportunity__in=deals)
    assert set(Counter(versions.values_list("opportunity", flat=True)).values()) == {{ {jobs} + 1 }}
"""
CREATE = (
    ENQUEUED
    + f"""
    account = Account.objects.order_by("pk").first().pk
    rows = [dict(name=f"New {{number}} {{{{n}}}}", account=account, amount=n, close_date="2999-01-01") for n in range({ROWS})]
    jobs.ask(jobs.create_deals, "create {{number}}", system("import"), rows=rows)
"""
)
CREATED = f"""
    from penstock.crm.models import Opportunity
    names = list(Opportunity.objects.filter(name__startswith="New").values_list("name", flat=True))
    assert len(names) == len(set(names)) == {{jobs}} * {ROWS}, len(names)
"""
MERGE = (
    ENQUEUED
    + """
    groups = {groups}
    merges = [dict(survivor=first, others=others) for first, *others in groups]
    jobs.ask(jobs.merge_records, "merge {number}", system(), record_type="account", merges=merges)
"""
)
MERGED = """
    from penstock.crm.models import Account, Merge, Opportunity
    assert Merge.objects.count() == {jobs} * 6 * 29
    assert Account.objects.filter(name__startswith="Rio Verde", removed_at=None).count() == {jobs} * 6
    left = Account.objects.filter(removed_at=None)
    assert Opportunity.objects.filter(name="Valves", account__in=left).count() == {jobs} * 6 * 30
"""
KINDS = {"move": (MOVE, MOVED), "create": (CREATE, CREATED), "merge": (MERGE, MERGED)}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place() -> Iterator[Installation]:
    with installation() as made:
        yield made


@pytest.fixture
def looking(place: Installation) -> Iterator[Console]:
    with console(place) as made:
        made.run(FIRM.format(deals=DEALS))
        yield made


def test_a_job_survives_any_number_of_killed_workers(place: Installation, looking: Console, kind: str) -> None:
    enqueue, done = KINDS[kind]
    chance = random.Random(kind)
    jobs = caught = 0
    for _ in range(KILLS):
        if int(looking.run(UNDONE)) == 0:
            jobs += 1
            groups = [json.loads(f"[{looking.run(DUPLICATES).replace(' ', ',')}]") for _ in range(6)] if kind == "merge" else []
            looking.run(enqueue.format(number=jobs, groups=groups))
        worker = place.start(WORKER)
        assert worker.stdout is not None
        if worker.stdout.readline().strip() != "begun":
            pytest.fail(worker.communicate()[1])
        time.sleep(chance.uniform(0.05, 1.5))
        worker.kill()
        worker.communicate()
        caught += int(looking.run(UNDONE))
        looking.run(SOUND)
    looking.run("from penstock.worker.run import run; run(once=True)")
    assert int(looking.run(UNDONE)) == 0
    looking.run(SETTLED)
    looking.run(done.format(jobs=jobs))
    assert caught, "no kill came during a job, so this has shown nothing"
