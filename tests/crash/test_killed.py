"""A process that is killed in the middle of its work leaves nothing half done: what was committed is whole.

PENSTOCK_TEST_KILLS says at how many random moments each kind of work is killed (3, or 20 to be thorough).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.installation import Installation, installation

KILLS = int(os.environ.get("PENSTOCK_TEST_KILLS", "3"))
DEALS = 1_500

SETUP = """
    from datetime import date
    from penstock.crm.actions.accounts import create_account
    from penstock.crm.actions.actor import system
    from penstock.crm.actions.merging import merge_accounts
    from penstock.crm.actions.opportunities import create_opportunities, create_opportunity
    from penstock.crm.actions.stages import change_stages
    from penstock.crm.models import Account, Change, Opportunity, OpportunityVersion, Pipeline, Stage
    from penstock.org.models import Company
"""
MADE = (
    SETUP
    + f"""
    Company.objects.create(pk=1, name="Aquifer Systems")
    pipeline = Pipeline.objects.create(key="sales", name="Sales")
    for position, key in enumerate(["qualified", "closing"], 1):
        Stage.objects.create(pipeline=pipeline, key=key, position=position, names={{"en": key}}, probability=2000 * position)
    accounts = [create_account(system(), name=f"Lac Bleu {{number}}", region="EMEA") for number in range(40)]
    rows = [
        dict(name=f"Pumps {{n}}", account=accounts[n % 40].pk, amount=n, close_date=date(2999, 1, 1)) for n in range({DEALS})
    ]
    assert not create_opportunities(system(), rows).refused
"""
)
MOVE = """
    ids = list(Opportunity.objects.order_by("pk").values_list("pk", flat=True))
    stages = list(Stage.objects.order_by("position"))
    print("begun", flush=True)
    while True:
        for stage in stages:
            change_stages(system(), ids, stage.pk)
"""
CREATE = """
    account = Account.objects.first().pk
    rows = [dict(name=f"New {n}", account=account, amount=n, close_date=date(2999, 1, 1)) for n in range(5_000)]
    print("begun", flush=True)
    while True:
        create_opportunities(system(), rows)
"""
MERGE = """
    from penstock.crm.actions.merging import undo_merge
    from penstock.crm.models import Merge
    survivor, *others = Account.objects.filter(removed_at=None).order_by("pk").values_list("pk", flat=True)[:8]
    print("begun", flush=True)
    while True:
        merge_accounts(system(), survivor, others)
        for merge in Merge.objects.filter(undone_by=None).order_by("-pk"):
            undo_merge(system(), merge.pk)
"""
WHOLE = (
    SETUP
    + """
    from penstock.crm.replay import offenders
    assert not [str(one) for one in offenders()]
    # A move is a thousand deals a transaction; every change that is there is there with all of its rows.
    for change in Change.objects.filter(verb="change_stage"):
        assert change.versions.count() == change.records.count() == change.stamps.count()
    print(Change.objects.count())
"""
)
VERIFIED = """
    from penstock.reports.verification import verify
    assert not [str(one) for _, offenders in verify() for one in offenders]
"""


@pytest.fixture(scope="module")
def made() -> Iterator[Installation]:
    with installation() as place:
        place.run(MADE)
        yield place


@pytest.mark.parametrize(("name", "work"), [("move", MOVE), ("create", CREATE), ("merge", MERGE)])
def test_killed_at_random_moments_nothing_is_half_done(made: Installation, name: str, work: str) -> None:
    chance = random.Random(name)
    worked = 0
    before = int(made.run(WHOLE))
    for _ in range(KILLS):
        process = made.start(SETUP + work)
        assert process.stdout is not None
        if process.stdout.readline().strip() != "begun":
            pytest.fail(process.communicate()[1])
        time.sleep(chance.uniform(0.05, 2.5))
        process.kill()
        process.communicate()
        after = int(made.run(WHOLE))
        worked += after - before
        before = after
    made.run(VERIFIED)
    assert worked, "no kill came after anything was committed, so this has shown nothing"
