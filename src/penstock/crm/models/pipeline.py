"""Pipelines, their stages, and the shortcuts between them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class StageKind(models.TextChoices):
    """What a deal in a stage is."""

    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class ForecastCategory(models.TextChoices):
    """How sure a deal is held to be."""

    OMITTED = "omitted", _("Omitted")
    PIPELINE = "pipeline", _("Pipeline")
    BEST_CASE = "best_case", _("Best case")
    COMMIT = "commit", _("Commit")
    CLOSED = "closed", _("Closed")


class Pipeline(models.Model):
    """A way that deals go, in order of its stages.

    A deal is *qualified*, and counts as pipeline, from the first counted stage on with the required fields filled.
    """

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    template = models.CharField(_("made from template"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    required_fields = models.JSONField(_("fields without which a deal does not count"), default=list, blank=True)
    learned = models.BooleanField(_("probabilities learned from history"), default=False)
    archived = models.BooleanField(_("archived"), default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A stage of a pipeline. Texts for people are kept per language: {"en": …, "fr": …, "it": …}.

    probability: basis points. counted: deals in it, and in the stages after it, are pipeline.
    """

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages")
    key = models.SlugField(_("key"), max_length=40)
    position = models.PositiveSmallIntegerField(_("place"))
    kind = models.CharField(_("kind"), max_length=4, choices=StageKind.choices, default=StageKind.OPEN)
    names = models.JSONField(_("name, by language"), default=dict)
    probability = models.PositiveSmallIntegerField(_("probability, basis points"), default=0)
    forecast_category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory.choices, default=ForecastCategory.PIPELINE
    )
    counted = models.BooleanField(_("counts as pipeline"), default=True)
    target_days = models.PositiveSmallIntegerField(_("days it should take"), null=True, blank=True)
    guidance = models.JSONField(_("guidance, by language"), default=dict, blank=True)
    archived = models.BooleanField(_("archived"), default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["pipeline", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pipeline", "key"], name="crm_stage_key_once"),
            models.CheckConstraint(condition=models.Q(probability__lte=10000), name="crm_stage_probability"),
        ]

    def __str__(self) -> str:
        return str(self.names.get("en") or self.key)

    def name(self, language: str = "en") -> str:
        """The stage's name in a language, or in English where it has none in that one."""
        return str(self.names.get(language) or self.names.get("en") or self.key)


class Shortcut(models.Model):
    """A declared way from one stage to another that leaves the stages between them, and their gates, aside."""

    origin = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="shortcuts")
    target = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="+")
    note = models.JSONField(_("when it is right, by language"), default=dict, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["origin", "target"], name="crm_shortcut_once"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} → {self.target}"
