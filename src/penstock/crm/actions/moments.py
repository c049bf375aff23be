"""The order of moments: a change of an opportunity is not earlier than its last version, or else it is a late correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from penstock.crm.models import OpportunityVersion
from penstock.crm.refusals import InvalidInput


def latest(opportunities: Sequence[int]) -> datetime | None:
    """When the last version of any of these opportunities became effective."""
    versions = OpportunityVersion.objects.filter(opportunity__in=opportunities).order_by()
    last: datetime | None = versions.aggregate(last=Max("effective_at"))["last"]
    return last


def require_latest(moments: Mapping[int, datetime]) -> None:
    """Raise InvalidInput where an opportunity, by id, has a version that is effective after the moment it would change at."""
    query = OpportunityVersion.objects.filter(opportunity__in=list(moments)).order_by().values("opportunity")
    for pk, last in query.annotate(last=Max("effective_at")).values_list("opportunity", "last"):
        if last > moments[pk]:
            text = _("It was changed after that, at %(moment)s. Correct its past instead.") % {"moment": last.isoformat()}
            raise InvalidInput({"at": [text]})
