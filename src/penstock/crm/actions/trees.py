"""Trees that records form with others of their kind: an account's parent, the person somebody reports to. No circles."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from penstock.crm.models.record import Record
from penstock.crm.refusals import InvalidInput


def lineage(model: type[Record], field: str, pk: int | None) -> list[int]:
    """`pk` and those above it, upwards. field: the attribute that names the one above, such as `parent_id`."""
    found: list[int] = []
    while pk is not None and pk not in found:
        found.append(pk)
        pk = model._default_manager.filter(pk=pk).values_list(field, flat=True).first()
    return found


def lock_lineage(model: type[Record], field: str, children: Iterable[int], above: int) -> list[int]:
    """The lineage of `above`, locked with the children, so that nobody else makes a circle of them meanwhile."""
    ids = {*children, *lineage(model, field, above)}
    list(model._default_manager.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    return lineage(model, field, above)


def require_no_circle(child: int, line: Iterable[int], field: str) -> None:
    """Raise InvalidInput where the new lineage holds the child itself."""
    if child in line:
        raise InvalidInput({field: [_("That would make a circle: the one above is already below this one.")]})
