"""Which territory a record belongs to."""

from __future__ import annotations

from penstock.crm.models.record import Record
from penstock.org.models import Territory

_ASKED = {"countries": "country", "regions": "region", "segments": "segment", "industries": "industry"}


def territory_of(record: Record) -> Territory | None:
    """The first territory, by rank, whose every list is empty or names what the record is; None where none takes it.

    A record without a field, such as a lead's segment, fits only territories that do not ask for it.
    """
    for territory in Territory.objects.order_by("rank", "name", "pk"):
        if all(
            not getattr(territory, asked) or getattr(record, name, None) in getattr(territory, asked)
            for asked, name in _ASKED.items()
        ):
            return territory
    return None
