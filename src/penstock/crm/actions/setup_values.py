"""Values that come in for a row of set-up: known fields, of the right type; all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db.models import JSONField, Model
from django.utils.translation import gettext as _

from penstock.crm.refusals import InvalidInput, NotFound

M = TypeVar("M", bound=Model)
Faults = dict[str, list[str]]


def locked_row(model: type[M], pk: int) -> M:
    """The row of set-up of this id, locked until the change is done. Raises NotFound."""
    row = model._default_manager.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound(str(model._meta.model_name), [pk])
    return row


def set_values(row: Model, values: Mapping[str, Any], editable: Collection[str]) -> Faults:
    """Set those of `values` that may be set; returns the faults of the others."""
    faults: Faults = {}
    for name, value in values.items():
        try:
            column = row._meta.get_field(name)
        except FieldDoesNotExist:
            column = None
        if column is None or name not in editable:
            faults[name] = [_("There is no such field to set.")]
        else:
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    return faults


def check_row(row: Model, faults: Faults) -> None:
    """Raise InvalidInput with these faults and those that the row's own fields have."""
    # What is kept as JSON is checked by those who know what is in it.
    kept = {column.name for column in row._meta.concrete_fields if isinstance(column, JSONField)}
    try:
        row.full_clean(exclude=kept | set(faults))
    except ValidationError as fault:
        for name, messages in fault.message_dict.items():
            faults.setdefault("" if name == NON_FIELD_ERRORS else name, []).extend(messages)
    if faults:
        raise InvalidInput(faults)


def faults_of_texts(texts: Any, *, needed: bool) -> list[str]:
    """What is wrong with texts by language, {"en": …, "fr": …}. needed: whether there must be one at all."""
    languages = [code for code, _name in settings.LANGUAGES]
    if not isinstance(texts, Mapping) or not all(isinstance(text, str) for text in texts.values()):
        return [_('Give texts by language, such as {"en": "…"}.')]
    unknown = sorted(set(map(str, texts)) - set(languages))
    if unknown:
        offered = ", ".join(languages)
        return [_("%(names)s is no language here. There are: %(offered)s.") % {"names": ", ".join(unknown), "offered": offered}]
    if needed and not any(text.strip() for text in texts.values()):
        return [_("Give it a text in at least one language.")]
    return []
