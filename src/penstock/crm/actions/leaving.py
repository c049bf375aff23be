"""Somebody leaves: what they still have to do is handed over, then they are made inactive."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import reassign
from penstock.crm.actions.verbs import hand_over
from penstock.crm.models import Account, Lead, LeadStatus, Opportunity, Status, Task
from penstock.crm.models.record import OwnedRecord
from penstock.crm.refusals import InvalidInput
from penstock.org.actions import permissions, users
from penstock.org.models import User


def open_work(user: User) -> dict[str, int]:
    """What a user still has to do, by kind of record: open deals, accounts, leads that are worked, tasks not done."""
    return {kind: rows.count() for kind, rows in _open(user).items()}


def deactivate_user(actor: Actor, user: User, *, hand_over_to: User | None = None) -> User:
    """Hand a user's open work to another, and make the user inactive.

    Without `hand_over_to` it is refused while there is any. Deals become those of the new owner's team; closed ones keep the
    name of who closed them. It is done a thousand records at a time; a call that was interrupted can be repeated. Raises
    NotAllowed, InvalidInput.
    """
    permissions.require(actor.user, "users")
    if hand_over_to is not None:
        if hand_over_to.pk == user.pk or not hand_over_to.is_active:
            raise InvalidInput({"hand_over_to": [_("Choose another user who is active.")]})
        for kind, rows in _open(user).items():
            own = actor if actor.key is None else actor.but(key=f"{actor.key}:{kind}")
            ids = list(rows.order_by("pk").values_list("pk", flat=True))
            if kind == "opportunity":
                reassign(own, ids, hand_over_to)
            else:
                hand_over(own, f"reassign_{kind}", rows.model, ids, hand_over_to)
    heir = hand_over_to.pk if hand_over_to else None
    return users.deactivate_user(actor.user, user.pk, open_work=open_work(user), hand_over_to=heir, reason=actor.reason)


def _open(user: User) -> dict[str, QuerySet[OwnedRecord]]:
    # What is left behind is counted whole, whoever asks.
    deals = access.visible_to(None, Opportunity).filter(status=Status.OPEN)
    leads = access.visible_to(None, Lead).exclude(status__in=(LeadStatus.CONVERTED, LeadStatus.UNQUALIFIED))
    tasks = access.visible_to(None, Task).filter(done_at__isnull=True)
    kinds: dict[str, QuerySet[OwnedRecord]] = {
        "opportunity": deals,
        "account": access.visible_to(None, Account),
        "lead": leads,
        "task": tasks,
    }
    return {kind: access.present(rows).filter(owner=user) for kind, rows in kinds.items()}
