"""The past of accounts in the loop: entries into statuses with the moments at which they happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from penstock.crm.actions import rows
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.history import plain
from penstock.crm.actions.intake import OF_THE_PAST
from penstock.crm.actions.past_rows import change_row, event_row, stamp_row
from penstock.crm.actions.verbs import present
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Account, AccountStatus, OutboxEvent, RecordChange, Stamp
from penstock.crm.refusals import InvalidInput, Refusal

_KIND = "account"


class Entry(NamedTuple):
    """An account enters a status. until: when its time there ends."""

    at: datetime
    status: str
    reason: str = ""
    until: datetime | None = None


Rows = list[dict[str, object]]


def import_account_histories(
    actor: Actor, histories: Sequence[tuple[int, Sequence[Entry | tuple[datetime, str, str]]]]
) -> Outcome:
    """Write the statuses that accounts have been in: (account id, entries oldest first), each (at, status, reason[, until]).

    The first one is later than the account's present entry, which is that of its creation as a rule; the last one is what it
    is in now. Only where the actor's source is import or demo. A faulty history is refused alone, by account id.
    """
    if actor.source not in OF_THE_PAST:
        raise InvalidInput({"source": [_("Only an import may bring a past with it.")]})
    entries = {account: [Entry(*entry) for entry in given] for account, given in histories}

    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        outcome = Outcome()
        with change(own, "import_account_histories", result={"done": list(ids)}) as writer:
            changes: Rows = []
            stamps: Rows = []
            events: Rows = []
            states = []
            for pk, account in present(writer, Account, ids, outcome).items():
                try:
                    writer.require("edit", account)
                    _require_order(writer, account, entries[pk])
                except Refusal as refusal:
                    outcome.refused[pk] = refusal
                    continue
                outcome.done.append(pk)
                if entries[pk]:
                    states.append((pk, account.revision, _written(writer, account, entries[pk], changes, stamps, events)))
            rows.update(Account, ("status", "status_since", "status_until"), states)
            rows.insert(RecordChange, changes)
            rows.insert(Stamp, stamps)
            rows.insert(OutboxEvent, [] if own.quiet else events)
        return outcome

    return in_chunks(list(entries), actor, part)


def _require_order(writer: Writer, account: Account, entries: Sequence[Entry]) -> None:
    before, status = account.status_since, account.status
    for number, entry in enumerate(entries):
        faults: dict[str, list[str]] = {}
        if entry.at.tzinfo is None:
            faults[f"{number}.at"] = [_("Give the moment with its time zone.")]
        elif entry.at < before:
            faults[f"{number}.at"] = [_("It is earlier than the entry before it.")]
        elif entry.at > writer.now:
            faults[f"{number}.at"] = [_("A change cannot become true in the future.")]
        if entry.status not in AccountStatus.values:
            faults[f"{number}.status"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(AccountStatus.values)}]
        elif entry.status == status:
            faults[f"{number}.status"] = [_("It is in this status already.")]
        if faults:
            raise InvalidInput(faults)
        before, status = entry.at, entry.status


def _written(
    writer: Writer, account: Account, entries: Sequence[Entry], changes: Rows, stamps: Rows, events: Rows
) -> tuple[str, datetime, datetime | None]:
    """Add the rows of these entries; returns the state that they end in."""
    by = writer.actor.user.pk if writer.actor.user else None
    record = (_KIND, account.pk)
    was: Mapping[str, object] = {
        "status": str(account.status),
        "status_since": account.status_since,
        "status_until": account.status_until,
    }
    since = account.status_since
    for entry in entries:
        now = {"status": str(entry.status), "status_since": entry.at, "status_until": entry.until}
        fields = {name: [plain(was[name]), plain(value)] for name, value in now.items() if was[name] != value}
        changes.append(change_row(writer, record, "change", fields, account.revision + 1, entry.at, by))
        way = (str(was["status"]), entry.status)
        stamps.append(stamp_row(writer, record, "status", way, entry.at, since, by, entry.reason or writer.actor.reason))
        events.append(event_row(writer, record, "change", fields))
        was, since = now, entry.at
    last = entries[-1]
    return str(last.status), last.at, last.until
