"""What the conversion of a lead would match or make, and why. It is carried out by `crm.actions.conversion`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.domains import company_of
from penstock.crm.duplicates.candidates import Candidate, candidates, hidden_duplicate
from penstock.crm.duplicates.facts import Facts, facts_of
from penstock.crm.duplicates.merged import heirs
from penstock.crm.models import Account, Contact, Lead, LeadStatus
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

Outcome = Literal["match", "make", "none"]


@dataclass(frozen=True)
class Planned:
    """One side of a conversion. outcome: match (`id` is the record's), make (`name` will be its), none. reason: in words."""

    outcome: Outcome
    id: int | None
    name: str
    reason: str


@dataclass(frozen=True)
class Preview:
    """What would come of a conversion. obstacles: why it would be refused, in words, by field; others: whom it may be too."""

    account: Planned
    contact: Planned
    obstacles: dict[str, list[str]] = field(default_factory=dict)
    others: list[Candidate] = field(default_factory=list)


def conversion_preview(viewer: User | None, lead: Lead, *, account: int | None = None, contact: int | None = None) -> Preview:
    """What `convert_lead` with the same arguments would match or make, and why. Nothing is changed."""
    found = plan(viewer, lead, account=account, contact=contact)
    planned = {("account", found.account.id), ("contact", found.contact.id)}
    others = [one for one in candidates(viewer, lead) if one.record_type != "lead" and (one.record_type, one.id) not in planned]
    return Preview(found.account, found.contact, found.obstacles, others)


def plan(viewer: User | None, lead: Lead, *, account: int | None = None, contact: int | None = None) -> Preview:
    """The decision alone. Ids that are given win; then the same e-mail address, its account, the same domain, the same name."""
    # What the viewer's role does not see is used all the same: the conversion is the company's, and nothing of it is shown.
    own = facts_of(lead)
    obstacles = _obstacles(viewer, lead, own, account, contact)
    person = _known_contact(viewer, own, contact, obstacles)
    company = _known_account(viewer, own, account, person, obstacles)
    if company is not None and person is None:
        person = _namesake(viewer, lead, own, company[0])
    return Preview(_account(lead, own, company, obstacles), _contact(lead, person), obstacles)


def _obstacles(viewer: User | None, lead: Lead, own: Facts, account: int | None, contact: int | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if lead.status == LeadStatus.CONVERTED:
        found["status"] = [_("The lead is converted already.")]
    if lead.status == LeadStatus.UNQUALIFIED:
        found["status"] = [_("The lead is unqualified. Put it back to working first.")]
    if lead.removed_at:
        found["removed_at"] = [_("This is removed; restore it first.")]
    given = {"account": account, "contact": contact}
    for kind, pk in given.items():
        # The address of a contact is theirs alone; a company of that domain may be chosen for the lead, or made beforehand.
        hidden = hidden_duplicate(viewer, own, kind) if pk is None and not (kind == "account" and contact) else None
        if hidden is not None:
            found[kind] = list(hidden.reasons)
    return found


Found = tuple[Contact, str]


def _known_contact(viewer: User | None, own: Facts, contact: int | None, obstacles: dict[str, list[str]]) -> Found | None:
    there = access.present(access.visible_to(viewer, Contact))
    if contact is not None:
        chosen = there.filter(pk=contact).first()
        if chosen is None:
            obstacles["contact"] = [_("There is no contact %(id)s, or you may not see it.") % {"id": contact}]
            return None
        return chosen, _("You have chosen this contact.")
    if not own.email:
        return None
    same = there.filter(email=own.email).first()
    if same is not None:
        return same, _("Has the same e-mail address, %(email)s.") % {"email": own.email}
    for pk, _name, reason in heirs(viewer, own, "contact"):
        return there.get(pk=pk), f"{reason[:1].upper()}{reason[1:]}."
    return None


def _known_account(
    viewer: User | None, own: Facts, account: int | None, person: Found | None, obstacles: dict[str, list[str]]
) -> tuple[Account, str] | None:
    there = access.present(access.visible_to(viewer, Account))
    if account is not None:
        chosen = there.filter(pk=account).first()
        if chosen is None:
            obstacles["account"] = [_("There is no account %(id)s, or you may not see it.") % {"id": account}]
            return None
        return chosen, _("You have chosen this account.")
    if person is not None and person[0].account_id:
        of_person = there.filter(pk=person[0].account_id).first()
        if of_person is not None:
            obstacles.pop("account", None)
            return of_person, _("Is the account of the contact %(name)s.") % {"name": person[0]}
    if own.domain:
        same = _nearest(there.filter(domain=own.domain), own)
        if same is not None:
            obstacles.pop("account", None)
            return same, _("Has the same domain, %(domain)s.") % {"domain": own.domain}
        for pk, _name, reason in heirs(viewer, own, "account"):
            return there.get(pk=pk), f"{reason[:1].upper()}{reason[1:]}."
    if own.company:
        named = there.filter(name_key=own.company)
        # Another domain or country of the same name is another company until somebody says otherwise.
        if own.domain:
            named = named.filter(domain="")
        if own.country:
            named = named.filter(country__in=("", own.country))
        same = named.order_by("pk").first()
        if same is not None:
            return same, _("Has the same name, and nothing speaks against it.")
    return None


def _nearest(accounts: QuerySet[Account], own: Facts) -> Account | None:
    """Of several accounts of a domain, the one of the lead's company and country, or else the first that was made."""
    ranked = sorted(accounts, key=lambda one: (one.name_key != own.company, one.country != own.country, one.pk))
    return ranked[0] if ranked else None


def _namesake(viewer: User | None, lead: Lead, own: Facts, account: Account) -> Found | None:
    """A contact of the account with the same name, where no two addresses say that they are two."""
    if not (lead.first_name and lead.last_name):
        return None
    there = access.present(access.visible_to(viewer, Contact)).filter(account=account).order_by("pk")
    if own.email:
        there = there.filter(email="")
    for one in there:
        if facts_of(one).person == own.person:
            return one, _("Is a contact of the account with the same name.")
    return None


def _account(lead: Lead, own: Facts, found: tuple[Account, str] | None, obstacles: dict[str, list[str]]) -> Planned:
    if found is not None:
        return Planned("match", found[0].pk, str(found[0]), found[1])
    name = lead.company or (company_of(own.domain) if own.domain else "")
    if name:
        return Planned("make", None, name, _("No account has its domain or its name."))
    obstacles.setdefault("account", [_("Say which company this is: fill in the lead's company, or choose an account.")])
    return Planned("none", None, "", _("The lead names no company."))


def _contact(lead: Lead, found: Found | None) -> Planned:
    if found is not None:
        return Planned("match", found[0].pk, str(found[0]), found[1])
    if lead.email or lead.last_name or lead.first_name:
        return Planned("make", None, str(lead), _("No contact has its e-mail address or its name."))
    return Planned("none", None, "", _("The lead names no person."))


def require_possible(preview: Preview) -> None:
    """Raise InvalidInput with every obstacle."""
    if preview.obstacles:
        raise InvalidInput(preview.obstacles)
