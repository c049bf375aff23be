"""Leads: taken in, edited, worked, handed over, removed and brought back. Their conversion is in `conversion`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer, change
from penstock.crm.domains import MAILBOXES, company_domain, company_of, domain_of
from penstock.crm.models import Lead, LeadStatus
from penstock.crm.phones import normalised
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

EDITABLE = frozenset(
    """email company first_name last_name title phone website country source campaign icp_fit consent consent_at
    owner custom""".split()
)
# How it came in is said once; where it stands, by `set_status` afterwards.
_AT_BIRTH = EDITABLE | {"raw", "status", "unqualified_reason"}
_NAMES = ("email", "company", "last_name")
_SETTABLE = (LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.NURTURING, LeadStatus.UNQUALIFIED)


def create_lead(actor: Actor, **fields: Any) -> Lead:
    """Take in a lead. Needs an e-mail address, a company or a last name; the rest as in EDITABLE, and raw, status.

    raw: a mapping, kept as it came in. The company is guessed from the domain of the address or of the website; a telephone
    number is put into its international form where the country is known; consent is given its moment. icp_fit: 0 to 100.
    The owner is the actor unless one is given (None for nobody). Raises InvalidInput, NotAllowed.
    """
    return verbs.create_one(actor, "create_lead", Lead, _AT_BIRTH, fields, _complete)


def create_leads(actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: Sequence[datetime] | None = None) -> Outcome:
    """Take in many, each from the fields of `create_lead`; a faulty row is refused alone, by its number from 0.

    at: when each came in; only where the actor's source is import or demo.
    """
    return verbs.create_many(actor, "create_lead", Lead, _AT_BIRTH, rows, _complete, at)


def edit_lead(actor: Actor, lead: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Lead:
    """Set fields of EDITABLE. Raises StaleWrite, InvalidInput, NotAllowed, NotFound."""
    return verbs.edit_one(actor, "edit_lead", Lead, lead, changes, EDITABLE, _settle, revision=revision)


def edit_leads(actor: Actor, leads: Sequence[int], changes: Mapping[str, Any]) -> Outcome:
    """Set the same fields of many; those that cannot be changed are refused alone, by id."""
    return verbs.edit_many(actor, "edit_lead", Lead, leads, changes, EDITABLE, _settle)


def reassign_leads(actor: Actor, leads: Sequence[int], owner: User | int) -> Outcome:
    """Hand leads to an owner, who must be active."""
    return verbs.hand_over(actor, "reassign_lead", Lead, leads, owner)


def remove_leads(actor: Actor, leads: Sequence[int]) -> Outcome:
    """Remove leads; they can be restored."""
    return verbs.remove(actor, "remove_lead", Lead, leads)


def restore_leads(actor: Actor, leads: Sequence[int]) -> Outcome:
    """Bring removed leads back as they were."""
    return verbs.restore(actor, "restore_lead", Lead, leads)


def set_status(actor: Actor, lead: int, status: str, *, reason: str = "", revision: int | None = None) -> Lead:
    """Put a lead into a status: new, working, nurturing or unqualified, which needs a reason (this one, or the actor's).

    Converted is what `convert_lead` makes it, for good. Raises StaleWrite, InvalidInput, NotAllowed, NotFound.
    """
    values = _status(status, reason or actor.reason)
    with change(actor.but(reason=reason or actor.reason), "set_lead_status") as writer:
        record = writer.locked(Lead, [lead], revisions={} if revision is None else {lead: revision})[lead]
        _enter(writer, record, values)
        return record


def set_statuses(actor: Actor, leads: Sequence[int], status: str, *, reason: str = "") -> Outcome:
    """Put many leads into a status; those that cannot be moved are refused alone, by id."""
    values = _status(status, reason or actor.reason)

    def each(writer: Writer, record: Lead, _: Intake) -> None:
        _enter(writer, record, values)

    return verbs.to_each(actor.but(reason=reason or actor.reason), "set_lead_status", Lead, leads, each)


def _status(status: str, reason: str) -> dict[str, str]:
    if status == LeadStatus.CONVERTED:
        raise InvalidInput({"status": [_("Convert the lead to make it so.")]})
    if status not in _SETTABLE:
        raise InvalidInput({"status": [_("Choose one of: %(offered)s.") % {"offered": ", ".join(_SETTABLE)}]})
    if status != LeadStatus.UNQUALIFIED:
        return {"status": str(status), "unqualified_reason": ""}
    if not reason.strip():
        raise InvalidInput({"unqualified_reason": [_("Say why the lead is unqualified.")]})
    return {"status": str(status), "unqualified_reason": reason.strip()[:200]}


def _enter(writer: Writer, lead: Lead, values: Mapping[str, str]) -> None:
    if lead.removed_at:
        raise InvalidInput({"removed_at": [_("This is removed; restore it first.")]})
    if lead.status == LeadStatus.CONVERTED:
        raise InvalidInput({"status": [_("The lead is converted. Work on its account, contact or opportunity.")]})
    writer.update(lead, **values)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    owner = writer.actor.user.pk if writer.actor.user else None
    for draft in drafts:
        values = draft.values
        _guess_company(values)
        if not any(values.get(name) for name in _NAMES):
            draft.refuse("email", _("Give an e-mail address, a company or a last name."))
        if not isinstance(values.get("raw", {}), Mapping):
            draft.refuse("raw", _("Give what came in as names with values."))
        try:
            values |= _status(values.get("status") or LeadStatus.NEW, values.get("unqualified_reason", ""))
            _normalise(writer, values, None, draft.at)
        except InvalidInput as refusal:
            for name, messages in refusal.faults.items():
                draft.refuse(name, " ".join(messages))
        values.setdefault("owner_id", owner)
        values["status_since"] = draft.at


def _settle(writer: Writer, lead: Lead, values: dict[str, Any]) -> None:
    if not any(values.get(name, getattr(lead, name)) for name in _NAMES):
        raise InvalidInput({"email": [_("Give an e-mail address, a company or a last name.")]})
    _normalise(writer, values, lead, writer.at)


def _guess_company(values: dict[str, Any]) -> None:
    if values.get("company"):
        return
    website = domain_of(values.get("website") or "")
    domain = company_domain(values.get("email") or "") or ("" if website in MAILBOXES else website)
    if domain:
        values["company"] = company_of(domain)


def _normalise(writer: Writer, values: dict[str, Any], lead: Lead | None, at: datetime) -> None:
    """The telephone number as it is kept, and when consent was given. Raises InvalidInput for what cannot be."""
    if (values.get("icp_fit") or 0) > 100:
        raise InvalidInput({"icp_fit": [_("A score lies between 0 and 100.")]})
    if "phone" in values or "country" in values:
        phone = values.get("phone", lead.phone if lead else "")
        country = values.get("country", lead.country if lead else "")
        if phone:
            values["phone"] = normalised(phone, country)
    given = values.get("consent_at")
    if given is not None and given > writer.now:
        raise InvalidInput({"consent_at": [_("This moment is still to come.")]})
    consent = values.get("consent", lead.consent if lead else "")
    if given is not None and not consent:
        raise InvalidInput({"consent": [_("Say which consent was given.")]})
    if "consent" in values and values["consent"] != (lead.consent if lead else "") and given is None:
        values["consent_at"] = at if values["consent"] else None
