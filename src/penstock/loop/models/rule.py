"""Rules: what shall happen by itself, as data."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TriggerKind(models.TextChoices):
    """What sets a rule off. The last two are looked after by the clock, the others follow a change."""

    RECORD_CREATED = "record_created", _("A record is created")
    RECORD_CHANGED = "record_changed", _("A record is changed")
    STATUS_ENTERED = "status_entered", _("A status is entered")
    STAGE_ENTERED = "stage_entered", _("A stage is entered")
    ACTIVITY_LOGGED = "activity_logged", _("An activity is logged")
    TIME_PASSED = "time_passed", _("Time has passed")
    DATE_REACHED = "date_reached", _("A date is reached")


TIMED = (TriggerKind.TIME_PASSED, TriggerKind.DATE_REACHED)


class Rule(models.Model):
    """Trigger, condition and actions. It is written by `loop.actions` alone; each edit is kept in `RuleEdit`.

    record_type: the kind of record that the condition is about and that the actions change. watched: the kind whose change or
    date sets the rule off, where that is another (an opportunity, for a rule about its account). parameters: what the trigger
    needs (`loop.triggers`). condition: an expression over the record (`loop.facts`); empty always holds.
    actions: a list of {"do": name, …} (`loop.effects`). names, reasons: texts by language; a reason is what a
    record that the rule changed shows. shipped_definition: what `restore` brings back.
    """

    key = models.SlugField(_("key"), max_length=60, unique=True)
    names = models.JSONField(_("name, by language"), default=dict)
    reasons = models.JSONField(_("reason, by language"), default=dict, blank=True)
    position = models.PositiveSmallIntegerField(_("place"), default=100)
    active = models.BooleanField(_("active"), default=True)
    trigger = models.CharField(_("trigger"), max_length=16, choices=TriggerKind.choices)
    record_type = models.CharField(_("kind of record"), max_length=30)
    watched = models.CharField(_("kind of record that sets it off"), max_length=30, blank=True)
    parameters = models.JSONField(_("what the trigger needs"), default=dict, blank=True)
    condition = models.TextField(_("condition"), blank=True)
    actions = models.JSONField(_("actions"), default=list)
    shipped = models.BooleanField(_("comes with Penstock"), default=False)
    shipped_definition = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.key

    def name(self, language: str = "en") -> str:
        """The rule's name in a language, or in English where it has none in that one."""
        return str(self.names.get(language) or self.names.get("en") or self.key)

    @property
    def sets_off(self) -> str:
        """The kind of record whose change or date sets the rule off."""
        return self.watched or self.record_type

    def definition(self) -> dict[str, Any]:
        """Everything that can be edited, as `shipped_definition` and `RuleEdit` keep it."""
        return {name: getattr(self, name) for name in DEFINED}


# What a person edits of a rule.
DEFINED = ("names", "reasons", "position", "active", "trigger", "record_type", "watched", "parameters", "condition", "actions")


class RuleEdit(models.Model):
    """One edit of a rule: who, when, and each field before and after. Append-only."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="edits")
    verb = models.CharField(max_length=10)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    fields = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    revision = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.verb}"
