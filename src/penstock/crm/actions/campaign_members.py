"""Who is in a campaign: leads and contacts, and how far they have come in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.intake import OF_THE_PAST, Intake
from penstock.crm.actions.lookups import look_up
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Campaign, CampaignMember, Contact, Lead
from penstock.crm.models.campaign import MEMBER_STATUSES
from penstock.crm.refusals import InvalidInput, NotFound

STATUSES = tuple(status for status, _label in MEMBER_STATUSES)


def add_leads(
    actor: Actor, campaign: int, leads: Sequence[int], *, status: str = "targeted", at: Mapping[int, datetime] | None = None
) -> Outcome:
    """Put leads into a campaign, with a status of STATUSES. Those who are in it, or not to be seen, are refused, by id.

    at: when each entered, by id; only where the actor's source is import or demo. Needs to be allowed to edit the campaign.
    """
    return _added(actor, campaign, Lead, leads, status, at)


def add_contacts(
    actor: Actor, campaign: int, contacts: Sequence[int], *, status: str = "targeted", at: Mapping[int, datetime] | None = None
) -> Outcome:
    """Put contacts into a campaign, as `add_leads`; the account that they belong to now is kept with them."""
    return _added(actor, campaign, Contact, contacts, status, at)


def set_member_status(actor: Actor, member: int, status: str, *, revision: int | None = None) -> CampaignMember:
    """Move a member to a status of STATUSES; the entry is stamped."""
    _require_status(status)
    with change(actor, "set_member_status") as writer:
        record = writer.locked(CampaignMember, [member], revisions={} if revision is None else {member: revision})[member]
        _require_edit(writer, record.campaign_id)
        _move(writer, record, status)
        return record


def set_member_statuses(actor: Actor, members: Sequence[int], status: str) -> Outcome:
    """Move many members to a status."""
    _require_status(status)

    def each(writer: Writer, record: CampaignMember, _: Intake) -> None:
        writer.require("edit", record.campaign)
        _move(writer, record, status)

    return verbs.to_each(actor, "set_member_status", CampaignMember, members, each)


def remove_members(actor: Actor, members: Sequence[int]) -> Outcome:
    """Take members out of their campaigns."""

    def each(writer: Writer, record: CampaignMember, _: Intake) -> None:
        writer.require("edit", record.campaign)
        writer.update(record, verb=None, removed_at=record.removed_at or writer.at)

    return verbs.to_each(actor, "remove_member", CampaignMember, members, each)


def _added(
    actor: Actor,
    campaign: int,
    model: type[Lead] | type[Contact],
    ids: Sequence[int],
    status: str,
    at: Mapping[int, datetime] | None,
) -> Outcome:
    _require_status(status)
    if at is not None and actor.source not in OF_THE_PAST:
        raise InvalidInput({"at": [_("Only an import may say when a record was made.")]})
    link = "lead_id" if model is Lead else "contact_id"

    def part(own: Actor, some: Sequence[int]) -> Outcome:
        outcome = Outcome()
        with change(own, "add_members") as writer:
            _require_edit(writer, campaign)
            there = CampaignMember.objects.filter(campaign=campaign, removed_at__isnull=True, **{f"{link}__in": some})
            already = set(there.values_list(link, flat=True))
            found: Mapping[int, Any] = look_up(own.user, model, some)
            new, moments = [], []
            for pk in some:
                person = found.get(pk)
                if person is None or person.removed_at:
                    outcome.refused[pk] = NotFound(model._meta.model_name or "", [pk])
                elif pk in already:
                    outcome.refused[pk] = InvalidInput({link.removesuffix("_id"): [_("Is in the campaign already.")]})
                else:
                    moment = at.get(pk, writer.at) if at else writer.at
                    account = person.account_id
                    facts = {link: pk, "campaign_id": campaign, "account_id": account, "status": status, "status_since": moment}
                    new.append(CampaignMember(**facts))
                    moments.append(moment)
            outcome.done = [member.pk for member in writer.create(new, at=moments, verb=None)]
        return outcome

    return in_chunks(list(dict.fromkeys(ids)), actor, part)


def _require_edit(writer: Writer, campaign: int) -> None:
    record = writer.locked(Campaign, [campaign])[campaign]
    writer.require("edit", record)
    if record.removed_at:
        raise InvalidInput({"campaign": [_("The campaign is removed; restore it first.")]})


def _require_status(status: str) -> None:
    if status not in STATUSES:
        raise InvalidInput({"status": [_("Choose one of: %(offered)s.") % {"offered": ", ".join(STATUSES)}]})


def _move(writer: Writer, member: CampaignMember, status: str) -> None:
    if member.removed_at:
        raise InvalidInput({"member": [_("Is not in the campaign any more.")]})
    writer.update(member, verb=None, status=status)
