"""What people do at gates: tick a checklist item, ask for an approval, decide one."""

from __future__ import annotations

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Approval, Criterion, CriterionKind, Opportunity, Tick
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound
from penstock.org.models import Role

DECISIONS = ("approved", "refused")


def tick(actor: Actor, opportunity: int, criterion: int) -> Tick:
    """Tick a checklist item of a gate for a deal. One that is ticked already is left as it is.

    Raises InvalidInput, NotAllowed, NotFound.
    """
    with change(actor, "tick") as writer:
        deal, asked = _asked(writer, opportunity, criterion, CriterionKind.CHECK)
        present = Tick.objects.filter(opportunity=deal, criterion=asked, removed_at__isnull=True).first()
        if present is not None:
            writer.require("edit", present)
            return present
        return writer.create([Tick(opportunity=deal, criterion=asked, by=actor.user)])[0]


def untick(actor: Actor, opportunity: int, criterion: int) -> None:
    """Take a tick back; where there is none, nothing happens. Raises InvalidInput, NotAllowed, NotFound."""
    with change(actor, "untick") as writer:
        deal, asked = _asked(writer, opportunity, criterion, CriterionKind.CHECK)
        present = Tick.objects.filter(opportunity=deal, criterion=asked, removed_at__isnull=True).values_list("pk", flat=True)
        for row in writer.locked(Tick, present).values():
            writer.update(row, verb="remove", removed_at=writer.at)


def ask_approval(actor: Actor, opportunity: int, criterion: int) -> Approval:
    """Ask for an approval that a gate wants. The one that is asked for already is given back; a refused one is asked for anew.

    Why it should be given is the actor's `reason`. Raises InvalidInput, NotAllowed, NotFound.
    """
    with change(actor, "ask_approval") as writer:
        deal, asked = _asked(writer, opportunity, criterion, CriterionKind.APPROVAL)
        rows = Approval.objects.filter(opportunity=deal, criterion=asked, removed_at__isnull=True)
        last = rows.order_by("pk").last()
        if last is not None and last.decision == "approved":
            raise InvalidInput({"criterion": [_("This is approved already.")]})
        if last is not None and not last.decision:
            return last
        return writer.create([Approval(opportunity=deal, criterion=asked, asked_by=actor.user)])[0]


def decide_approval(actor: Actor, approval: int, decision: str, *, reason: str = "", revision: int | None = None) -> Approval:
    """Approve or refuse. decision: approved or refused; a refusal needs a reason.

    Only the role that the criterion names may decide, or revenue operations and administrators; nobody decides what they have
    asked for themselves, but an administrator. Raises InvalidInput, NotAllowed, NotFound, StaleWrite.
    """
    if decision not in DECISIONS:
        raise InvalidInput({"decision": [_("Choose one of: %(offered)s.") % {"offered": ", ".join(DECISIONS)}]})
    if decision == "refused" and not reason.strip():
        raise InvalidInput({"reason": [_("Say why it is refused.")]})
    with change(actor, "decide_approval") as writer:
        row = writer.locked(Approval, [approval], revisions={} if revision is None else {approval: revision})[approval]
        writer.require("approve", row)
        if actor.user and row.asked_by_id == actor.user.pk and actor.user.role != Role.ADMIN:
            raise NotAllowed(
                _("You have asked for this approval yourself; somebody else decides it."), verb="approve", id=approval
            )
        if row.decision:
            raise InvalidInput({"decision": [_("This was decided already: %(decision)s.") % {"decision": row.decision}]})
        if row.removed_at:
            raise InvalidInput({"decision": [_("This is removed; ask for the approval again.")]})
        by = actor.user.pk if actor.user else None
        writer.update(row, verb=None, decision=decision, reason=reason.strip(), decided_by_id=by, decided_at=writer.at)
        return row


def _asked(writer: Writer, opportunity: int, criterion: int, kind: CriterionKind) -> tuple[Opportunity, Criterion]:
    """The deal, locked, and the criterion, which must be one of its pipeline and of that kind."""
    deal = writer.locked(Opportunity, [opportunity])[opportunity]
    row = Criterion.objects.select_related("stage").filter(pk=criterion).first()
    if row is None:
        raise NotFound("criterion", [criterion])
    if row.stage.pipeline_id != deal.pipeline_id:
        raise InvalidInput({"criterion": [_("This is asked for in another pipeline than the deal's.")]})
    if row.archived:
        raise InvalidInput({"criterion": [_("This is not asked for any more.")]})
    if row.kind != kind:
        raise InvalidInput({"criterion": [_("This is not met by that, but by: %(kind)s.") % {"kind": row.get_kind_display()}]})
    if deal.removed_at:
        raise InvalidInput({"opportunity": [_("The deal is removed; restore it first.")]})
    return deal, row
