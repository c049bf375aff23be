"""A disk that is full in the middle of a transaction: nothing is lost or half there, and work goes on once there is room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.console import FIRM, SOUND
from tests.installation import Installation, installation

# The file may not grow any more; on PostgreSQL the server says what it says when a write finds no room.
FULL = """
    from contextlib import contextmanager
    from django.db import OperationalError, connection

    @contextmanager
    def full_disk():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.execute("PRAGMA page_count")
                pages = cursor.fetchone()[0]
                cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
            try:
                yield
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA max_page_count = 1073741823")
            return

        def no_room(execute, sql, params, many, context):
            if sql.startswith('INSERT INTO "crm_stamp"'):
                full = "DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
                context["connection"].cursor().execute(full)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(no_room):
            yield
"""
COUNTED = """
    from penstock.crm.models import Change, Opportunity, OpportunityVersion, OutboxEvent
    def counted():
        return [model.objects.count() for model in (Change, Opportunity, OpportunityVersion, OutboxEvent)]
"""
ACTIONS = (
    FULL
    + COUNTED
    + """
    from penstock.crm.actions.actor import system
    from penstock.crm.actions.opportunities import create_opportunities
    from penstock.crm.actions.stages import change_stages
    from penstock.crm.models import Account, Stage
    account = Account.objects.get().pk
    rows = [dict(name=f"New {n}", account=account, amount=n, close_date="2999-01-01") for n in range(800)]
    deals = list(Opportunity.objects.values_list("pk", flat=True))
    target = Stage.objects.order_by("position").last().pk
    before = counted()
    for act in (lambda: create_opportunities(system(), rows), lambda: change_stages(system(), deals, target)):
        with full_disk():
            try:
                act()
                raise AssertionError("there was room")
            except OperationalError as error:
                print(error)
        assert counted() == before, counted()
        assert not Opportunity.objects.filter(stage=target).exists()
    assert not create_opportunities(system(), rows).refused
    assert not change_stages(system(), deals, target).refused
"""
)
WORKER = (
    FULL
    + COUNTED
    + """
    from penstock.crm.actions.actor import system
    from penstock.crm.models import Stage
    from penstock.worker import jobs, outbox, queue
    from penstock.worker.run import run
    deals = list(Opportunity.objects.values_list("pk", flat=True))
    target = Stage.objects.order_by("position").last().pk
    jobs.ask(jobs.move_deals, "move", system(), deals=deals, stage=target)
    before = counted()
    with full_disk():
        try:
            run(once=True)
        except OperationalError as error:
            print(error)
    assert counted()[:3] == before[:3]
    # There is room again; the job waits for its next attempt, or for somebody to take it over.
    from datetime import timedelta
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    run(once=True)
    assert not queue.failed() and not outbox.failed() and outbox.waiting() == 0
    assert Opportunity.objects.filter(stage=target).count() == len(deals)
    assert counted()[2] == before[2] + len(deals)
"""
)


@pytest.fixture
def place() -> Iterator[Installation]:
    with installation() as made:
        made.run(FIRM.format(deals=900))
        yield made


def test_a_full_disk_leaves_everything_as_it_was(place: Installation) -> None:
    said = place.run(ACTIONS)
    assert said.count("full") == 2 or said.count("No space left on device") == 2, said
    place.run(SOUND)


def test_a_worker_on_a_full_disk_goes_on_when_there_is_room(place: Installation) -> None:
    place.run(WORKER)
    place.run(SOUND)
