"""The proof that what follows from a stage is what its deals say."""

from __future__ import annotations

from penstock.crm.deriving import derived
from penstock.crm.models import Opportunity


def not_derived() -> list[str]:
    """Deals whose fields are not what follows from their stage."""
    return [
        f"{deal.pk} {name}"
        for deal in Opportunity.objects.select_related("stage", "pipeline")
        for name, value in derived(deal, deal.stage, deal.pipeline).items()
        if getattr(deal, name) != value
    ]
