"""People of an opportunity: which contact plays which part in it. One of them is the primary contact."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import ContactRole, Opportunity
from penstock.crm.refusals import InvalidInput, NotFound

EDITABLE = frozenset({"role", "primary", "custom"})
_AT_BIRTH = EDITABLE | {"contact"}


def add_contact_role(
    actor: Actor, opportunity: int, contact: int, *, role: str = "other", primary: bool = False, **fields: Any
) -> ContactRole:
    """Say which part a contact plays: one of `models.people.CONTACT_ROLES`. A new primary contact replaces the one there was.

    Needs to be allowed to edit the opportunity. Raises InvalidInput, NotAllowed, NotFound.
    """
    with change(actor, "add_contact_role") as writer:
        deal = _deal(writer, opportunity)
        values = Intake(actor, ContactRole, _AT_BIRTH).of(fields | {"contact": contact, "role": role, "primary": primary})
        if ContactRole.objects.filter(opportunity=deal, contact=contact, removed_at__isnull=True).exists():
            raise InvalidInput({"contact": [_("This person has a role in the opportunity already. Edit that one.")]})
        first = values.pop("primary", False)
        record = ContactRole(opportunity_id=deal.pk, **values)
        if first:
            _demote(writer, deal, None)
        writer.create([record], verb=None)
        # Written after the former one has stepped back, since the database allows one alone.
        writer.update(record, verb=None, primary=first)
        return record


def edit_contact_role(actor: Actor, contact_role: int, *, revision: int | None = None, **changes: Any) -> ContactRole:
    """Set `role`, `primary` or custom fields. Raises StaleWrite, InvalidInput, NotAllowed, NotFound."""
    with change(actor, "edit_contact_role") as writer:
        record = _asked(writer, contact_role, revision)
        values = Intake(actor, ContactRole, EDITABLE).of(changes, existing=record)
        if values.get("primary") and not record.primary:
            _demote(writer, record.opportunity, record)
        writer.update(record, verb=None, **values)
        return record


def remove_contact_role(actor: Actor, contact_role: int) -> ContactRole:
    """Take a contact out of an opportunity."""
    with change(actor, "remove_contact_role") as writer:
        record = _asked(writer, contact_role, None)
        writer.update(record, verb=None, removed_at=writer.at)
        return record


def restore_contact_role(actor: Actor, contact_role: int) -> ContactRole:
    """Put a contact back; not as the primary one, if there is another by now."""
    with change(actor, "restore_contact_role") as writer:
        deal = _deal_of(writer, contact_role)
        record = writer.locked(ContactRole, [contact_role])[contact_role]
        there = ContactRole.objects.filter(opportunity=deal, removed_at__isnull=True).exclude(pk=record.pk)
        if there.filter(contact=record.contact_id).exists():
            raise InvalidInput({"contact": [_("This person has a role in the opportunity already. Edit that one.")]})
        writer.update(record, verb=None, removed_at=None, primary=record.primary and not there.filter(primary=True).exists())
        return record


def _deal(writer: Writer, pk: int) -> Opportunity:
    deal = writer.locked(Opportunity, [pk])[pk]
    writer.require("edit", deal)
    return deal


def _deal_of(writer: Writer, contact_role: int) -> Opportunity:
    """The role's opportunity, locked before the role is, as everywhere."""
    known = ContactRole.objects.filter(pk=contact_role).values_list("opportunity_id", flat=True).first()
    if known is None:
        raise NotFound("contact_role", [contact_role])
    return _deal(writer, known)


def _asked(writer: Writer, pk: int, revision: int | None) -> ContactRole:
    deal = _deal_of(writer, pk)
    record = writer.locked(ContactRole, [pk], revisions={} if revision is None else {pk: revision})[pk]
    record.opportunity = deal
    if record.removed_at:
        raise InvalidInput({"contact_role": [_("This person is not in the opportunity any more.")]})
    return record


def _demote(writer: Writer, deal: Opportunity, but: ContactRole | None) -> None:
    others = ContactRole.objects.filter(opportunity=deal, primary=True, removed_at__isnull=True)
    for other in others.exclude(pk=but.pk if but else 0).select_for_update():
        writer.update(other, verb=None, primary=False)
