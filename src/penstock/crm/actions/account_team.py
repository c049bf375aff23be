"""The team of an account: who works on it beside its owner. Whoever may edit the account may say so."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Account, AccountMember
from penstock.crm.refusals import InvalidInput, NotFound
from penstock.org.models import User

EDITABLE = frozenset({"role", "may_edit", "custom"})


def add_member(actor: Actor, account: int, user: User | int, *, role: str = "", may_edit: bool = True) -> AccountMember:
    """Put a person on an account's team; they see it, and edit it unless `may_edit` is False. Raises InvalidInput, NotAllowed."""
    with change(actor, "add_member") as writer:
        record = writer.locked(Account, [account])[account]
        writer.require("edit", record)
        person = user if isinstance(user, User) else User.objects.filter(pk=user).first()
        if person is None or not person.is_active:
            raise InvalidInput({"user": [_("%(name)s is not active.") % {"name": person or user}]})
        if AccountMember.objects.filter(account=account, user=person, removed_at__isnull=True).exists():
            raise InvalidInput({"user": [_("%(name)s is on this team already.") % {"name": person}]})
        values = Intake(actor, AccountMember, EDITABLE).of({"role": role, "may_edit": may_edit})
        member = AccountMember(account_id=account, user_id=person.pk, **values)
        writer.create([member], verb=None)
        return member


def edit_member(actor: Actor, member: int, *, revision: int | None = None, **changes: Any) -> AccountMember:
    """Set `role` or `may_edit` of a member."""
    with change(actor, "edit_member") as writer:
        record = _asked(writer, member, revision)
        writer.update(record, verb=None, **Intake(actor, AccountMember, EDITABLE).of(changes, existing=record))
        return record


def remove_member(actor: Actor, member: int) -> AccountMember:
    """Take a person off the team."""
    with change(actor, "remove_member") as writer:
        record = _asked(writer, member, None)
        writer.update(record, verb=None, removed_at=writer.at)
        return record


def _asked(writer: Writer, member: int, revision: int | None) -> AccountMember:
    known = AccountMember.objects.filter(pk=member).values_list("account_id", flat=True).first()
    if known is None:
        raise NotFound("account_member", [member])
    writer.require("edit", writer.locked(Account, [known])[known])
    record = writer.locked(AccountMember, [member], revisions={} if revision is None else {member: revision})[member]
    if record.removed_at:
        raise InvalidInput({"member": [_("This person has left the team.")]})
    return record
