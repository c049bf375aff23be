"""Activities: logged, one or many, corrected and removed. An account knows when its last one was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.intake import OF_THE_PAST
from penstock.crm.actions.links import link_all, relink
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer
from penstock.crm.models import Account, Activity
from penstock.crm.refusals import InvalidInput

EDITABLE = frozenset(
    """kind at subject body direction duration outcome lead account contact opportunity campaign material owner custom""".split()
)


def log_activity(actor: Actor, *, kind: str, at: datetime | None = None, **fields: Any) -> Activity:
    """Log what was done. kind: email, call, meeting, demo, social or note; at: when, now if left out, never in the future.

    fields: of EDITABLE; duration in seconds, direction `in` or `out`. A contact brings its account, an opportunity its account,
    a converted lead what it became. The owner is the actor. Raises InvalidInput, NotAllowed.
    """
    row = fields | {"kind": kind} | ({} if at is None else {"at": at})
    return verbs.create_one(actor, "log_activity", Activity, EDITABLE, row, _complete)


def log_activities(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Log many, each from the fields of `log_activity`; a faulty row is refused alone, by its number from 0.

    Those of an import came to be when they happened, the others when they were logged.
    """
    return verbs.create_many(actor, "log_activity", Activity, EDITABLE, rows, _complete)


def edit_activity(actor: Actor, activity: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Activity:
    """Set fields of EDITABLE. Raises StaleWrite, InvalidInput, NotAllowed, NotFound."""
    touched: set[int] = set()

    def settle(writer: Writer, record: Activity, values: dict[str, Any]) -> None:
        if "at" in values:
            _require_past(values["at"])
        relink(writer, record, values)
        touched.update(pk for pk in (record.account_id, values.get("account_id")) if pk)
        writer.afterwards(lambda: find_last_activity(touched))

    return verbs.edit_one(actor, "edit_activity", Activity, activity, changes, EDITABLE, settle, revision=revision)


def remove_activities(actor: Actor, activities: Sequence[int]) -> Outcome:
    """Take activities off the timeline; they can be restored."""
    return verbs.remove(actor, "remove_activity", Activity, activities, _recount)


def restore_activities(actor: Actor, activities: Sequence[int]) -> Outcome:
    """Bring removed activities back."""
    return verbs.restore(actor, "restore_activity", Activity, activities, _recount)


def find_last_activity(accounts: Iterable[int]) -> None:
    """Set `last_activity_at` of accounts from the activities that are there. It is derived, so that no history is kept of it."""
    ids = sorted(set(accounts))
    found = Activity.objects.filter(account__in=ids, removed_at__isnull=True).order_by().values("account")
    last = dict(found.annotate(last=Max("at")).values_list("account", "last"))
    _set_last([(pk, last.get(pk)) for pk in ids], later_only=False)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    link_all(writer, drafts)
    owner = writer.actor.user.pk if writer.actor.user else None
    of_the_past = writer.actor.source in OF_THE_PAST
    for draft in drafts:
        values = draft.values
        values.setdefault("owner_id", owner)
        at = values["at"] = values.get("at") or writer.at
        if not values.get("kind"):
            draft.refuse("kind", _("This is needed."))
        if at > writer.now:
            draft.refuse("at", _("This moment is still to come. Make a task of it."))
        if of_the_past:
            draft.at = at
    writer.afterwards(lambda: _raise_last(drafts))


def _raise_last(drafts: Sequence[Draft]) -> None:
    last: dict[int, datetime] = {}
    for draft in drafts:
        account, at = draft.values.get("account_id"), draft.values["at"]
        if account and not draft.refusal and (account not in last or last[account] < at):
            last[account] = at
    _set_last(sorted(last.items()), later_only=True)


def _require_past(at: datetime | None) -> None:
    if at is None:
        raise InvalidInput({"at": [_("This is needed.")]})
    if at > timezone.now():
        raise InvalidInput({"at": [_("This moment is still to come. Make a task of it.")]})


def _recount(writer: Writer, record: Activity) -> None:
    if record.account_id:
        pk = record.account_id
        writer.afterwards(lambda: find_last_activity([pk]))


def _set_last(moments: Sequence[tuple[int, datetime | None]], *, later_only: bool) -> None:
    if not moments:
        return
    adapt = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(Account._meta.db_table)
    adapted = [(adapt(at), pk) for pk, at in moments]
    rows = [(at, pk, at) for at, pk in adapted] if later_only else adapted
    later = " AND (last_activity_at IS NULL OR last_activity_at < %s)" if later_only else ""
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET last_activity_at = %s WHERE id = %s{later}", rows)
