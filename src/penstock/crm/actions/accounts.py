"""Accounts: created and edited; their place in the loop is changed here too, for `penstock.loop`."""

from __future__ import annotations

from typing import Any

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.validation import validated
from penstock.crm.actions.writing import change
from penstock.crm.models import Account

EDITABLE = frozenset(
    """name domain parent industry employees revenue revenue_currency country region segment business_kind tools icp_score strategic
    phone website social description potential territory owner custom""".split()
)


def create_account(actor: Actor, **fields: Any) -> Account:
    """Create an account."""
    with change(actor, "create_account") as writer:
        values = validated(actor, Account, fields, EDITABLE)
        owner = actor.user.pk if actor.user else None
        account = Account(**({"owner_id": owner, "status_since": writer.at} | values))
        writer.create([account])
        return account
