"""The team of open deals, where their owner has gone to another one."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.writing import change
from penstock.crm.models import Opportunity, Status
from penstock.crm.refusals import NotAllowed
from penstock.org.models import User


def follow_owner_team(actor: Actor, user: User) -> Outcome:
    """Give the open deals that a user owns, as far as the actor sees them, the team that the user is in now.

    It is done on request alone: until then, what they had open counts for the team in which it was opened. Closed deals stay with
    the team that closed them. Needs `reassign` of each; the others are refused, by id.
    """
    team = User.objects.values_list("team_id", flat=True).get(pk=user.pk)
    seen = access.visible_to(actor.user, Opportunity).filter(owner=user, status=Status.OPEN, removed_at__isnull=True)
    ids = [pk for pk, now in seen.order_by("pk").values_list("pk", "team_id") if now != team]

    def part(own: Actor, some: Sequence[int]) -> Outcome:
        outcome = Outcome()
        with change(own, "follow_owner_team", result={"done": list(some)}) as writer:
            for pk, deal in writer.locked(Opportunity, some).items():
                try:
                    writer.update(deal, verb="reassign", team_id=team)
                    outcome.done.append(pk)
                except NotAllowed as refusal:
                    outcome.refused[pk] = refusal
        return outcome

    return in_chunks(ids, actor, part)
