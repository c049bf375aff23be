"""Playbooks: which material helps with a deal, and what its use has led to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from penstock.crm import access
from penstock.crm.models import Activity, ContactRole, Material, Opportunity, Status
from penstock.org.models import User

# What a match is worth: what is made for this rival or person says more than what is made for this stage or trade.
_WORTH = {"competitors": 16, "personas": 8, "stages": 4, "industries": 2, "roles": 1}


@dataclass(frozen=True)
class Suggestion:
    """A material for a deal. fits: which of its lists name the deal's stage, industry, … ; the best fits come first."""

    material: Material
    fits: tuple[str, ...]
    own_language: bool


@dataclass(frozen=True)
class MaterialRecord:
    """How a material has done. uses: activities that name it; deals: those it was used in; closed and won: of these, after it.

    A deal counts as closed after its first use of the material.
    """

    uses: int
    deals: int
    closed: int
    won: int
    last_used_at: datetime | None


def materials_for(
    viewer: User | None, opportunity: Opportunity, language: str | None = None, persona: str | None = None
) -> list[Suggestion]:
    """The materials that a viewer may see and that fit a deal, the most specific ones first.

    A material fits where each of its lists (stages, roles, personas, industries, competitors) is empty or names what the deal
    has: its stage's key, the viewer's role, the personas of its contacts or the one that is given, its industry, its competitors.
    language: only materials in it, or in none; left out, the viewer's own come first among equals.
    """
    wanted = {
        "stages": {opportunity.stage.key},
        "roles": {str(viewer.role)} if viewer else set(),
        "personas": _folded([persona] if persona else _personas(viewer, opportunity)),
        "industries": _folded([opportunity.industry]),
        "competitors": _folded(opportunity.competitors),
    }
    own = language or (viewer.language if viewer else "")
    found = []
    for material in access.present(access.visible_to(viewer, Material)).order_by("title", "pk"):
        if language and material.language not in ("", language):
            continue
        fits = _fits(material, wanted)
        if fits is not None:
            found.append(Suggestion(material, fits, material.language == own))
    return sorted(found, key=lambda one: (-sum(_WORTH[name] for name in one.fits), not one.own_language))


def material_record(material: Material, viewer: User | None = None) -> MaterialRecord:
    """The uses and wins of a material, among the activities and deals that the viewer may see; None sees all."""
    uses = access.present(access.visible_to(viewer, Activity)).filter(material=material).order_by()
    first = dict(uses.filter(opportunity__isnull=False).values_list("opportunity").annotate(Min("at")))
    deals = access.present(access.visible_to(viewer, Opportunity)).filter(pk__in=first).order_by()
    rows = list(deals.values_list("pk", "status", "closed_at"))
    closed = [status for pk, status, closed_at in rows if closed_at is not None and closed_at >= first[pk]]
    last = uses.order_by("-at").values_list("at", flat=True).first()
    return MaterialRecord(uses.count(), len(rows), len(closed), closed.count(Status.WON), last)


def _fits(material: Material, wanted: dict[str, set[str]]) -> tuple[str, ...] | None:
    """The lists that name what the deal has; None where one names only others."""
    found = []
    for name, having in wanted.items():
        named: Sequence[str] = getattr(material, name)
        if not named:
            continue
        if not having & (set(named) if name in ("stages", "roles") else _folded(named)):
            return None
        found.append(name)
    return tuple(found)


def _personas(viewer: User | None, opportunity: Opportunity) -> list[str]:
    roles = access.present(access.visible_to(viewer, ContactRole)).filter(opportunity=opportunity)
    return [role.contact.persona for role in roles.select_related("contact")]


def _folded(texts: Iterable[str]) -> set[str]:
    return {str(text).strip().casefold() for text in texts if str(text).strip()}
