"""What access to each kind of record rests on, one declaration a line; and the tables that are no records.

A record is seen where its level is public, by its owner and the managers above the owner, by the owner's team where the level is
`team`, by the account team, and by whoever sees a record that it hangs on. It is edited likewise, where each of those may edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from django.db.models import Model

from penstock.crm.models.record import Record
from penstock.crm.record_types import record_type

Shown = Literal["all", "own", "history", "set_up"]


@dataclass(frozen=True)
class Kind:
    """owned: it has an owner of its own. account: where its account team comes from, itself (`self`) or a field.

    parents: fields of the records that it hangs on; seeing any of them is seeing it. part: it has no life of its own (a line, a
    role, a tick), so that adding one is editing its parent.
    """

    owned: bool = False
    account: str = ""
    parents: tuple[str, ...] = ()
    part: bool = False


KINDS: Final[dict[str, Kind]] = {
    "lead": Kind(owned=True),
    "account": Kind(owned=True, account="self"),
    "contact": Kind(owned=True, parents=("account",)),
    "opportunity": Kind(owned=True, account="account"),
    "subscription": Kind(owned=True, account="account", parents=("opportunity",)),
    "activity": Kind(owned=True, parents=("lead", "account", "contact", "opportunity", "campaign")),
    "task": Kind(owned=True, parents=("lead", "account", "contact", "opportunity")),
    "campaign": Kind(owned=True),
    "material": Kind(owned=True),
    "competitor": Kind(),
    "product": Kind(),
    "account_member": Kind(part=True, parents=("account",)),
    "opportunity_line": Kind(part=True, parents=("opportunity",)),
    "contact_role": Kind(part=True, parents=("opportunity",)),
    "tick": Kind(part=True, parents=("opportunity",)),
    "approval": Kind(part=True, parents=("opportunity",)),
    "campaign_cost": Kind(part=True, parents=("campaign",)),
    "campaign_member": Kind(part=True, parents=("campaign",)),
}

# Tables that are no records. all: everybody with a log-in sees them and those who configure change them. own: each sees the rows
# of their own (`user`). history: seen with the record it tells of, and only through `crm.access.history`. set_up: seen by those
# who configure alone.
TABLES: Final[dict[str, Shown]] = {
    "org.user": "all",
    "org.team": "all",
    "org.territory": "all",
    "org.company": "all",
    "org.currency": "all",
    "org.rate": "all",
    "org.target": "all",
    "org.sharing": "all",
    "org.hiddenfield": "all",
    "org.orgchange": "set_up",
    "crm.pipeline": "all",
    "crm.stage": "all",
    "crm.shortcut": "all",
    "crm.criterion": "all",
    "crm.customfield": "all",
    "crm.learnedprobability": "all",
    "crm.change": "history",
    "crm.changeoutcome": "set_up",
    "crm.recordchange": "history",
    "crm.opportunityversion": "history",
    "crm.stamp": "history",
    "crm.outboxevent": "set_up",
    "crm.externalkey": "set_up",
    "crm.merge": "set_up",
    "crm.notduplicate": "set_up",
    "loop.rule": "all",
    "loop.ruleedit": "set_up",
    "loop.rulerun": "set_up",
    "loop.assignmentrule": "all",
    "loop.turn": "set_up",
    "loop.clock": "set_up",
    "loop.notification": "own",
    "loop.digest": "own",
    "loop.webhookcall": "set_up",
    "worker.job": "own",
    "worker.periodicslot": "set_up",
    "worker.beat": "set_up",
}


def kind_of(model: type[Record]) -> tuple[str, Kind]:
    """The name and the declaration of a kind of record. LookupError in words where it has none."""
    name = record_type(model)
    if name not in KINDS:
        raise LookupError(f"Nobody has said who may see {name} records. Give the kind a line in crm.access.kinds.KINDS.")
    return name, KINDS[name]


def shown(model: type[Model]) -> Shown:
    """Who sees a table that is no record. LookupError in words where nobody has said."""
    label = model._meta.label_lower
    if label not in TABLES:
        raise LookupError(f"Nobody has said who may see {label}. Give it a line in crm.access.kinds.TABLES.")
    return TABLES[label]
