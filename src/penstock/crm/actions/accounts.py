"""Accounts: created, edited, handed over, removed and brought back. Their place in the loop is in `account_status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.provenance import marked, origin, yielding
from penstock.crm.actions.trees import lock_lineage, require_no_circle
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import INHERITED, derived
from penstock.crm.domains import domain_of
from penstock.crm.models import Account, AccountStatus, Opportunity, Status
from penstock.crm.names import name_key
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

EDITABLE = frozenset(
    """name domain parent industry employees revenue revenue_currency country region segment business_kind
    tools icp_score strategic phone website social description potential territory owner custom""".split()
)
# At birth the loop, an import or the demo may say where the account stands; later `account_status` does.
_AT_BIRTH = EDITABLE | {"status", "status_until"}
# What may be filled in from elsewhere: never who answers for the account, nor what the company has decided about it.
ENRICHABLE = EDITABLE - {"owner", "parent", "territory", "custom", "strategic", "potential"}


def create_account(actor: Actor, **fields: Any) -> Account:
    """Create an account. Needs `name`; the rest as in EDITABLE, and `status` (unqualified pool if left out), `status_until`.

    revenue: minor units of revenue_currency; icp_score: 0 to 100. The owner is the actor unless one is given (None for nobody).
    The domain is taken from the website where none is given; an e-mail address will do for it. Raises InvalidInput, NotAllowed.
    """
    return verbs.create_one(actor, "create_account", Account, _AT_BIRTH, fields, _complete)


def create_accounts(actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: Sequence[datetime] | None = None) -> Outcome:
    """Create many, each from the fields of `create_account`; a faulty row is refused alone, by its number from 0.

    at: when each came to be; only where the actor's source is import or demo.
    """
    return verbs.create_many(actor, "create_account", Account, _AT_BIRTH, rows, _complete, at)


def edit_account(actor: Actor, account: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Account:
    """Set fields of EDITABLE. What its open opportunities have inherited follows, in the same change.

    Raises StaleWrite, InvalidInput (a parent that is below the account), NotAllowed, NotFound.
    """
    return verbs.edit_one(actor, "edit_account", Account, account, changes, EDITABLE, _settle, revision=revision)


def edit_accounts(actor: Actor, accounts: Sequence[int], changes: Mapping[str, Any]) -> Outcome:
    """Set the same fields of many; those that cannot be changed are refused alone, by id."""
    return verbs.edit_many(actor, "edit_account", Account, accounts, changes, EDITABLE, _settle)


def enrich_account(actor: Actor, account: int, values: Mapping[str, Any], source: str) -> Account:
    """Fill in fields of ENRICHABLE from `source`: those that are empty, or whose value no person has set. The rest is left.

    Provenance says of each what was set from where and when. Raises InvalidInput, NotAllowed, NotFound.
    """
    with change(actor, "enrich_account") as writer:
        record = writer.locked(Account, [account])[account]
        found = Intake(actor, Account, ENRICHABLE).of(values, existing=record)
        _normalise(found, record)
        found = {name: value for name, value in yielding(record, found).items() if value != getattr(record, name)}
        if found:
            _follow(writer, record, found)
            writer.update(record, **found, provenance=marked(record.provenance, found, source, writer.at))
        return record


def reassign_accounts(actor: Actor, accounts: Sequence[int], owner: User | int) -> Outcome:
    """Hand accounts to an owner, who must be active. Their opportunities stay with their own owners."""
    return verbs.hand_over(actor, "reassign_account", Account, accounts, owner)


def remove_accounts(actor: Actor, accounts: Sequence[int]) -> Outcome:
    """Remove accounts; they can be restored. One with open opportunities, or with accounts below it, is refused."""
    return verbs.remove(actor, "remove_account", Account, accounts, _require_bare)


def restore_accounts(actor: Actor, accounts: Sequence[int]) -> Outcome:
    """Bring removed accounts back as they were."""
    return verbs.restore(actor, "restore_account", Account, accounts)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    owner = writer.actor.user.pk if writer.actor.user else None
    source = origin(writer.actor)
    for draft in drafts:
        values = draft.values
        if not values.get("name"):
            draft.refuse("name", _("This is needed."))
            continue
        if values.get("status") == "":
            values["status"] = AccountStatus.UNQUALIFIED_POOL
        try:
            _normalise(values, None)
        except InvalidInput as refusal:
            draft.refusal = refusal
            continue
        values["provenance"] = marked({}, values, source, draft.at)
        values.setdefault("owner_id", owner)
        values["status_since"] = draft.at


def _settle(writer: Writer, account: Account, values: dict[str, Any]) -> None:
    if "name" in values and not values["name"]:
        raise InvalidInput({"name": [_("This is needed.")]})
    _normalise(values, account)
    parent = values.get("parent_id")
    if parent is not None and parent != account.parent_id:
        require_no_circle(account.pk, lock_lineage(Account, "parent_id", [account.pk], parent), "parent")
    _follow(writer, account, values)
    changed = {name: value for name, value in values.items() if value != getattr(account, name)}
    values["provenance"] = marked(account.provenance, changed, origin(writer.actor), writer.at)


def _normalise(values: dict[str, Any], account: Account | None) -> None:
    """The domain as it is compared, and the key of the name. Raises InvalidInput for a domain that is none, a score above 100."""
    if values.get("domain"):
        domain = domain_of(values["domain"])
        if not domain:
            raise InvalidInput({"domain": [_("Write a domain, such as example.com.")]})
        values["domain"] = domain
    elif values.get("website") and not (account and account.domain) and "domain" not in values:
        domain = domain_of(values["website"])
        if domain:
            values["domain"] = domain
    if (values.get("icp_score") or 0) > 100:
        raise InvalidInput({"icp_score": [_("A score lies between 0 and 100.")]})
    if values.get("name"):
        values["name_key"] = name_key(values["name"])


def _follow(writer: Writer, account: Account, values: Mapping[str, Any]) -> None:
    """Give open opportunities the account's new facts; one that was set to something else by hand is left as it is."""
    facts = {name: (getattr(account, name), values[name]) for name in INHERITED if name in values}
    facts = {name: both for name, both in facts.items() if both[0] != both[1]}
    if not facts:
        return
    writer.require("edit", account)
    deals = Opportunity.objects.filter(account=account, status=Status.OPEN, removed_at__isnull=True).order_by("pk")
    for deal in deals.select_related("stage", "pipeline").select_for_update(of=("self",)):
        new = {name: after for name, (before, after) in facts.items() if getattr(deal, name) in (before, "")}
        writer.update(deal, verb=None, **new)
        writer.update(deal, verb=None, **derived(deal, deal.stage, deal.pipeline))


def _require_bare(writer: Writer, account: Account) -> None:
    deals = Opportunity.objects.filter(account=account, status=Status.OPEN, removed_at__isnull=True).count()
    if deals:
        text = _("It has %(count)s open opportunities. Close, move or remove them first.") % {"count": deals}
        raise InvalidInput({"opportunities": [text]})
    below = Account.objects.filter(parent=account, removed_at__isnull=True).count()
    if below:
        raise InvalidInput({"children": [_("It has %(count)s accounts below it. Move them first.") % {"count": below}]})
