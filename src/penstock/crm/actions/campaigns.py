"""Campaigns and what they cost. Who is in them is in `campaign_members`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.uniqueness import refuse_taken, require_free
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer, change
from penstock.crm.models import Campaign, CampaignCost
from penstock.crm.refusals import InvalidInput
from penstock.org.company import company

EDITABLE = frozenset("name kind starts_on ends_on budget currency product region segment description owner custom".split())
COST_EDITABLE = frozenset("day amount note custom".split())


def create_campaign(actor: Actor, **fields: Any) -> Campaign:
    """Create a campaign. Needs `name`, which no other has, and `kind` (`models.campaign.KINDS`); the rest as in EDITABLE.

    budget: minor units of `currency`, the company's if left out. The owner is the actor. Raises InvalidInput, NotAllowed.
    """
    return verbs.create_one(actor, "create_campaign", Campaign, EDITABLE, fields, _complete)


def create_campaigns(actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: Sequence[datetime] | None = None) -> Outcome:
    """Create many; a faulty row is refused alone, by its number from 0. at: as of `create_accounts`."""
    return verbs.create_many(actor, "create_campaign", Campaign, EDITABLE, rows, _complete, at)


def edit_campaign(actor: Actor, campaign: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Campaign:
    """Set fields of EDITABLE. Raises StaleWrite, InvalidInput, NotAllowed, NotFound."""
    return verbs.edit_one(actor, "edit_campaign", Campaign, campaign, changes, EDITABLE, _settle, revision=revision)


def remove_campaigns(actor: Actor, campaigns: Sequence[int]) -> Outcome:
    """Remove campaigns; what they brought keeps their name, and they can be restored."""
    return verbs.remove(actor, "remove_campaign", Campaign, campaigns)


def restore_campaigns(actor: Actor, campaigns: Sequence[int]) -> Outcome:
    """Bring removed campaigns back; one whose name another has now is refused."""
    return verbs.restore(actor, "restore_campaign", Campaign, campaigns, _require_own_name)


def add_cost(actor: Actor, campaign: int, day: date | str, amount: int, *, note: str = "") -> CampaignCost:
    """Note money that was spent on a day: minor units of the campaign's currency; below zero for money that came back."""
    outcome = add_costs(actor, campaign, [{"day": day, "amount": amount, "note": note}])
    if outcome.refused:
        raise outcome.refused[0]
    return CampaignCost.objects.get(pk=outcome.done[0])


def add_costs(actor: Actor, campaign: int, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Note many costs, each with `day`, `amount` and `note`; a faulty row is refused alone, by its number from 0."""
    outcome = Outcome()
    with change(actor, "add_cost") as writer:
        record = _campaign(writer, campaign)
        intake = Intake(actor, CampaignCost, COST_EDITABLE)
        costs = []
        for number, row in enumerate(rows):
            try:
                values = intake.of(row)
                needed = {name: [_("This is needed.")] for name in ("day", "amount") if values.get(name) in (None, "")}
                if needed:
                    raise InvalidInput(needed)
                costs.append(CampaignCost(campaign_id=record.pk, **values))
            except InvalidInput as refusal:
                outcome.refused[number] = refusal
        outcome.done = [cost.pk for cost in writer.create(costs, verb=None)]
    return outcome


def edit_cost(actor: Actor, cost: int, changes: Mapping[str, Any], *, revision: int | None = None) -> CampaignCost:
    """Set `day`, `amount` or `note` of a cost."""
    with change(actor, "edit_cost") as writer:
        record = writer.locked(CampaignCost, [cost], revisions={} if revision is None else {cost: revision})[cost]
        _campaign(writer, record.campaign_id)
        if record.removed_at:
            raise InvalidInput({"removed_at": [_("This is removed.")]})
        writer.update(record, verb=None, **Intake(actor, CampaignCost, COST_EDITABLE).of(changes, existing=record))
        return record


def remove_cost(actor: Actor, cost: int) -> CampaignCost:
    """Take a cost back."""
    with change(actor, "remove_cost") as writer:
        record = writer.locked(CampaignCost, [cost])[cost]
        _campaign(writer, record.campaign_id)
        writer.update(record, verb=None, removed_at=record.removed_at or writer.at)
        return record


def _campaign(writer: Writer, pk: int) -> Campaign:
    record = writer.locked(Campaign, [pk])[pk]
    writer.require("edit", record)
    if record.removed_at:
        raise InvalidInput({"campaign": [_("The campaign is removed; restore it first.")]})
    return record


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    refuse_taken(writer, Campaign, "name", drafts)
    owner = writer.actor.user.pk if writer.actor.user else None
    currency = company().corporate_currency
    for draft in drafts:
        for name in ("name", "kind"):
            if not draft.values.get(name):
                draft.refuse(name, _("This is needed."))
        try:
            _require_order(draft.values.get("starts_on"), draft.values.get("ends_on"))
        except InvalidInput as fault:
            draft.refuse("ends_on", fault.faults["ends_on"][0])
        draft.values["currency"] = draft.values.get("currency") or currency
        draft.values.setdefault("owner_id", owner)


def _settle(writer: Writer, campaign: Campaign, values: dict[str, Any]) -> None:
    needed: tuple[str, ...] = ("name", "kind", "currency")
    faults = {name: [_("This is needed.")] for name in needed if name in values and not values[name]}
    if faults:
        raise InvalidInput(faults)
    _require_order(values.get("starts_on", campaign.starts_on), values.get("ends_on", campaign.ends_on))
    if values.get("name", campaign.name) != campaign.name:
        require_free(writer, campaign, "name", values["name"])


def _require_order(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise InvalidInput({"ends_on": [_("It cannot end before it starts.")]})


def _require_own_name(writer: Writer, campaign: Campaign) -> None:
    require_free(writer, campaign, "name", campaign.name)
