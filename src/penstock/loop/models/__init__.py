"""The loop's tables, one file per idea."""

from __future__ import annotations

from penstock.loop.models.assignment import AssignmentRule, Turn
from penstock.loop.models.clock import Clock
from penstock.loop.models.notification import Digest, Notification
from penstock.loop.models.rule import Rule, RuleEdit, TriggerKind
from penstock.loop.models.run import RuleRun, RunOutcome
from penstock.loop.models.webhook import WebhookCall

__all__ = [
    "AssignmentRule",
    "Clock",
    "Digest",
    "Notification",
    "Rule",
    "RuleEdit",
    "RuleRun",
    "RunOutcome",
    "TriggerKind",
    "Turn",
    "WebhookCall",
]
