"""How products name the columns of their files: one declaration per product and shape.

To add a product, add a file like its peers.
"""

from __future__ import annotations

from penstock.readers.recipes import generic, hubspot, pipedrive, salesforce, zoho
from penstock.readers.recipes.recipe import HISTORIES, Recipe

# The order they are tried in: histories before files of today, products before the usual names.
RECIPES: tuple[Recipe, ...] = (
    *salesforce.RECIPES[:3],
    *hubspot.RECIPES[:2],
    *pipedrive.RECIPES[:1],
    *generic.RECIPES[:4],
    salesforce.OPPORTUNITY,
    hubspot.DEAL,
    pipedrive.DEAL,
    zoho.POTENTIAL,
    generic.CURRENT_STATE,
)
# Understood when asked for by name, never guessed: their columns fit too many files.
NAMED_ONLY: tuple[Recipe, ...] = (generic.STAGE_HISTORY,)

__all__ = ["HISTORIES", "NAMED_ONLY", "RECIPES", "Recipe"]
