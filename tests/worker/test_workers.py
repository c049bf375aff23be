"""Workers as processes: they share the work, stop in order, and say that they are alive."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from tests.installation import Installation, installation

FIRM = """
    from penstock.org.models import Company
    Company.objects.create(pk=1, name="Aquifer Systems")
"""
EVENTS = (
    FIRM
    + """
    from penstock.crm.actions.accounts import create_accounts, edit_account
    from penstock.crm.actions.actor import system
    made = create_accounts(system(), [dict(name=f"Lac Bleu {n}") for n in range(60)]).done
    for text in ("one", "two"):
        for pk in made:
            edit_account(system(), pk, {"description": text})
"""
)
DRAIN = """
    from penstock.worker import outbox, subscribers
    from tests.worker.listening import everything, note
    subscribers.SUBSCRIBERS = (subscribers.Subscriber(note, everything),)
    print("begun", flush=True)
    input()
    print(outbox.drain())
"""
WORKER = """
    from penstock.worker.run import run
    print("begun", flush=True)
    run(poll=0.05)
    print("ended")
"""
JOBS = (
    FIRM
    + """
    from datetime import date
    from penstock.crm.actions.accounts import create_account
    from penstock.crm.actions.actor import system
    from penstock.crm.actions.opportunities import create_opportunities
    from penstock.crm.models import Opportunity, Pipeline, Stage
    from penstock.worker import jobs
    pipeline = Pipeline.objects.create(key="sales", name="Sales")
    for position, key in enumerate(["qualified", "closing"], 1):
        Stage.objects.create(pipeline=pipeline, key=key, position=position, names={"en": key}, probability=2000 * position)
    account = create_account(system(), name="Lac Bleu").pk
    rows = [dict(name=f"Pumps {n}", account=account, amount=n, close_date=date(2999, 1, 1)) for n in range(6_000)]
    made = create_opportunities(system().but(quiet=True), rows).done
    jobs.ask(jobs.move_deals, "move", system(), deals=made, stage=Stage.objects.get(key="closing").pk)
"""
)
PROGRESS = """
    from penstock.worker.models import Beat, Job
    job = Job.objects.select_related("task").get()
    print(job.done, job.task.status, Beat.objects.count())
"""


@pytest.fixture
def place() -> Iterator[Installation]:
    with installation() as made:
        yield made


def begun(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdout is not None
    if process.stdout.readline().strip() != "begun":
        pytest.fail(process.communicate()[1])
    return process


def test_two_workers_share_the_events_and_keep_each_records_order(place: Installation) -> None:
    noted = place.folder / "noted"
    place.extra["NOTED"] = str(noted)
    place.run(EVENTS)
    workers = [begun(place.start(DRAIN)) for _ in range(2)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    handled = []
    for worker in workers:
        out, err = worker.communicate(timeout=120)
        assert worker.returncode == 0, err
        handled.append(int(out))
    lines = [re.split(" ", line) for line in noted.read_text().splitlines()]
    assert sum(handled) == len(lines) == 180
    assert set(Counter(event for _, _, event in lines).values()) == {1}
    by_record = defaultdict(list)
    for _, record, event in lines:
        by_record[record].append(int(event))
    assert len(by_record) == 60
    assert all(events == sorted(events) for events in by_record.values())
    if place.url.startswith("postgres"):
        assert min(handled) > 0, "one of the workers did everything"


def test_a_worker_that_is_told_to_stop_finishes_its_transaction_and_another_goes_on(place: Installation) -> None:
    place.run(JOBS)
    worker = begun(place.start(WORKER))
    until = time.monotonic() + 60
    done = 0
    while not done and time.monotonic() < until:
        done = int(place.run(PROGRESS).split()[0])
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=60)
    assert worker.returncode == 0, err
    assert out.strip() == "ended"
    stopped, status, beats = place.run(PROGRESS).split()
    assert int(stopped) >= 1_000
    assert status in ("READY", "SUCCESSFUL")
    assert beats == "0"
    place.run("from penstock.worker.run import run; run(once=True)")
    assert place.run(PROGRESS).split() == ["6000", "SUCCESSFUL", "0"]
    moved = "from penstock.crm.models import Stamp; print(Stamp.objects.filter(target='closing').count())"
    assert place.run(moved).strip() == "6000"


def test_a_running_worker_is_seen_and_a_killed_one_is_missed(place: Installation) -> None:
    place.run(FIRM)
    beat = "from penstock.worker.heartbeat import alive, last_beat; print(len(alive()), last_beat() is not None)"
    assert place.run(beat).split() == ["0", "False"]
    worker = begun(place.start(WORKER))
    until = time.monotonic() + 30
    while place.run(beat).split() != ["1", "True"] and time.monotonic() < until:
        pass
    assert place.run(beat).split() == ["1", "True"]
    worker.kill()
    worker.communicate()
    assert place.run(beat).split() == ["0", "True"]
