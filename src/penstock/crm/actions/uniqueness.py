"""Values that only one record may have: refused in words that name the other, before the database refuses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer
from penstock.crm.models.record import Record
from penstock.crm.refusals import InvalidInput

_AT_ONCE = 500


def refuse_taken(writer: Writer, model: type[Record], field: str, drafts: Sequence[Draft]) -> None:
    """Refuse the drafts whose value another record has, or an earlier draft."""
    taken = _taken(model, field, {draft.values[field] for draft in drafts if draft.values.get(field)})
    ours: dict[Any, int] = {}
    for draft in drafts:
        value = draft.values.get(field)
        if not value:
            continue
        if value in taken:
            draft.refuse(field, _text(writer, model, value, taken[value]))
        elif value in ours:
            draft.refuse(field, _("%(value)s is in row %(number)s too.") % {"value": value, "number": ours[value]})
        elif not draft.refusal:
            ours[value] = draft.number


def require_free(writer: Writer, record: Record, field: str, value: Any) -> None:
    """Raise InvalidInput where another record than this one has the value."""
    other = _taken(type(record), field, {value} if value else set()).get(value)
    if other is not None and other != record.pk:
        raise InvalidInput({field: [_text(writer, type(record), value, other)]})


def _taken(model: type[Record], field: str, values: set[Any]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    wanted = sorted(values)
    for start in range(0, len(wanted), _AT_ONCE):
        some = {f"{field}__in": wanted[start : start + _AT_ONCE]}
        found |= dict(model._default_manager.filter(removed_at__isnull=True, **some).order_by().values_list(field, "pk"))
    return found


def _text(writer: Writer, model: type[Record], value: Any, pk: int) -> str:
    kind = model._meta.verbose_name
    other = access.visible_to(writer.actor.user, model).filter(pk=pk).first()
    if other is None:
        return _("Another %(kind)s, which you may not see, has %(value)s already.") % {"kind": kind, "value": value}
    known = {"kind": kind, "value": value, "name": str(other), "id": pk}
    return _("The %(kind)s %(name)s (number %(id)s) has %(value)s already.") % known
