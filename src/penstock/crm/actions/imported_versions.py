"""From the versions that an import gives of a deal to whole images of it: what is left out stays, what follows is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm.actions import rows
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.history import FACTS
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.lookups import look_up
from penstock.crm.actions.opportunities import EDITABLE
from penstock.crm.actions.past_rows import Image
from penstock.crm.deriving import derived, inherited
from penstock.crm.models import Account, Opportunity, Pipeline, Stage, StageKind
from penstock.crm.models.pipeline import ForecastCategory
from penstock.crm.refusals import InvalidInput
from penstock.ledger.calendar import FiscalCalendar
from penstock.org.company import company, fiscal_calendar
from penstock.org.models import User

# What a version may say beside what anybody may set. probability and forecast_category: by hand, of an open deal.
SETTABLE = EDITABLE | {"owner", "team", "pipeline", "stage", "probability", "forecast_category"}
_BY_HAND = ("probability", "forecast_category")
_LOST = {"lost_reason": "", "lost_detail": "", "lost_to": ""}


@dataclass(frozen=True)
class ImportedVersion:
    """What a deal was from a moment on. fields: of SETTABLE, and `removed` (yes or no); what is left out stays as it was.

    by: id of the user who did it. reconstructed, unknown: names of fields whose values were not observed (`ledger.schema`).
    """

    effective_at: datetime
    fields: Mapping[str, Any]
    by: int | None = None
    reconstructed: Sequence[str] = ()
    unknown: Sequence[str] = ()


@dataclass(frozen=True)
class ImportedDeal:
    """A deal with its whole history, oldest version first; the last one is what it is now.

    The first version needs name, account and stage. system and key: what it is called elsewhere; the same key is imported once.
    lines: fields of `lines.EDITABLE`. created_at: the first version's moment where left out.
    """

    versions: Sequence[ImportedVersion]
    system: str = ""
    key: str = ""
    lines: Sequence[Mapping[str, Any]] = ()
    created_at: datetime | None = None


@dataclass
class Surroundings:
    """What the deals of one call refer to, read once."""

    actor: Actor
    intake: Intake
    currency: str
    calendar: FiscalCalendar
    stages: dict[int, Stage]
    pipelines: dict[int, Pipeline]
    now: datetime = field(default_factory=timezone.now)
    blank: dict[str, Any] = field(default_factory=dict)


def surroundings(actor: Actor, deals: Sequence[ImportedDeal]) -> Surroundings:
    """What these deals refer to."""
    row = company()
    intake = Intake(actor, Opportunity, SETTABLE)
    intake.expect({k: v for k, v in one.fields.items() if k != "removed"} for deal in deals for one in deal.versions)
    blank = {name: rows.concrete(Opportunity, name).get_default() for name in FACTS}
    look_up(None, User, {one.by for deal in deals for one in deal.versions if one.by is not None})
    return Surroundings(
        actor,
        intake,
        row.corporate_currency,
        fiscal_calendar(row),
        {stage.pk: stage for stage in Stage.objects.all()},
        {pipeline.pk: pipeline for pipeline in Pipeline.objects.all()},
        blank=blank,
    )


def images(around: Surroundings, deal: ImportedDeal, given: Mapping[str, Any]) -> list[Image]:
    """An image for each version of the deal. given: what follows from its lines. Raises InvalidInput with all its faults."""
    faults: dict[str, list[str]] = {}
    cleaned = [_cleaned(around, number, version, faults) for number, version in enumerate(deal.versions)]
    _check_moments(around, deal, faults)
    if not faults:
        first = cleaned[0]
        faults = {f"0.{name}": [_("This is needed.")] for name in ("name", "account", "stage") if not _has(first, name)}
    if faults:
        raise InvalidInput(faults)
    found: list[Image] = []
    image = _born(around, deal, cleaned[0], given)
    for number, (version, values) in enumerate(zip(deal.versions, cleaned, strict=True)):
        image = image.copy()
        try:
            _apply(around, image, values, version.effective_at)
        except InvalidInput as fault:
            faults |= {f"{number}.{name}": messages for name, messages in fault.faults.items()}
        found.append(image)
    if faults:
        raise InvalidInput(faults)
    return found


def _has(values: Mapping[str, Any], name: str) -> bool:
    return bool(values.get(name) or values.get(f"{name}_id"))


def _cleaned(around: Surroundings, number: int, version: ImportedVersion, faults: dict[str, list[str]]) -> dict[str, Any]:
    # No probability by hand is the stage's own.
    given = {name: value for name, value in version.fields.items() if value is not None or name not in _BY_HAND}
    removed = None
    if version.by is not None and look_up(None, User, [version.by]).get(version.by) is None:
        faults[f"{number}.by"] = [_("There is no user %(id)s.") % {"id": version.by}]
    if "removed" in given:
        removed = given["removed"]
        given = {name: value for name, value in given.items() if name != "removed"}
        if not isinstance(removed, bool):
            faults[f"{number}.removed"] = [_("Say yes or no.")]
    if isinstance(given.get("probability"), int) and not 0 <= given["probability"] <= 10_000:
        faults[f"{number}.probability"] = [_("A probability lies between 0 and 100 %.")]
    if given.get("forecast_category", ForecastCategory.PIPELINE) not in ForecastCategory.values:
        faults[f"{number}.forecast_category"] = [_("Choose omitted, pipeline, best_case, commit or closed.")]
    try:
        values = around.intake.of(given)
    except InvalidInput as fault:
        faults |= {f"{number}.{name}": messages for name, messages in fault.faults.items()}
        return {}
    return values if removed is None else values | {"removed": removed}


def _check_moments(around: Surroundings, deal: ImportedDeal, faults: dict[str, list[str]]) -> None:
    before = deal.created_at
    if not deal.versions:
        faults["versions"] = [_("Give at least one version.")]
    for number, version in enumerate(deal.versions):
        at = version.effective_at
        if at.tzinfo is None:
            faults[f"{number}.effective_at"] = [_("Give the moment with its time zone.")]
            return
        if at > around.now:
            faults[f"{number}.effective_at"] = [_("A change cannot become true in the future.")]
        if before is not None and at < before:
            faults[f"{number}.effective_at"] = [_("It is earlier than what comes before it; give versions oldest first.")]
        before = at


def _born(around: Surroundings, deal: ImportedDeal, values: Mapping[str, Any], given: Mapping[str, Any]) -> Image:
    account = look_up(around.actor.user, Account, [values["account_id"]])[values["account_id"]]
    at = deal.created_at or deal.versions[0].effective_at
    owner = around.actor.user.pk if around.actor.user and "owner_id" not in values else None
    beside: dict[str, Any] = {"created_at": at, "removed_at": None, "closed_at": None, "custom": {}}
    facts = around.blank | {"currency": around.currency} | inherited(account) | dict(given)
    image = Image(**facts, **beside)
    image.competitors = []
    image.stage_id = None
    if owner is not None:
        _own(around, image, owner)
    return image


def _own(around: Surroundings, image: Image, owner: int | None) -> None:
    user = look_up(None, User, [owner]).get(owner) if owner else None
    image.owner_id, image.team_id = owner, user.team_id if user else None


def _apply(around: Surroundings, image: Image, values: dict[str, Any], at: datetime) -> None:
    """Bring an image to its next version: what is given, and what follows from it."""
    stage_id = values.get("stage_id") or image.stage_id
    stage = around.stages[stage_id]
    if values.get("pipeline_id", stage.pipeline_id) != stage.pipeline_id:
        raise InvalidInput({"stage": [_("The stage is not one of that pipeline.")]})
    if "owner_id" in values and values["owner_id"] != image.owner_id:
        _own(around, image, values["owner_id"])
    entered = stage_id != image.stage_id
    if "removed" in values:
        image.removed_at = (image.removed_at or at) if values["removed"] else None
    for name, value in values.items():
        if name == "custom":
            image.custom = {key: one for key, one in (image.custom | value).items() if one not in (None, "")}
        elif name != "removed":
            setattr(image, name, value)
    if "probability" in values:
        image.probability_by_hand = True
    if "forecast_category" in values:
        image.category_by_hand = True
    image.pipeline_id = stage.pipeline_id
    if entered:
        image.stage_id, image.stage_since = stage_id, at
        _close_or_open(around, image, stage, values, at)
    vars(image).update(_plain(derived(image, stage, around.pipelines[stage.pipeline_id])))  # type: ignore[arg-type]


def _close_or_open(around: Surroundings, image: Image, stage: Stage, values: Mapping[str, Any], at: datetime) -> None:
    if stage.kind == StageKind.OPEN:
        if image.closed_at is not None:
            image.closed_at = None
            vars(image).update({name: value for name, value in _LOST.items() if name not in values})
        return
    if image.closed_at is None:
        image.closed_at = at
        if "close_date" not in values:
            image.close_date = around.calendar.local_date(at)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    values["status"] = str(values["status"])
    return values
