"""An account's place in the loop. Which way leads where is said by `penstock.loop`; every entry is stamped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Account, AccountStatus
from penstock.crm.refusals import InvalidInput


def set_status(
    actor: Actor, account: int, status: str, *, until: datetime | None = None, reason: str, revision: int | None = None
) -> Account:
    """Put an account into a status of `AccountStatus`. until: when its time there ends; reason: kept on the stamp.

    Setting the status it has already only moves `until`. Raises StaleWrite, InvalidInput, NotAllowed, NotFound.
    """
    values = _values(status, until)
    with change(actor.but(reason=reason), "set_status") as writer:
        record = writer.locked(Account, [account], revisions={} if revision is None else {account: revision})[account]
        _enter(writer, record, values)
        return record


def set_statuses(
    actor: Actor,
    accounts: Sequence[int],
    status: str,
    *,
    until: datetime | Mapping[int, datetime | None] | None = None,
    reason: str,
) -> Outcome:
    """Put many accounts into a status, a thousand a transaction. until: for all, or by account id."""
    each_own = until if isinstance(until, Mapping) else None
    shared = None if isinstance(until, Mapping) else until
    _values(status, shared)

    def each(writer: Writer, record: Account, _: Intake) -> None:
        _enter(writer, record, _values(status, each_own.get(record.pk) if each_own is not None else shared))

    return verbs.to_each(actor.but(reason=reason), "set_status", Account, accounts, each)


def _values(status: str, until: datetime | None) -> dict[str, Any]:
    if status not in AccountStatus.values:
        raise InvalidInput({"status": [_("Choose one of: %(offered)s.") % {"offered": ", ".join(AccountStatus.values)}]})
    if until is not None and until.tzinfo is None:
        raise InvalidInput({"until": [_("Give the moment with its time zone.")]})
    return {"status": str(status), "status_until": until}


def _enter(writer: Writer, account: Account, values: Mapping[str, Any]) -> None:
    if account.removed_at:
        raise InvalidInput({"removed_at": [_("This is removed; restore it first.")]})
    if values["status_until"] is not None and values["status_until"] <= writer.at:
        raise InvalidInput({"until": [_("This must be later than the entry into the status.")]})
    if account.status != values["status"] and writer.at < account.status_since:
        raise InvalidInput({"at": [_("It entered the status it has later than that.")]})
    writer.update(account, **values)
