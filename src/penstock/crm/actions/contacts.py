"""Contacts: people at accounts. An e-mail address belongs to one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.provenance import enrich, marked, origin
from penstock.crm.actions.trees import lock_lineage, require_no_circle
from penstock.crm.actions.uniqueness import refuse_taken, require_free
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer
from penstock.crm.models import Contact
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

EDITABLE = frozenset(
    """email first_name last_name account title persona role reports_to phone mobile country language social
    email_opt_out call_opt_out consent owner custom""".split()
)
# What may be filled in from elsewhere; never what a person has asked of us.
ENRICHABLE = frozenset("first_name last_name title persona role phone mobile country language social".split())
_NAMES = ("email", "first_name", "last_name")


def create_contact(actor: Actor, **fields: Any) -> Contact:
    """Create a contact. Needs an e-mail address, a first or a last name; the rest as in EDITABLE. The owner is the actor.

    Raises InvalidInput (an address that another contact has, naming it where the actor may see it), NotAllowed.
    """
    return verbs.create_one(actor, "create_contact", Contact, EDITABLE, fields, _complete)


def create_contacts(actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: Sequence[datetime] | None = None) -> Outcome:
    """Create many, each from the fields of `create_contact`; a faulty row is refused alone, by its number from 0.

    at: when each came to be; only where the actor's source is import or demo.
    """
    return verbs.create_many(actor, "create_contact", Contact, EDITABLE, rows, _complete, at)


def edit_contact(actor: Actor, contact: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Contact:
    """Set fields of EDITABLE. Raises StaleWrite, InvalidInput (also for people who report in a circle), NotAllowed, NotFound."""
    return verbs.edit_one(actor, "edit_contact", Contact, contact, changes, EDITABLE, _settle, revision=revision)


def edit_contacts(actor: Actor, contacts: Sequence[int], changes: Mapping[str, Any]) -> Outcome:
    """Set the same fields of many; those that cannot be changed are refused alone, by id."""
    return verbs.edit_many(actor, "edit_contact", Contact, contacts, changes, EDITABLE, _settle)


def opt_out(actor: Actor, contacts: Sequence[int], *, email: bool | None = None, calls: bool | None = None) -> Outcome:
    """Note that people want no e-mail, or no calls (True), or want them again (False); None leaves it as it is."""
    asked = {"email_opt_out": email, "call_opt_out": calls}
    changes = {name: wish for name, wish in asked.items() if wish is not None}
    return verbs.edit_many(actor, "opt_out", Contact, contacts, changes, EDITABLE, _settle)


def enrich_contact(actor: Actor, contact: int, values: Mapping[str, Any], source: str) -> Contact:
    """Fill in fields of ENRICHABLE from `source`: those that are empty, or whose value no person has set."""
    return enrich(actor, "enrich_contact", Contact, contact, values, source, ENRICHABLE)


def reassign_contacts(actor: Actor, contacts: Sequence[int], owner: User | int) -> Outcome:
    """Hand contacts to an owner, who must be active."""
    return verbs.hand_over(actor, "reassign_contact", Contact, contacts, owner)


def remove_contacts(actor: Actor, contacts: Sequence[int]) -> Outcome:
    """Remove contacts; they can be restored. Their addresses become free."""
    return verbs.remove(actor, "remove_contact", Contact, contacts)


def restore_contacts(actor: Actor, contacts: Sequence[int]) -> Outcome:
    """Bring removed contacts back; one whose address somebody else has now is refused."""
    return verbs.restore(actor, "restore_contact", Contact, contacts, _require_own_address)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    owner = writer.actor.user.pk if writer.actor.user else None
    source = origin(writer.actor)
    refuse_taken(writer, Contact, "email", drafts)
    for draft in drafts:
        if not any(draft.values.get(name) for name in _NAMES):
            draft.refuse("email", _("Give an e-mail address or a name."))
        draft.values["provenance"] = marked({}, draft.values, source, draft.at)
        draft.values.setdefault("owner_id", owner)


def _settle(writer: Writer, contact: Contact, values: dict[str, Any]) -> None:
    if not any(values.get(name, getattr(contact, name)) for name in _NAMES):
        raise InvalidInput({"email": [_("Give an e-mail address or a name.")]})
    if values.get("email", contact.email) != contact.email:
        require_free(writer, contact, "email", values["email"])
    above = values.get("reports_to_id")
    if above is not None and above != contact.reports_to_id:
        require_no_circle(contact.pk, lock_lineage(Contact, "reports_to_id", [contact.pk], above), "reports_to")
    changed = {name: value for name, value in values.items() if value != getattr(contact, name)}
    values["provenance"] = marked(contact.provenance, changed, origin(writer.actor), writer.at)


def _require_own_address(writer: Writer, contact: Contact) -> None:
    require_free(writer, contact, "email", contact.email)
