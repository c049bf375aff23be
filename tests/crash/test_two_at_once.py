"""Two people move the same deal at the same moment, each from a process of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.installation import Installation, installation

ROUNDS = 8
FIRM = """
    from penstock.crm.actions.accounts import create_account
    from penstock.crm.actions.actor import Actor
    from penstock.crm.actions.opportunities import create_opportunity
    from penstock.crm.models import Pipeline, Stage
    from penstock.org.models import Company, Role, User
    Company.objects.create(pk=1, name="Aquifer Systems")
    pipeline = Pipeline.objects.create(key="sales", name="Sales")
    for position, key in enumerate(["qualified", "proposed", "closing"], 1):
        Stage.objects.create(pipeline=pipeline, key=key, position=position, names={"en": key}, probability=2000 * position)
    for name in ("Ada Rill", "Ben Weir"):
        User.objects.create_superuser(f"{name[:3].lower()}@aquifer.example", name=name)
    ada = Actor(user=User.objects.get(name="Ada Rill"))
    account = create_account(ada, name="Lac Bleu")
    create_opportunity(ada, name="Pumps", account=account.pk, amount=1, close_date="2999-01-01")
"""
# Each waits for the word, moves the deal, and tells how it went.
MOVER = """
    import json, sys
    from penstock.crm.actions.actor import Actor
    from penstock.crm.actions.stages import change_stage
    from penstock.crm.models import Opportunity, Stage
    from penstock.crm.refusals import StaleWrite
    from penstock.org.models import User
    actor = Actor(user=User.objects.get(name={name!r}))
    stages = {{stage.key: stage.pk for stage in Stage.objects.all()}}
    for line in sys.stdin:
        given = json.loads(line)
        deal = Opportunity.objects.get()
        print("ready", flush=True)
        sys.stdin.readline()
        revision = deal.revision if given["looked"] else None
        try:
            change_stage(actor, deal.pk, stages[given["stage"]], revision=revision)
            answer = ["moved"]
        except StaleWrite as stale:
            answer = ["stale", stale.message, stale.details["by"], stale.details["changed"]]
        print(json.dumps(answer), flush=True)
"""
STAGES = """
    import json
    from penstock.crm.models import OpportunityVersion, Stamp
    stamps = Stamp.objects.filter(what="stage").order_by("id").values_list("origin", "target", "by__name")
    versions = OpportunityVersion.objects.order_by("effective_at", "id").values_list("stage__key", "revision")
    print(json.dumps([list(stamps), list(versions)]))
"""


@pytest.fixture
def place() -> Iterator[Installation]:
    with installation() as made:
        made.run(FIRM)
        yield made


def at_once(place: Installation, rounds: list[tuple[str, str]], *, looked: bool) -> list[list[list]]:
    """What two movers answered in each round, in which the first is to move the deal to one stage and the second to another."""
    movers = [place.start(MOVER.format(name=name)) for name in ("Ada Rill", "Ben Weir")]
    answers = []
    try:
        for stages in rounds:
            for mover, stage in zip(movers, stages, strict=True):
                assert mover.stdin is not None
                assert mover.stdout is not None
                mover.stdin.write(json.dumps({"stage": stage, "looked": looked}) + "\n")
                mover.stdin.flush()
                assert mover.stdout.readline() == "ready\n"
            for mover in movers:
                assert mover.stdin is not None
                mover.stdin.write("go\n")
                mover.stdin.flush()
            answers.append([json.loads(mover.stdout.readline()) for mover in movers if mover.stdout])
    finally:
        for mover in movers:
            mover.kill()
            mover.communicate()
    return answers


# From where a round leaves the deal, whoever won, neither move is to where it is already.
TURNS = [("proposed", "closing"), ("qualified", "qualified")] * (ROUNDS // 2)


def test_one_wins_and_the_other_is_told_by_whom_and_what(place: Installation) -> None:
    for both in at_once(place, TURNS, looked=True):
        assert sorted(answer[0] for answer in both) == ["moved", "stale"]
        winner = 0 if both[0][0] == "moved" else 1
        _, message, by, changed = both[1 - winner]
        name = ("Ada Rill", "Ben Weir")[winner]
        assert by == name
        assert message.startswith(f"{name} changed this opportunity since you read it")
        assert "stage_id" in changed
        assert changed["stage_id"]["then"] != changed["stage_id"]["now"]
    stamps, versions = json.loads(place.run(STAGES))
    assert len(stamps) == len(versions) == ROUNDS + 1
    assert [revision for _, revision in versions] == list(range(1, ROUNDS + 2))


def test_without_a_revision_both_moves_happen_one_after_the_other(place: Installation) -> None:
    rounds = [("proposed", "closing"), ("qualified", "closing"), ("proposed", "qualified")]
    for both in at_once(place, rounds, looked=False):
        assert [answer[0] for answer in both] == ["moved", "moved"]
    stamps, versions = json.loads(place.run(STAGES))
    # What did not move a deal, since it was there already, has left no trace; the others follow on.
    assert [origin for origin, _, _ in stamps[1:]] == [target for _, target, _ in stamps[:-1]]
    assert [stage for stage, _ in versions] == [target for _, target, _ in stamps]
    assert [revision for _, revision in versions] == list(range(1, len(versions) + 1))
    first = {target for _, target, _ in stamps[1:3]}
    assert first == {"proposed", "closing"}
    assert {name for _, _, name in stamps[1:3]} == {"Ada Rill", "Ben Weir"}


def test_a_clock_that_is_set_back_does_not_turn_history_round(place: Installation) -> None:
    place.run(
        """
        from datetime import timedelta
        import time_machine
        from django.utils import timezone
        from penstock.crm.actions.actor import system
        from penstock.crm.actions.stages import change_stage
        from penstock.crm.models import Opportunity, Stage
        from penstock.crm.replay import offenders
        stages = {stage.key: stage.pk for stage in Stage.objects.all()}
        deal = Opportunity.objects.get().pk
        change_stage(system(), deal, stages["proposed"])
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            change_stage(system(), deal, stages["closing"])
        assert not [str(one) for one in offenders()]
        """
    )
    stamps, versions = json.loads(place.run(STAGES))
    assert [stage for stage, _ in versions] == [target for _, target, _ in stamps] == ["qualified", "proposed", "closing"]
