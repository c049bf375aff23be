"""Opportunities: opened, edited, handed over, removed and brought back. Stage moves are in `stages`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.lookups import lookup, remembered
from penstock.crm.actions.subscriptions import follow
from penstock.crm.actions.validation import validated
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import derived, inherited
from penstock.crm.gates import require_gates
from penstock.crm.models import Account, Opportunity, Pipeline, Stage, StageKind
from penstock.crm.refusals import InvalidInput, Refusal
from penstock.org.company import company
from penstock.org.models import User

# What a caller may set. The stage is moved by its own verb, and what follows from it is derived.
EDITABLE = frozenset(
    """name account amount tcv mrr currency close_date kind source campaign generating_role
    product region country segment industry next_step next_step_on budget authority
    need timeline competitors lost_reason lost_detail lost_to description custom""".split()
)
_AT_BIRTH = EDITABLE | {"owner", "team", "pipeline", "stage"}


def create_opportunity(actor: Actor, **fields: Any) -> Opportunity:
    """Open an opportunity. Needs `name` and `account`; the rest as in EDITABLE, and owner, team, pipeline, stage.

    Left out: the owner is the actor, the team the owner's, the pipeline the first one, the stage its first, the currency the
    company's, region, country, segment and industry the account's. A deal may be opened past the first stage only where the
    gates on the way are met. Raises InvalidInput, NotAllowed, GateRefusal.
    """
    with change(actor, "create_opportunity") as writer:
        return opened(writer, [fields])[0]


def create_opportunities(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Open many, each from the fields of `create_opportunity`; a faulty row is refused alone, by its number from 0."""

    def part(own: Actor, numbered: Sequence[tuple[int, Mapping[str, Any]]]) -> Outcome:
        outcome = Outcome()
        deals = []
        with change(own, "create_opportunity") as writer:
            for number, row in numbered:
                try:
                    deals.append(_prepared(writer, row))
                except Refusal as refusal:
                    outcome.refused[number] = refusal
            outcome.done = [deal.pk for deal in writer.create(deals)]
        return outcome

    return in_chunks(list(enumerate(rows)), actor, part)


def opened(writer: Writer, rows: Sequence[Mapping[str, Any]]) -> list[Opportunity]:
    """New opportunities inside a change that another action has begun."""
    return list(writer.create([_prepared(writer, row) for row in rows]))


def edit_opportunity(actor: Actor, opportunity: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Opportunity:
    """Set fields of EDITABLE. revision: the one you read; StaleWrite if somebody has changed the deal since."""
    with change(actor, "edit_opportunity") as writer:
        deal = writer.locked(Opportunity, [opportunity], revisions=_revisions(opportunity, revision))[opportunity]
        apply_edit(writer, deal, changes)
        return deal


def edit_opportunities(actor: Actor, opportunities: Sequence[int], changes: Mapping[str, Any]) -> Outcome:
    """Set the same fields of many."""

    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        outcome = Outcome()
        with change(own, "edit_opportunity", result={"done": list(ids)}) as writer:
            for pk, deal in writer.locked(Opportunity, ids).items():
                try:
                    apply_edit(writer, deal, changes)
                    outcome.done.append(pk)
                except Refusal as refusal:
                    outcome.refused[pk] = refusal
        return outcome

    return in_chunks(opportunities, actor, part)


def apply_edit(writer: Writer, deal: Opportunity, changes: Mapping[str, Any]) -> bool:
    """Set fields of a locked deal, and what follows from them; returns whether anything differs."""
    values = validated(writer.actor, Opportunity, changes, EDITABLE, existing=deal)
    if "account_id" in values and values["account_id"] != deal.account_id:
        values = inherited(_account(writer.actor.user, values["account_id"])) | values
    if {"amount", "tcv", "mrr"} & set(values) and deal.lines.filter(removed_at__isnull=True).exists():
        raise InvalidInput({"amount": [_("The amount follows from the lines. Change the lines.")]})
    writer.update(deal, **values)
    return writer.update(deal, **derived(deal, stage_of(deal), pipeline_of(deal))) or bool(values)


def stage_of(deal: Opportunity) -> Stage:
    """The deal's stage, read once in a change however many deals are in it."""
    found = lookup(None, Stage, deal.stage_id)
    assert found is not None
    return found


def pipeline_of(deal: Opportunity) -> Pipeline:
    """The deal's pipeline, likewise."""
    found = lookup(None, Pipeline, deal.pipeline_id)
    assert found is not None
    return found


def set_amount(actor: Actor, opportunity: int, amount: int | None, *, revision: int | None = None) -> Opportunity:
    """Set the amount, in minor units of the deal's currency."""
    return edit_opportunity(actor, opportunity, {"amount": amount}, revision=revision)


def set_close_date(actor: Actor, opportunity: int, close_date: Any, *, revision: int | None = None) -> Opportunity:
    """Set the close date."""
    return edit_opportunity(actor, opportunity, {"close_date": close_date}, revision=revision)


def set_forecast(
    actor: Actor, opportunity: int, *, probability: int | None = None, category: str | None = None, revision: int | None = None
) -> Opportunity:
    """Set an open deal's probability (basis points) or forecast category by hand; None gives it back to its stage."""
    if probability is not None and not 0 <= probability <= 10_000:
        raise InvalidInput({"probability": [_("A probability lies between 0 and 100 %.")]})
    if category not in (None, "omitted", "pipeline", "best_case", "commit"):
        raise InvalidInput({"forecast_category": [_("Choose omitted, pipeline, best_case or commit.")]})
    with change(actor, "set_forecast") as writer:
        deal = writer.locked(Opportunity, [opportunity], revisions=_revisions(opportunity, revision))[opportunity]
        if deal.status != "open":
            raise InvalidInput({"probability": [_("The deal is closed; reopen it first.")]})
        writer.update(deal, probability_by_hand=probability is not None, category_by_hand=category is not None)
        by_hand: dict[str, Any] = {"probability": probability, "forecast_category": category}
        writer.update(deal, **derived(deal, stage_of(deal), pipeline_of(deal)))
        writer.update(deal, **{name: value for name, value in by_hand.items() if value is not None})
        return deal


def reassign(actor: Actor, opportunities: Sequence[int], owner: User) -> Outcome:
    """Hand deals to an owner; the team becomes the owner's."""
    if not owner.is_active:
        raise InvalidInput({"owner": [_("%(name)s is not active.") % {"name": owner}]})

    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        with change(own, "reassign", result={"done": list(ids)}) as writer:
            for deal in writer.locked(Opportunity, ids).values():
                writer.update(deal, verb="reassign", owner_id=owner.pk, team_id=owner.team_id)
        return Outcome(done=list(ids))

    return in_chunks(opportunities, actor, part)


def remove_opportunities(actor: Actor, opportunities: Sequence[int]) -> Outcome:
    """Remove deals: they hold no value any more, and can be restored."""
    return _mark(actor, "remove", opportunities, gone=True)


def restore_opportunities(actor: Actor, opportunities: Sequence[int]) -> Outcome:
    """Bring removed deals back as they were."""
    return _mark(actor, "restore", opportunities, gone=False)


def _mark(actor: Actor, verb: str, opportunities: Sequence[int], *, gone: bool) -> Outcome:
    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        with change(own, f"{verb}_opportunity", result={"done": list(ids)}) as writer:
            deals = list(writer.locked(Opportunity, ids).values())
            for deal in deals:
                removed: datetime | None = (deal.removed_at or writer.at) if gone else None
                writer.update(deal, verb="remove", removed_at=removed)
                writer.update(deal, verb="remove", **derived(deal, stage_of(deal), pipeline_of(deal)))
            follow(writer, [deal for deal in deals if stage_of(deal).kind == StageKind.WON])
        return Outcome(done=list(ids))

    return in_chunks(opportunities, actor, part)


def _prepared(writer: Writer, row: Mapping[str, Any]) -> Opportunity:
    """A new opportunity that is not saved yet, its gates met."""
    values = validated(writer.actor, Opportunity, row, _AT_BIRTH)
    asked = {"name": values.get("name"), "account": values.get("account_id")}
    needed = {name: [_("This is needed.")] for name, value in asked.items() if not value}
    if needed:
        raise InvalidInput(needed)
    user = writer.actor.user
    account = _account(user, values["account_id"])
    pipeline, stage = _place(values)
    owner = lookup(user, User, values["owner_id"]) if values.get("owner_id") else user
    defaults = {
        "currency": remembered("company", company).corporate_currency,
        "owner_id": owner.pk if owner else None,
        "team_id": owner.team_id if owner else None,
        "created_at": writer.at,
    }
    facts = inherited(account)
    filled = {name: value for name, value in values.items() if value not in (None, "") or name not in facts}
    place = {"pipeline": pipeline, "stage": stage, "stage_since": writer.at, "stage_order": stage.position, "account": account}
    deal = Opportunity(**(facts | defaults | filled | place))
    for name, value in derived(deal, stage, pipeline).items():
        setattr(deal, name, value)
    if stage.kind != StageKind.OPEN:
        deal.closed_at = writer.at
    require_gates(deal, None, stage)
    return deal


def _account(user: User | None, pk: int) -> Account:
    account = lookup(user, Account, pk)
    if account is None or account.removed_at:
        raise InvalidInput({"account": [_("There is no account %(id)s.") % {"id": pk}]})
    return account


def _place(values: dict[str, Any]) -> tuple[Pipeline, Stage]:
    """The pipeline and stage in which a deal is opened: those of the values, which are taken out of them."""
    chosen = values.pop("stage_id", None)
    wanted = values.pop("pipeline_id", None)
    if chosen is not None:
        stage = lookup(None, Stage, chosen)
        assert stage is not None  # validated
        if wanted not in (None, stage.pipeline_id):
            raise InvalidInput({"stage": [_("The stage is not one of that pipeline.")]})
        pipeline = lookup(None, Pipeline, stage.pipeline_id)
        assert pipeline is not None
        return pipeline, stage
    pipeline, first = remembered(("place", wanted), lambda: _first_stage(wanted))
    if pipeline is None or first is None:
        raise InvalidInput({"pipeline": [_("There is no pipeline with an open stage. Make one in the settings.")]})
    return pipeline, first


def _first_stage(wanted: int | None) -> tuple[Pipeline | None, Stage | None]:
    """The pipeline of that id, or the first one, and its first open stage."""
    pipelines = Pipeline.objects.filter(archived=False)
    pipeline = pipelines.filter(pk=wanted).first() if wanted else pipelines.first()
    if pipeline is None:
        return None, None
    return pipeline, pipeline.stages.filter(archived=False, kind=StageKind.OPEN).order_by("position").first()


def _revisions(pk: int, revision: int | None) -> dict[int, int]:
    return {} if revision is None else {pk: revision}
