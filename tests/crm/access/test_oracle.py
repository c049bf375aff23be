"""What a user sees, for companies drawn at random, is what plain Python says; and the two ways to ask agree."""

from __future__ import annotations

from random import Random

from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from penstock.crm import access
from penstock.crm.record_types import record_model
from tests.crm.access.world import World


@given(random=st.randoms(use_true_random=False))
def test_lists_and_single_questions_agree_with_plain_python(db: None, random: Random) -> None:
    with transaction.atomic():
        world = World(random)
        for kind, records in world.records.items():
            for user in world.users:
                seen = list(access.visible_to(user, record_model(kind)).order_by("pk").values_list("pk", flat=True))
                assert seen == [one.pk for one in records if world.sees(user, kind, one)], (kind, user.role)
        with access.remembered():
            for user, kind, record in world.everything():
                assert access.may(user, "see", record) == world.sees(user, kind, record), (kind, user.role)
                assert access.may(user, "edit", record) == world.edits(user, kind, record), (kind, user.role)
        transaction.set_rollback(True)


@given(random=st.randoms(use_true_random=False))
def test_the_ids_for_another_engine_are_those_of_the_list(db: None, random: Random) -> None:
    with transaction.atomic():
        world = World(random)
        for user in world.users:
            ids = access.visible_opportunity_ids(user)
            everything = [one.pk for one in world.records["opportunity"]]
            seen = everything if ids is None else sorted(ids)
            assert seen == [one.pk for one in world.records["opportunity"] if world.sees(user, "opportunity", one)]
        transaction.set_rollback(True)
