"""What an activity or a task is about: a lead, an account, a contact, an opportunity, made to agree with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from penstock.crm.actions.lookups import look_up
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer
from penstock.crm.models import Contact, Lead, Opportunity
from penstock.crm.refusals import InvalidInput

LINKS = ("lead_id", "account_id", "contact_id", "opportunity_id")
_MODELS: dict[str, type[Model]] = {"lead_id": Lead, "contact_id": Contact, "opportunity_id": Opportunity}


def link_all(writer: Writer, drafts: Sequence[Draft]) -> None:
    """Fill the links of many: a converted lead brings what it became, an opportunity its account, a contact its account.

    Refuses an opportunity of another account than the one that is given.
    """
    user = writer.actor.user
    found = {
        name: look_up(user, model, {draft.values[name] for draft in drafts if draft.values.get(name)})
        for name, model in _MODELS.items()
    }
    for draft in drafts:
        try:
            draft.values |= _linked(draft.values, found)
        except InvalidInput as refusal:
            draft.refusal = refusal


def link(writer: Writer, values: Mapping[str, Any]) -> dict[str, Any]:
    """The links that follow from those in `values`. Raises InvalidInput as above."""
    user = writer.actor.user
    found = {name: look_up(user, model, {values[name]} if values.get(name) else ()) for name, model in _MODELS.items()}
    return _linked(values, found)


def relink(writer: Writer, record: Any, values: dict[str, Any]) -> None:
    """For an edit: where a link changes, the others follow, unless they are given too."""
    if not any(name in values for name in LINKS):
        return
    wanted = {name: values.get(name, getattr(record, name)) for name in LINKS}
    if "account_id" not in values and ("contact_id" in values or "opportunity_id" in values):
        wanted["account_id"] = None
        kept = link(writer, wanted)
        values |= kept or {"account_id": record.account_id}
        return
    values |= link(writer, wanted)


def _linked(values: Mapping[str, Any], found: Mapping[str, Mapping[int, Any]]) -> dict[str, Any]:
    links = {name: values[name] for name in LINKS if values.get(name)}
    given = dict(links)
    lead = found["lead_id"].get(links.get("lead_id", 0))
    if lead is not None:
        for name in ("account_id", "contact_id", "opportunity_id"):
            if getattr(lead, name):
                links.setdefault(name, getattr(lead, name))
    deal = found["opportunity_id"].get(links.get("opportunity_id", 0))
    if deal is not None:
        if given.get("account_id", deal.account_id) != deal.account_id:
            raise InvalidInput({"account": [_("The opportunity %(name)s is one of another account.") % {"name": deal}]})
        links["account_id"] = deal.account_id
    contact = found["contact_id"].get(links.get("contact_id", 0))
    if contact is not None and contact.account_id:
        links.setdefault("account_id", contact.account_id)
    return {name: value for name, value in links.items() if given.get(name) != value}
