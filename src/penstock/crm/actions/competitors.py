"""Competitors: the other vendors that deals are lost to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.uniqueness import refuse_taken, require_free
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer
from penstock.crm.models import Competitor
from penstock.crm.refusals import InvalidInput

EDITABLE = frozenset("name website notes custom".split())


def create_competitor(actor: Actor, **fields: Any) -> Competitor:
    """Create a competitor. Needs `name`, which no other has. Raises InvalidInput, NotAllowed."""
    return verbs.create_one(actor, "create_competitor", Competitor, EDITABLE, fields, _complete)


def create_competitors(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Create many; a faulty row is refused alone, by its number from 0."""
    return verbs.create_many(actor, "create_competitor", Competitor, EDITABLE, rows, _complete)


def edit_competitor(actor: Actor, competitor: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Competitor:
    """Set fields of EDITABLE. Deals that name it keep the name they have."""
    return verbs.edit_one(actor, "edit_competitor", Competitor, competitor, changes, EDITABLE, _settle, revision=revision)


def remove_competitors(actor: Actor, competitors: Sequence[int]) -> Outcome:
    """Remove competitors; they can be restored."""
    return verbs.remove(actor, "remove_competitor", Competitor, competitors)


def restore_competitors(actor: Actor, competitors: Sequence[int]) -> Outcome:
    """Bring removed competitors back; one whose name another has now is refused."""
    return verbs.restore(actor, "restore_competitor", Competitor, competitors, _require_own_name)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    refuse_taken(writer, Competitor, "name", drafts)
    for draft in drafts:
        if not draft.values.get("name"):
            draft.refuse("name", _("This is needed."))


def _settle(writer: Writer, competitor: Competitor, values: dict[str, Any]) -> None:
    if "name" in values and not values["name"]:
        raise InvalidInput({"name": [_("This is needed.")]})
    if values.get("name", competitor.name) != competitor.name:
        require_free(writer, competitor, "name", values["name"])


def _require_own_name(writer: Writer, competitor: Competitor) -> None:
    require_free(writer, competitor, "name", competitor.name)
