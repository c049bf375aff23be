"""The kinds of record and their names in history, API and settings."""

from __future__ import annotations

from penstock.crm import models
from penstock.crm.models.record import Record

_TYPES: dict[str, type[Record]] = {
    "lead": models.Lead,
    "account": models.Account,
    "account_member": models.AccountMember,
    "contact": models.Contact,
    "product": models.Product,
    "opportunity": models.Opportunity,
    "opportunity_line": models.OpportunityLine,
    "contact_role": models.ContactRole,
    "activity": models.Activity,
    "task": models.Task,
    "campaign": models.Campaign,
    "campaign_cost": models.CampaignCost,
    "campaign_member": models.CampaignMember,
    "competitor": models.Competitor,
    "material": models.Material,
    "subscription": models.Subscription,
    "tick": models.Tick,
    "approval": models.Approval,
}
_NAMES = {model: name for name, model in _TYPES.items()}


def record_type(model: type[Record]) -> str:
    """The name of a kind of record, such as `account`."""
    return _NAMES[model]


def record_model(name: str) -> type[Record]:
    """The model of a kind of record. Raises ValueError in words for a name that is none."""
    if name not in _TYPES:
        raise ValueError(f"There is no kind of record {name!r}. There are: {', '.join(_TYPES)}.")
    return _TYPES[name]


def record_models() -> tuple[type[Record], ...]:
    """Every kind of record."""
    return tuple(_NAMES)
