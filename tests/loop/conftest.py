"""The small company of the records' tests, with the loop's own rules, and a worker in miniature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from penstock.crm.actions.actor import system
from penstock.crm.models import OutboxEvent
from penstock.loop.actions import install_rules
from penstock.loop.models import Rule, RuleRun
from penstock.loop.running import handle
from tests.crm.conftest import *  # noqa: F403


@pytest.fixture
def rules(company: object) -> dict[str, Rule]:
    """The shipped rules, by key."""
    install_rules(system())
    return {rule.key: rule for rule in Rule.objects.all()}


@pytest.fixture
def work() -> Callable[[], list[RuleRun]]:
    """Handles the events that wait, and those that come of them, until none is left."""

    def until_none_is_left() -> list[RuleRun]:
        runs = []
        while event := OutboxEvent.objects.filter(handled_at__isnull=True).order_by("id").first():
            runs += handle(event)
            OutboxEvent.objects.filter(pk=event.pk).update(handled_at=timezone.now())
        return runs

    return until_none_is_left


@pytest.fixture
def later() -> Callable[[int], time_machine.travel]:
    """`with later(30):` is thirty days from now."""
    return lambda days: time_machine.travel(timezone.now() + timedelta(days=days), tick=True)
