"""The conversion of a lead into an account, a contact and on request an opportunity; all that hangs on it goes along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.activities import find_last_activity
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.opportunities import opened
from penstock.crm.actions.provenance import marked
from penstock.crm.actions.writing import Writer, change
from penstock.crm.conversion_plan import Preview, conversion_preview, plan, require_possible
from penstock.crm.duplicates.facts import facts_of
from penstock.crm.models import (
    Account,
    AccountStatus,
    Activity,
    CampaignMember,
    Contact,
    ContactRole,
    Lead,
    LeadStatus,
    Opportunity,
    Task,
)
from penstock.crm.models.opportunity import SOURCES
from penstock.crm.models.people import CONTACT_ROLES
from penstock.crm.names import name_key
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User
from penstock.org.models.user import SELLING_ROLES

__all__ = ["Conversion", "conversion_preview", "convert_lead"]

_SOURCE = "lead"
_OF_A_PERSON = ("email", "first_name", "last_name", "title", "phone", "country", "consent")
_OF_A_COMPANY = ("website", "country")


@dataclass(frozen=True)
class Conversion:
    """What came of a lead. contact is None where it named nobody, opportunity where none was asked for.

    made: the kinds of record that are new. preview: what was decided, and why.
    """

    lead: Lead
    account: Account
    contact: Contact | None
    opportunity: Opportunity | None
    made: frozenset[str]
    preview: Preview


def convert_lead(
    actor: Actor,
    lead: int,
    *,
    account: int | None = None,
    contact: int | None = None,
    opportunity: Mapping[str, Any] | None = None,
    owner: User | int | None = None,
    revision: int | None = None,
) -> Conversion:
    """Convert a lead: match or make its account and its contact, and open an opportunity where `opportunity` is given.

    account, contact: ids that win over what `conversion_preview` would match. opportunity: fields of `create_opportunity`, may
    be empty; left out, its name is the account's, its source and campaign the lead's, its generating role that of the lead's
    owner. owner: of what is made; the lead's, if left out. Activities, tasks and campaign memberships of the lead become
    those of what it was converted into as well. Raises InvalidInput (converted already, no company known, a duplicate that
    you may not see), GateRefusal, StaleWrite, NotAllowed, NotFound.
    """
    with change(actor, "convert_lead", result={"lead": lead}) as writer:
        record = writer.locked(Lead, [lead], revisions={} if revision is None else {lead: revision})[lead]
        writer.require("convert", record)
        found = plan(actor.user, record, account=account, contact=contact)
        require_possible(found)
        heir = _owner(writer, record, owner)
        company = _matched(writer, Account, found.account.id) or _new_account(writer, record, found.account.name)
        person = _matched(writer, Contact, found.contact.id)
        if person is None and found.contact.outcome == "make":
            person = _new_contact(writer, record, company)
        _complete(writer, record, company, person)
        deal = _opened(writer, record, company, person, opportunity, heir) if opportunity is not None else None
        _take_along(writer, record, company, person, deal)
        made: list[Account | Contact | Opportunity] = [] if deal is None else [deal]
        made += [company] if found.account.outcome == "make" else []
        made += [person] if person is not None and found.contact.outcome == "make" else []
        for one in made:
            # They are handed over last, since the actor must see what is still being made of them.
            writer.update(one, verb=None, owner_id=heir.pk if heir else None)
        if deal is not None and "team" not in (opportunity or {}):
            writer.update(deal, verb=None, team_id=heir.team_id if heir else None)
        links = {"account_id": company.pk, "contact_id": person and person.pk, "opportunity_id": deal and deal.pk}
        writer.update(record, verb=None, status=LeadStatus.CONVERTED, converted_at=writer.at, **links)
        kinds = frozenset(type(one)._meta.model_name or "" for one in made)
        return Conversion(record, company, person, deal, kinds, found)


def _owner(writer: Writer, lead: Lead, owner: User | int | None) -> User | None:
    if isinstance(owner, int):
        given = User.objects.filter(pk=owner).first()
    else:
        given = owner
    if owner is not None and (given is None or not given.is_active):
        raise InvalidInput({"owner": [_("%(name)s is not active.") % {"name": given or owner}]})
    if given is not None:
        return given
    return lead.owner if lead.owner and lead.owner.is_active else writer.actor.user


def _matched(writer: Writer, model: Any, pk: int | None) -> Any:
    return None if pk is None else writer.locked(model, [pk])[pk]


def _new_account(writer: Writer, lead: Lead, name: str) -> Account:
    values = {"name": name, "domain": facts_of(lead).domain} | {field: getattr(lead, field) for field in _OF_A_COMPANY}
    values = Intake(writer.actor.but(user=None), Account, values).of(values)
    record = Account(
        **values,
        name_key=name_key(name),
        # The lead was found to be worth it: that is what the qualified pool is.
        status=AccountStatus.QUALIFIED_POOL,
        status_since=writer.at,
        owner=writer.actor.user,
        provenance=marked({}, values, _SOURCE, writer.at),
    )
    writer.create([record])
    return record


def _new_contact(writer: Writer, lead: Lead, account: Account) -> Contact:
    values = {field: getattr(lead, field) for field in _OF_A_PERSON}
    values = Intake(writer.actor.but(user=None), Contact, values).of(values)
    record = Contact(**values, account_id=account.pk, owner=writer.actor.user, provenance=marked({}, values, _SOURCE, writer.at))
    writer.create([record])
    return record


def _complete(writer: Writer, lead: Lead, account: Account, person: Contact | None) -> None:
    """Fill what is empty in those that were matched, as far as the actor may edit them."""
    sides: list[tuple[Account | Contact, dict[str, Any]]] = [
        (account, {field: getattr(lead, field) for field in _OF_A_COMPANY} | {"domain": facts_of(lead).domain})
    ]
    if person is not None:
        sides.append((person, {field: getattr(lead, field) for field in _OF_A_PERSON} | {"account_id": account.pk}))
    for record, values in sides:
        new = {name: value for name, value in values.items() if value and not getattr(record, name)}
        if new and access.may(writer.actor.user, "edit", record):
            writer.update(record, verb=None, **new, provenance=marked(record.provenance, new, _SOURCE, writer.at))


def _opened(
    writer: Writer, lead: Lead, account: Account, person: Contact | None, given: Mapping[str, Any], heir: User | None
) -> Opportunity:
    refused = {"account", "account_id", "owner", "owner_id"} & set(given)
    if refused:
        raise InvalidInput({name: [_("This follows from the conversion.")] for name in sorted(refused)})
    generator = lead.owner or writer.actor.user
    role = generator.role if generator else ""
    fields: dict[str, Any] = {
        "name": account.name,
        "source": lead.source if lead.source in dict(SOURCES) else "",
        "campaign": lead.campaign_id,
        "generating_role": role if role in SELLING_ROLES else "",
    }
    deal = opened(writer, [fields | dict(given) | {"account": account.pk}])[0]
    if person is not None:
        role = person.role if person.role in dict(CONTACT_ROLES) else "other"
        writer.create([ContactRole(opportunity_id=deal.pk, contact_id=person.pk, role=role, primary=True)], verb=None)
    return deal


def _take_along(writer: Writer, lead: Lead, account: Account, person: Contact | None, deal: Opportunity | None) -> None:
    """Give what hangs on the lead the links of what it has become; it keeps its own, and those that it had."""
    links = {"account_id": account.pk, "contact_id": person and person.pk, "opportunity_id": deal and deal.pk}
    for model in (Activity, Task):
        for one in model._default_manager.filter(lead=lead).order_by("pk").select_for_update(of=("self",)):
            if one.account_id in (None, account.pk):
                new: dict[str, Any] = {name: pk for name, pk in links.items() if pk and getattr(one, name) is None}
                writer.update(one, verb=None, **new)
    there = set()
    if person is not None:
        rows = CampaignMember.objects.filter(contact=person, removed_at__isnull=True)
        there = set(rows.values_list("campaign_id", flat=True))
    for member in CampaignMember.objects.filter(lead=lead).order_by("pk").select_for_update(of=("self",)):
        joined: dict[str, Any] = {"account_id": account.pk} if member.account_id is None else {}
        # Somebody who is in the campaign as a contact already is not put there twice.
        if person is not None and member.contact_id is None and (member.removed_at or member.campaign_id not in there):
            joined["contact_id"] = person.pk
        writer.update(member, verb=None, **joined)
    writer.afterwards(lambda: find_last_activity([account.pk]))
