"""Zoho CRM: Potentials, lately called Deals."""

from __future__ import annotations

from penstock.readers.recipes.recipe import Recipe

POTENTIAL = Recipe(
    name="zoho",
    shape="current_state",
    what="a Zoho Potentials file",
    signs=(("potential_name", "deal_name"), "stage", "closing_date"),
    requires=("stage",),
    columns={
        "opportunity_id": ("record_id", "potential_id", "potentialid", "deal_id", "id"),
        "stage": ("stage",),
        "amount": ("amount",),
        "currency": ("currency",),
        "close_date": ("closing_date",),
        "created_at": ("created_time",),
        "modified_at": ("modified_time",),
        "probability": ("probability", "probability_%"),
    },
)

RECIPES = (POTENTIAL,)
