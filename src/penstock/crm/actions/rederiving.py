"""What follows from a stage, written into its deals again after the stage was changed."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.opportunities import pipeline_of, stage_of
from penstock.crm.actions.writing import change
from penstock.crm.deriving import derived
from penstock.crm.models import Change, Opportunity


def rederive(actor: Actor, because: Change, stages: Sequence[int]) -> int:
    """Derive the deals of these stages anew, a thousand at a time; returns how many were looked at.

    A deal in which anything differs gets a new version, caused by the change `because`; the others are left alone. To be called
    when that change is written, in the same transaction, so that stages and deals agree at every instant.
    """
    deals = list(Opportunity.objects.filter(stage__in=stages).order_by("pk").values_list("pk", flat=True))

    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        with change(own, "rederive") as writer:
            for deal in writer.locked(Opportunity, ids).values():
                writer.update(deal, verb=None, **derived(deal, stage_of(deal), pipeline_of(deal)))
        return Outcome(done=list(ids))

    return len(in_chunks(deals, actor.because_of(because.pk, because.depth), part).done)
