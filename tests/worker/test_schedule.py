"""What recurs is taken up once a slot; what was missed is made up for once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from penstock.loop.models import Clock
from penstock.org.models import Company
from penstock.worker import schedule
from penstock.worker.models import Job, PeriodicSlot
from penstock.worker.run import run
from penstock.worker.schedule import PERIODIC, Periodic, slot_of

# A winter's morning in Paris, an hour before the digests' and after the night's jobs.
NOW = datetime(2026, 1, 14, 8, 30, 20, tzinfo=UTC)
NAMED = {one.name: one for one in PERIODIC}


def keys(name: str) -> list[str]:
    return list(Job.objects.filter(key__startswith=f"{name}:").order_by("key").values_list("key", flat=True))


@pytest.fixture
def ticks(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock's ticks."""
    found: list[datetime] = []
    clock = Periodic("clock", every=timedelta(minutes=1), act=found.append, from_the_start=True)
    monkeypatch.setattr(schedule, "PERIODIC", (clock, *PERIODIC[1:]))
    return found


def test_nothing_recurs_before_there_is_a_company(db: None) -> None:
    assert schedule.step(NOW) == 0


def test_at_first_only_the_clock_acts(ticks: list[datetime]) -> None:
    assert schedule.step(NOW) == 1
    assert ticks == [NOW]
    assert not Job.objects.exists()


def test_a_slot_is_taken_up_once_and_the_next_one_again(ticks: list[datetime]) -> None:
    for seconds in (0, 5, 30, 40, 50, 100):
        schedule.step(NOW + timedelta(seconds=seconds))
    assert [tick - NOW for tick in ticks] == [timedelta(seconds=seconds) for seconds in (0, 40, 100)]


def test_what_was_missed_in_three_days_is_done_once(ticks: list[datetime]) -> None:
    schedule.step(NOW)
    after = NOW + timedelta(days=3)
    schedule.step(after)
    schedule.step(after + timedelta(seconds=5))
    assert ticks == [NOW, after]
    assert keys("learning") == ["learning:2026-01-17T01:30:00+00:00"]
    assert keys("prune") == ["prune:2026-01-17T03:00:00+00:00"]
    assert keys("digests") == ["digests:2026-01-17T08:00:00+00:00"]
    assert keys("mirror") == ["mirror:2026-01-17T08:00:00+00:00"]


def test_a_slot_that_another_worker_has_taken_is_left_to_it(ticks: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    schedule.step(NOW)
    read = dict(PeriodicSlot.objects.values_list("name", "slot"))
    later = NOW + timedelta(days=1)
    schedule.step(later)
    assert len(keys("prune")) == 1
    # This one had looked before the other one took it.
    assert read["prune"] is not None
    assert read["prune"] < slot_of(NAMED["prune"], later)
    assert not schedule._take(NAMED["prune"], slot_of(NAMED["prune"], later))
    assert len(keys("prune")) == 1


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        # Half past two in Paris; on 29 March 2026 that time is skipped, on 25 October there are two.
        (datetime(2026, 1, 14, 1, 29, tzinfo=UTC), datetime(2026, 1, 13, 1, 30, tzinfo=UTC)),
        (datetime(2026, 1, 14, 1, 30, tzinfo=UTC), datetime(2026, 1, 14, 1, 30, tzinfo=UTC)),
        (datetime(2026, 7, 14, 12, 0, tzinfo=UTC), datetime(2026, 7, 14, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 12, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_daily_slots_are_of_the_companys_day(company: Company, now: datetime, slot: datetime) -> None:
    assert slot_of(NAMED["learning"], now) == slot


def test_a_run_does_everything_that_is_due_and_returns(company: Company) -> None:
    with time_machine.travel(NOW, tick=True):
        run(once=True)
        assert Clock.objects.get().ended_at is not None
    with time_machine.travel(NOW + timedelta(days=1), tick=True):
        run(once=True)
    done = dict(Job.objects.values_list("key", "task__status"))
    assert {key.split(":")[0] for key in done} == {"digests", "mirror", "learning", "prune"}
    assert set(done.values()) == {"SUCCESSFUL"}
