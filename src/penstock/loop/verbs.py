"""Which verb of `penstock.crm.actions` does what to which kind of record: what rules and assignment call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions import account_status, accounts, campaign_members, contacts, leads, opportunities, tasks
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.models import Campaign, CampaignMember, Contact
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model
from penstock.crm.refusals import InvalidInput, NotFound, Refusal
from penstock.org.models import User

_EDIT: dict[str, Callable[..., Any]] = {
    "account": accounts.edit_account,
    "contact": contacts.edit_contact,
    "lead": leads.edit_lead,
    "opportunity": opportunities.edit_opportunity,
    "task": tasks.edit_task,
}
_HAND_OVER: dict[str, Callable[..., Outcome]] = {
    "account": accounts.reassign_accounts,
    "contact": contacts.reassign_contacts,
    "lead": leads.reassign_leads,
    "opportunity": opportunities.reassign,
    "task": tasks.reassign_tasks,
}


def read(actor: Actor, record_type: str, ids: Sequence[int]) -> dict[int, Record]:
    """The records of these ids that the actor may see, by id. Raises NotFound where one is not there."""
    visible = access.visible_to(actor.user, record_model(record_type)).filter(pk__in=ids, removed_at__isnull=True)
    found: dict[int, Record] = {record.pk: record for record in visible}
    missing = [pk for pk in ids if pk not in found]
    if missing:
        raise NotFound(record_type, missing)
    return found


def set_statuses(actor: Actor, record_type: str, status: str, until: Mapping[int, datetime | None]) -> dict[int, Refusal]:
    """Put records into a status, each until its moment; the reason is the actor's. Returns why it was refused for some."""
    if record_type == "account":
        return account_status.set_statuses(actor, list(until), status, until=until, reason=actor.reason).refused
    if record_type == "lead":
        moved: Outcome = leads.set_statuses(actor, list(until), status, reason=actor.reason)
        return moved.refused
    raise InvalidInput({"status": [_("Only accounts and leads are given a status; a deal's follows from its stage.")]})


def edit(actor: Actor, record_type: str, pk: int, values: Mapping[str, Any]) -> Any:
    """Set fields of a record."""
    if record_type not in _EDIT:
        raise InvalidInput({"do": [_("A rule cannot change this kind of record.")]})
    return _EDIT[record_type](actor, pk, values)


def reassign(actor: Actor, record_type: str, ids: Sequence[int], owner: User) -> Outcome:
    """Give records an owner."""
    if record_type not in _HAND_OVER:
        raise InvalidInput({"do": [_("This kind of record has no owner to assign.")]})
    return _HAND_OVER[record_type](actor, ids, owner)


def campaign_of(name: str) -> Campaign:
    """The campaign of a name. Raises InvalidInput where there is none."""
    found = Campaign.objects.filter(name=name, removed_at__isnull=True).first()
    if found is None:
        raise InvalidInput({"campaign": [_("There is no campaign %(name)s.") % {"name": name}]})
    return found


def add_to_campaign(actor: Actor, campaign: Campaign, record_type: str, record: Record) -> None:
    """Add a lead or a contact to a campaign; of an account, its contacts that want e-mail. Who is in it stays as they are."""
    members = CampaignMember.objects.filter(campaign=campaign, removed_at__isnull=True)
    if record_type == "lead":
        if not members.filter(lead=record.pk).exists():
            _raise_refused(campaign_members.add_leads(actor, campaign.pk, [record.pk]))
        return
    found = Contact.objects.filter(removed_at__isnull=True).exclude(pk__in=members.exclude(contact=None).values("contact"))
    found = found.filter(pk=record.pk) if record_type == "contact" else found.filter(account=record.pk, email_opt_out=False)
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    if ids:
        _raise_refused(campaign_members.add_contacts(actor, campaign.pk, ids))


def _raise_refused(outcome: Outcome) -> None:
    for refusal in outcome.refused.values():
        raise refusal
