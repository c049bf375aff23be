"""What the values of a dimension are called: the ledger knows people, records and stages by id or key, since names change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.models import Account, Campaign, CustomField, Opportunity, Pipeline, Product, Stage
from penstock.crm.models.opportunity import KINDS, SOURCES
from penstock.crm.models.pipeline import ForecastCategory
from penstock.crm.models.record import Record
from penstock.org.models import Role, Team, User

_RECORDS: dict[str, type[Model]] = {
    "owner": User,
    "team": Team,
    "account": Account,
    "campaign": Campaign,
    "product": Product,
}
_CHOICES: dict[str, Mapping[str, Any]] = {
    "source": dict(SOURCES),
    "kind": dict(KINDS),
    "generating_role": dict(Role.choices),
    "forecast_category": dict(ForecastCategory.choices),
}


def labels(viewer: User | None, dimension: str, values: Iterable[str | None]) -> dict[str | None, str]:
    """What each value of a dimension is called, in the active language; of a hidden record, its number.

    The blank value is called so in words.
    """
    wanted = {value for value in values if value is not None}
    found = _found(viewer, dimension, wanted)
    named: dict[str | None, str] = {value: found.get(value, value) for value in wanted}
    return named | {None: _("(blank)")}


def _found(viewer: User | None, dimension: str, values: set[str]) -> dict[str, str]:
    if dimension in _RECORDS:
        return _records(viewer, _RECORDS[dimension], values)
    if dimension in _CHOICES:
        return {value: str(name) for value, name in _CHOICES[dimension].items() if value in values}
    if dimension == "pipeline":
        return dict(Pipeline.objects.filter(key__in=values).values_list("key", "name"))
    if dimension == "stage":
        language = get_language() or "en"
        return {stage.key: stage.name(language) for stage in Stage.objects.filter(key__in=values).order_by("-pk")}
    if dimension.startswith("custom_"):
        return _choices(dimension.removeprefix("custom_"))
    return {}


def _records(viewer: User | None, model: type[Model], values: set[str]) -> dict[str, str]:
    ids = [int(value) for value in values if value.isdigit()]
    query = access.visible_to(viewer, model) if issubclass(model, Record) else model._default_manager.all()
    found = {str(row.pk): str(row) for row in query.filter(pk__in=ids)}
    kind = str(model._meta.verbose_name)
    return {value: found.get(value) or _("%(kind)s %(id)s") % {"kind": kind, "id": value} for value in values}


def _choices(key: str) -> dict[str, str]:
    field = CustomField.objects.filter(record_type="opportunity", key=key).first()
    if field is None:
        return {}
    if field.kind == "boolean":
        return {"1": _("yes"), "0": _("no"), "true": _("yes"), "false": _("no")}
    language = get_language() or "en"
    return {str(choice["value"]): str(choice.get("labels", {}).get(language) or choice["value"]) for choice in field.choices}


def dimensions(viewer: User | None) -> dict[str, str]:
    """The dimensions that a viewer can split by, with their names in the active language, the usual ones first."""
    from penstock.reports.versions_sql import DIMENSIONS

    hidden = access.hidden_fields(viewer, Opportunity)
    names = {"stage": _("stage"), "forecast_category": _("forecast category"), "currency": _("currency")}
    names |= {field.name: str(field.verbose_name) for field in Opportunity._meta.fields if field.name in DIMENSIONS}
    language = get_language() or "en"
    fields = CustomField.objects.filter(record_type="opportunity", kind__in=("choice", "boolean"), archived=False)
    shown = {name: label for name, label in names.items() if name not in hidden}
    own = {f"custom_{field.key}": str(field.labels.get(language) or field.key) for field in fields}
    return shown | {name: label for name, label in own.items() if f"custom.{name.removeprefix('custom_')}" not in hidden}
