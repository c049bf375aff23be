"""What a deal's past looks like once something in it is corrected: images alone, nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.past_rows import IMAGE, Image
from penstock.crm.deriving import derived
from penstock.crm.models import Opportunity, OpportunityVersion, Pipeline, Stage, StageKind
from penstock.crm.refusals import InvalidInput
from penstock.org.company import fiscal_calendar
from penstock.org.models import User

# An entry into a stage: what belongs to it, beside what is derived from the stage.
_ENTRY = ("stage_id", "stage_since", "closed_at", "close_date")


@dataclass
class Version:
    """All that a deal was from a moment on."""

    at: datetime
    image: Image


@dataclass
class Correction:
    """values: what is corrected, by attribute name, from `at` on, in a deal of this pipeline; custom: its keys with values."""

    at: datetime
    values: Mapping[str, Any]
    custom: Mapping[str, Any]
    pipeline: Pipeline
    stages: Mapping[int, Stage]


def versions(deal: Opportunity) -> list[Version]:
    """The versions of a deal in their order; of those of one moment the last one, which counts."""
    query = OpportunityVersion.objects.filter(opportunity=deal).order_by("effective_at", "id")
    found: dict[datetime, Version] = {}
    for at, *values in query.values_list("effective_at", *IMAGE):
        found[at] = Version(at, Image(**dict(zip(IMAGE, values, strict=True))))
    return list(found.values())


def first_image(base: Image, correction: Correction) -> Image:
    """What the deal was at the moment of the correction. Raises InvalidInput."""
    image, values = base.copy(), correction.values
    stage = correction.stages.get(values.get("stage_id", base.stage_id))
    if stage is None:
        raise InvalidInput({"stage": [_("This is not a stage of this deal's pipeline.")]})
    if "owner_id" in values:
        owner = User.objects.filter(pk=values["owner_id"]).first()
        image.team_id = owner.team_id if owner else None
    vars(image).update(values)
    image.custom = with_keys(base.custom, correction.custom)
    if image.stage_id != base.stage_id:
        _enter(image, base, stage, correction)
    _derive(image, base, correction)
    return image


def _enter(image: Image, base: Image, stage: Stage, correction: Correction) -> None:
    closed = stage.kind != StageKind.OPEN
    if stage.kind == StageKind.LOST and not image.lost_reason:
        raise InvalidInput({"lost_reason": [_("Say why the deal was lost.")]})
    image.stage_since = correction.at
    image.closed_at = (base.closed_at or correction.at) if closed else None
    if closed and base.closed_at is None and "close_date" not in correction.values:
        image.close_date = fiscal_calendar().local_date(correction.at)
    if not closed and base.closed_at is not None and "lost_reason" not in correction.values:
        image.lost_reason = image.lost_detail = image.lost_to = ""


def _derive(image: Image, base: Image, correction: Correction) -> None:
    """What follows from what is corrected alone: a probability of the past stays, unless the stage is corrected."""
    found = derived(image, correction.stages[image.stage_id], correction.pipeline)  # type: ignore[arg-type]
    found["status"] = str(found["status"])
    if image.stage_id == base.stage_id:
        required = correction.pipeline.required_fields
        found = {"qualified": found["qualified"]} if any(_value(image, name) != _value(base, name) for name in required) else {}
    vars(image).update(found)


def _value(image: Image, name: str) -> Any:
    return image.custom.get(name.removeprefix("custom.")) if name.startswith("custom.") else getattr(image, name, None)


def later_images(base: Image, first: Image, later: Sequence[Version], correction: Correction) -> Iterator[Version]:
    """The later versions that carried what is corrected, as they should have been, until each field was changed by itself."""
    carried = {name: value for name, value in vars(first).items() if name != "custom" and vars(base)[name] != value}
    keys = {key: value for key, value in correction.custom.items() if base.custom.get(key) != value}
    before = base
    for version in later:
        image = version.image
        carried = _still_carried(carried, before, image, first, correction)
        keys = {key: value for key, value in keys.items() if image.custom.get(key) == before.custom.get(key)}
        before = image
        if not carried and not keys:
            return
        again = image.copy()
        vars(again).update(carried)
        again.custom = with_keys(image.custom, keys)
        _derive(again, image, correction)
        yield Version(version.at, again)


def _still_carried(
    carried: Mapping[str, Any], before: Image, image: Image, first: Image, correction: Correction
) -> dict[str, Any]:
    """What of the correction a version carries on. With the stage goes what came of it, with the owner the team."""
    old, new = vars(before), vars(image)
    kept = {name: value for name, value in carried.items() if old[name] == new[name]}
    if "stage_id" in carried and "stage_id" not in kept:
        if image.stage_id == first.stage_id:
            # It was known to be there later than it was: its entry is the corrected one.
            kept |= {name: carried[name] for name in _ENTRY if name in carried and (name != "close_date" or image.closed_at)}
        else:
            kept = {name: value for name, value in kept.items() if name in correction.values}
    if "owner_id" in carried and "owner_id" not in kept and "team_id" not in correction.values:
        kept.pop("team_id", None)
    if "stage_id" not in kept:
        kept.pop("qualified", None)
    return kept


def with_keys(custom: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """Custom values with some set; None takes one away."""
    return {key: value for key, value in {**custom, **keys}.items() if value is not None}
