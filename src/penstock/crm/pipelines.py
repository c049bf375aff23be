"""Pipelines ready to use: templates with stages, guidance and gates in three languages, and what is made from them.

A template is a file in `templates`; whatever is made from one belongs to the company, which may change all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_fields import archive_custom_field, declare_custom_field
from penstock.crm.actions.pipelines import create_pipeline
from penstock.crm.actions.setup_history import require_configure
from penstock.crm.models import CustomField, Pipeline
from penstock.crm.refusals import InvalidInput, NotFound

# A criterion is written by its kind, `field: budget`; this is where the rest of each goes.
_KINDS = {"field": "field", "check": None, "activity": "activity_kind", "approval": "approver_role", "condition": "condition"}


@dataclass(frozen=True)
class TemplateStage:
    """A stage of a template: its key, kind and names, probability in basis points, and how much its gate asks for."""

    key: str
    kind: str
    names: Mapping[str, str]
    probability: int
    criteria: int


@dataclass(frozen=True)
class Template:
    """What a template holds, by language where it is for people."""

    key: str
    names: Mapping[str, str]
    about: Mapping[str, str]
    stages: tuple[TemplateStage, ...]
    custom_fields: tuple[str, ...]


def templates() -> list[Template]:
    """Every template, in the order in which they are offered."""
    found = sorted(_all().items(), key=lambda item: item[1]["position"])
    return [
        Template(
            key=key,
            names=template["names"],
            about=template["about"],
            stages=tuple(
                TemplateStage(
                    key=stage["key"],
                    kind=stage.get("kind", "open"),
                    names=stage["names"],
                    probability=_basis_points(stage),
                    criteria=len(stage.get("gate", ())),
                )
                for stage in template["stages"]
            ),
            custom_fields=tuple(template["custom_fields"]),
        )
        for key, template in found
    ]


def create_from_template(actor: Actor, template_key: str, name: str | None = None) -> Pipeline:
    """Make a pipeline, and the custom fields of opportunities that its gates ask for, from a template.

    name: the template's own in the active language where it is left out. A custom field that is there already, of the same kind,
    is used as it is. Raises NotFound for a template that is none, InvalidInput, NotAllowed.
    """
    template = _all().get(template_key)
    if template is None:
        raise NotFound("template", [template_key])
    language = (get_language() or "en").split("-")[0]
    with transaction.atomic():
        require_configure(actor, Pipeline(name=template_key))
        for key in template["custom_fields"]:
            _declare(actor, key)
        return create_pipeline(
            actor,
            name or template["names"].get(language) or template["names"]["en"],
            [_stage(stage) for stage in template["stages"]],
            key=None if Pipeline.objects.filter(key=template_key).exists() else template_key,
            required_fields=template["required_fields"],
            shortcuts=[{"origin": one["from"], "target": one["to"], "note": one["note"]} for one in template["shortcuts"]],
            template=template_key,
        )


def _declare(actor: Actor, key: str) -> None:
    wanted = _fields()[key]
    present = CustomField.objects.filter(record_type="opportunity", key=key).first()
    if present is None:
        declare_custom_field(actor, "opportunity", key, wanted["kind"], wanted["labels"], choices=wanted.get("choices", ()))
    elif present.kind != wanted["kind"]:
        text = _("The template needs a custom field %(key)s of the kind %(kind)s, but there is one of the kind %(other)s.")
        raise InvalidInput({f"custom.{key}": [text % {"key": key, "kind": wanted["kind"], "other": present.kind}]})
    elif present.archived:
        archive_custom_field(actor, present.pk, archived=False)


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    """A stage as `create_pipeline` takes it."""
    kind = stage.get("kind", "open")
    closed = {"won": "closed", "lost": "omitted"}
    return {
        "key": stage["key"],
        "kind": kind,
        "names": stage["names"],
        "probability": _basis_points(stage),
        "forecast_category": closed.get(kind) or stage["category"],
        "counted": stage.get("counted", True),
        "target_days": stage.get("days"),
        "guidance": stage["guidance"],
        "criteria": [_criterion(criterion) for criterion in stage.get("gate", ())],
    }


def _criterion(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = next(name for name in _KINDS if name in row)
    told_by = _KINDS[kind]
    found = {"kind": kind, "label": row["label"], "applies_when": row.get("when", "")}
    found["key"] = row.get("key") or row[kind].removeprefix("custom.")
    return found | ({told_by: row[kind]} if told_by else {})


def _basis_points(stage: Mapping[str, Any]) -> int:
    return {"won": 10_000, "lost": 0}.get(stage.get("kind", "open"), 100 * int(stage.get("probability", 0)))


@cache
def _all() -> dict[str, dict[str, Any]]:
    files = [file for file in _folder().iterdir() if file.name.endswith(".yaml") and not file.name.startswith("_")]
    return {file.name.removesuffix(".yaml"): yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


@cache
def _fields() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((_folder() / "_fields.yaml").read_text(encoding="utf-8"))
    return found


def _folder() -> Any:
    return resources.files("penstock.crm") / "templates"
