"""Records that were merged into others are still known by their addresses and domains: they lead to the survivor."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.duplicates.facts import Facts
from penstock.crm.models import Merge
from penstock.crm.record_types import record_model
from penstock.crm.survivors import survivor_of
from penstock.org.models import User


def heirs(viewer: User | None, own: Facts, kind: str) -> Iterator[tuple[int, str, str]]:
    """The survivors, as far as the viewer may see them, of merged records that had this address or domain: id, name, why."""
    if kind == "account":
        condition, value = Q(domain=own.domain), own.domain
        text = _("%(value)s is the domain of %(name)s, which was merged into it")
    else:
        condition, value = Q(email=own.email), own.email
        text = _("%(value)s is the address of %(name)s, who was merged into it")
    if not value:
        return
    model = record_model(kind)
    merged = Merge.objects.filter(record_type=kind, undone_by__isnull=True).values("merged_id")
    # The merged one is gone; who sees its survivor sees what it was.
    gone = access.visible_to(None, model).filter(condition, removed_at__isnull=False, pk__in=merged)
    told: set[int] = set()
    for record in gone.order_by("pk")[:20]:
        pk = survivor_of(kind, record.pk)
        survivor = access.present(access.visible_to(viewer, model)).filter(pk=pk).first()
        if survivor is not None and pk not in told:
            told.add(pk)
            yield pk, str(survivor), text % {"value": value, "name": record}
