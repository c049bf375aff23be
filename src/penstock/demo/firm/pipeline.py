"""The firm's pipeline, made from the template of the SaaS sales loop, and its deals with their whole past."""

from __future__ import annotations

from typing import Any

from penstock.crm.actions.imported import ImportedDeal, ImportedVersion, import_opportunities
from penstock.crm.pipelines import create_from_template
from penstock.demo.firm.build import Firm
from penstock.demo.firm.deals import FirmDeal

TEMPLATE = "saas_loop"
# How long contracts run, in months, and of how many of a hundred.
_TERMS = {12: 62, 24: 23, 36: 15}
_AS_THEY_ARE = (
    *("amount", "close_date", "region", "segment", "industry", "source", "generating_role", "kind", "next_step", "next_step_on"),
    *("budget", "authority", "need", "timeline", "competitors", "lost_reason", "lost_to", "removed"),
)


def enter(firm: Firm) -> None:
    """The pipeline."""
    firm.pipeline = create_from_template(firm.actor, TEMPLATE, name="Sales")
    firm.stages = list(firm.pipeline.stages.filter(archived=False).order_by("position"))
    firm.said("stages", len(firm.stages))


def enter_deals(firm: Firm) -> None:
    """The deals, each with its versions and the line that its amount comes from."""
    rng = firm.random("lines")
    terms, weights = tuple(_TERMS), tuple(_TERMS.values())
    imported = [_imported(firm, made, rng.choices(terms, weights)[0]) for made in firm.deals]
    firm.ids = firm.entered("opportunities", import_opportunities(firm.actor, imported))
    firm.said("versions", sum(len(made.versions) for made in firm.deals))


def _imported(firm: Firm, made: FirmDeal, term: int) -> ImportedDeal:
    versions = []
    owner: int | None = None
    for number, version in enumerate(made.versions):
        values = version.values
        fields: dict[str, Any] = {name: values[name] for name in _AS_THEY_ARE if name in values}
        if number == 0:
            fields |= {"name": made.name, "account": firm.accounts[values["account"]].pk}
            fields["campaign"] = _campaign(firm, made)
        if "owner" in values:
            owner = fields["owner"] = firm.by(values["owner"])
        if "product" in values:
            fields["product"] = firm.products[values["product"]]
        if "stage" in values:
            fields["stage"] = firm.stages[values["stage"] - 1].pk
        versions.append(ImportedVersion(version.at, fields, by=owner))
    amount = made.last("amount")
    product = firm.products[made.versions[0].values["product"]]
    line = {"product": product, "unit_price": amount, "billing_months": 12, "term_months": term}
    lines = [line] if amount is not None and not made.last("removed") else []
    return ImportedDeal(versions, lines=lines, system="demo", key=made.deal.opportunity_id)


def _campaign(firm: Firm, made: FirmDeal) -> int | None:
    """The campaign that an inbound deal came from: one that ran in the weeks before it."""
    running = firm.campaigns.get(f"{made.born:%Y-%m}", [])
    if made.versions[0].values["source"] != "inbound" or not running:
        return None
    return running[made.born.day % len(running)]
