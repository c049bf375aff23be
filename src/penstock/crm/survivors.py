"""Where merged records live on."""

from __future__ import annotations

from django.utils.translation import gettext as _

from penstock.crm.models import Merge
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type
from penstock.crm.refusals import InvalidInput


def survivor_of(kind: str, pk: int) -> int:
    """The record that this one lives on in: itself, where it was not merged into another."""
    seen: set[int] = set()
    while pk not in seen:
        seen.add(pk)
        rows = Merge.objects.filter(record_type=kind, merged_id=pk, undone_by__isnull=True)
        pk = rows.values_list("survivor_id", flat=True).first() or pk
    return pk


def require_unmerged(record: Record) -> None:
    """Raise InvalidInput for a record that was merged into another: it comes back by undoing that, with all that is its own."""
    rows = Merge.objects.filter(record_type=record_type(type(record)), merged_id=record.pk, undone_by__isnull=True)
    merge = rows.first()
    if merge is not None:
        named = {"id": merge.survivor_id, "merge": merge.pk}
        text = _("It was merged into number %(id)s. Undo that merge (number %(merge)s) to bring it back.")
        raise InvalidInput({"removed_at": [text % named]})
