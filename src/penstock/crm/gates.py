"""Gates: what must be true before an opportunity enters a stage.

Going forward, the gates of all stages on the way are asked for, and the one of the stage that is entered; where a shortcut from
the present stage is declared, only that one. Going back, or to lost, asks for nothing. A lost deal that is taken up again is
asked as a new one is, since otherwise losing it would be a way around the gates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from penstock.crm.actions.lookups import lookup, remembered
from penstock.crm.criteria import Evidence, evidence_of, unmet_criterion
from penstock.crm.models import Criterion, Opportunity, Shortcut, Stage, StageKind
from penstock.crm.refusals import GateRefusal, Unmet

_AT_ONCE = 2_000


@dataclass(frozen=True)
class _Gates:
    """The stages of a pipeline that are in use, in order, what each asks for, and the declared shortcuts."""

    stages: Sequence[Stage]
    criteria: dict[int, list[Criterion]]
    shortcuts: frozenset[tuple[int, int]]


def unmet_criteria(opportunity: Opportunity, stage: Stage) -> list[Unmet]:
    """What the opportunity, saved or not, lacks to enter a stage from the one it is in; in its own, what that one asks for."""
    return unmet_of([opportunity], stage)[opportunity.pk]


def unmet_of(opportunities: Sequence[Opportunity], stage: Stage) -> dict[int | None, list[Unmet]]:
    """`unmet_criteria` of many opportunities that want to enter the same stage from the stage they are in, by id.

    One that is not saved comes from nowhere, and is asked for all gates up to the stage. The number of queries does not
    depend on how many there are.
    """
    found: dict[int | None, list[Unmet]] = {}
    for start in range(0, len(opportunities), _AT_ONCE):
        some = opportunities[start : start + _AT_ONCE]
        found |= _unmet([(deal, deal.stage_id if deal.pk else None) for deal in some], stage)
    return found


def require_gates(opportunity: Opportunity, origin: Stage | None, target: Stage) -> None:
    """Raise GateRefusal unless the gates between the two stages are met. origin: None for a new deal."""
    unmet = _unmet([(opportunity, origin.pk if origin else None)], target)[opportunity.pk]
    if unmet:
        raise GateRefusal(target.name(_language()), unmet)


def _unmet(deals: Sequence[tuple[Opportunity, int | None]], target: Stage) -> dict[int | None, list[Unmet]]:
    gates = remembered(("gates", target.pipeline_id), lambda: _gates(target.pipeline_id))
    asked = {origin: list(_asked(gates, origin, target)) for origin in {origin for _, origin in deals}}
    found: dict[int | None, list[Unmet]] = {deal.pk: [] for deal, _ in deals}
    concerned = [(deal, asked[origin]) for deal, origin in deals if asked[origin]]
    if not concerned:
        return found
    criteria = [one for some in asked.values() for one in some]
    evidence = evidence_of([deal for deal, _ in concerned], criteria)
    for deal, own in concerned:
        found[deal.pk] = list(_missing(deal, own, evidence))
    return found


def _missing(deal: Opportunity, criteria: Sequence[Criterion], evidence: Evidence) -> Iterator[Unmet]:
    """What is missing, each field once, whichever of the gates ask for it."""
    named: set[str] = set()
    for criterion in criteria:
        if criterion.field and criterion.field in named:
            continue
        unmet = unmet_criterion(deal, criterion, evidence, _language())
        if unmet is not None:
            named.add(criterion.field)
            yield unmet


def _asked(gates: _Gates, origin: int | None, target: Stage) -> Iterator[Criterion]:
    """The criteria on the way from one stage to another, in order."""
    if target.kind == StageKind.LOST:
        return
    start = lookup(None, Stage, origin) if origin is not None else None
    if start is not None and start.kind == StageKind.LOST:
        start = None
    if start is not None and (start.pk == target.pk or (start.pk, target.pk) in gates.shortcuts):
        yield from gates.criteria.get(target.pk, ())
        return
    if start is not None and start.position > target.position:
        return
    for stage in gates.stages:
        passed = start is not None and stage.position <= start.position
        if not passed and stage.position <= target.position and stage.kind != StageKind.LOST:
            yield from gates.criteria.get(stage.pk, ())


def _gates(pipeline: int) -> _Gates:
    stages = list(Stage.objects.filter(pipeline=pipeline, archived=False).order_by("position", "pk"))
    criteria: dict[int, list[Criterion]] = {}
    query = Criterion.objects.filter(stage__pipeline=pipeline, stage__archived=False, archived=False)
    for criterion in query.select_related("stage").order_by("position", "pk"):
        criteria.setdefault(criterion.stage_id, []).append(criterion)
    shortcuts = Shortcut.objects.filter(origin__pipeline=pipeline).values_list("origin", "target")
    return _Gates(stages, criteria, frozenset(shortcuts))


def _language() -> str:
    return (get_language() or "en").split("-")[0]
