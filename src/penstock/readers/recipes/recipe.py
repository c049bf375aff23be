"""What a recipe declares: how one product names the columns of one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Shapes that tell of changes; the file of today may stand beside them.
HISTORIES = ("field_changes", "stage_history")


@dataclass(frozen=True)
class Recipe:
    """One product's (or nobody's) way of writing one shape.

    name: as `--reader` may call it. shape: the reader module. what: for people, "a Salesforce OpportunityHistory file".
    signs: names of columns that must all be there for it to be this product; a tuple inside is "one of these".
    columns: role -> names of its column, the best first; a role not named here is looked up by its synonyms.
    requires: roles without which the shape cannot be read; "a|b" is either.
    tracked: for field changes, what the product calls a field -> its role, or the name of its dimension.
    only: role -> values; other rows of a log are of something else and are passed over.
    """

    name: str
    shape: str
    what: str
    requires: tuple[str, ...]
    signs: tuple[str | tuple[str, ...], ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tracked: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
