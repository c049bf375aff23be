"""Opportunities: opened, edited, handed over, removed and brought back. Stage moves are in `stages`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome, in_chunks
from penstock.crm.actions.validation import validated
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import derived, inherited
from penstock.crm.models import Account, Opportunity, Pipeline, Stage, StageKind
from penstock.crm.models.opportunity import OpportunityFacts
from penstock.crm.refusals import InvalidInput, Refusal
from penstock.org.models import User

# What a caller may set. The stage is moved by its own verb, and what follows from it is derived.
EDITABLE = frozenset(
    """name account amount tcv mrr currency close_date kind source campaign generating_role product region country segment industry
    next_step next_step_on budget authority need timeline competitors lost_reason lost_detail lost_to description custom""".split()
)
_AT_BIRTH = EDITABLE | {"owner", "team", "pipeline", "stage"}
assert _AT_BIRTH <= {field.name for field in OpportunityFacts._meta.get_fields()} | {"custom"}


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
        good: list[Mapping[str, Any]] = []
        with change(own, "create_opportunity") as writer:
            for number, row in numbered:
                try:
                    _prepared(writer, row)
                    good.append(row)
                except Refusal as refusal:
                    outcome.refused[number] = refusal
            outcome.done = [deal.pk for deal in opened(writer, good)]
        return outcome

    return in_chunks(list(enumerate(rows)), actor, part)


def opened(writer: Writer, rows: Sequence[Mapping[str, Any]]) -> list[Opportunity]:
    """New opportunities inside a change that another action has begun."""
    from penstock.crm.gates import require_gates  # gates read what actions write

    deals = [_prepared(writer, row) for row in rows]
    for deal in deals:
        require_gates(deal, None, deal.stage)
    writer.create(deals)
    return deals


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
        values = inherited(_account(values["account_id"])) | values
    if deal.lines.filter(removed_at__isnull=True).exists() and {"amount", "tcv", "mrr"} & set(values):
        raise InvalidInput({"amount": [_("The amount follows from the lines. Change the lines.")]})
    writer.update(deal, **values)
    return writer.update(deal, **derived(deal, deal.stage, deal.pipeline)) or bool(values)


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
        writer.update(deal, **derived(deal, deal.stage, deal.pipeline))
        writer.update(deal, **{name: value for name, value in by_hand.items() if value is not None})
        return deal


def reassign(actor: Actor, opportunities: Sequence[int], owner: User) -> Outcome:
    """Hand deals to an owner; the team becomes the owner's."""
    if not owner.is_active:
        raise InvalidInput({"owner": [_("%(name)s is not active.") % {"name": owner}]})

    def part(own: Actor, ids: Sequence[int]) -> Outcome:
        with change(own, "reassign", result={"done": list(ids)}) as writer:
            for deal in writer.locked(Opportunity, ids).values():
                writer.update(deal, need="reassign", owner_id=owner.pk, team_id=owner.team_id)
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
            for deal in writer.locked(Opportunity, ids).values():
                removed: datetime | None = (deal.removed_at or writer.at) if gone else None
                writer.update(deal, need="remove", removed_at=removed)
                writer.update(deal, need="remove", **derived(deal, deal.stage, deal.pipeline))
        return Outcome(done=list(ids))

    return in_chunks(opportunities, actor, part)


def _prepared(writer: Writer, row: Mapping[str, Any]) -> Opportunity:
    """A new opportunity that is not saved yet."""
    from penstock.org.company import company

    values = validated(writer.actor, Opportunity, row, _AT_BIRTH)
    needed = {
        name: [_("This is needed.")] for name in ("name", "account") if not values.get({"account": "account_id"}.get(name, name))
    }
    if needed:
        raise InvalidInput(needed)
    account = _account(values["account_id"])
    pipeline, stage = _place(values)
    owner = writer.actor.user
    if values.get("owner_id"):
        owner = User.objects.get(pk=values["owner_id"])
    defaults = {
        "currency": company().corporate_currency,
        "owner_id": owner.pk if owner else None,
        "team_id": owner.team_id if owner else None,
        "created_at": writer.at,
    }
    facts = inherited(account)
    filled = {name: value for name, value in values.items() if value not in (None, "") or name not in facts}
    deal = Opportunity(
        **(facts | defaults | filled | {"pipeline": pipeline, "stage": stage, "stage_since": writer.at, "stage_order": 0})
    )
    deal.account = account
    for name, value in derived(deal, stage, pipeline).items():
        setattr(deal, name, value)
    if stage.kind != StageKind.OPEN:
        deal.closed_at = writer.at
    return deal


def _account(pk: int) -> Account:
    account = Account.objects.filter(pk=pk, removed_at__isnull=True).first()
    if account is None:
        raise InvalidInput({"account": [_("There is no account %(id)s.") % {"id": pk}]})
    return account


def _place(values: dict[str, Any]) -> tuple[Pipeline, Stage]:
    """The pipeline and stage in which a deal is opened."""
    stage = Stage.objects.select_related("pipeline").filter(pk=values.pop("stage_id", None)).first()
    wanted = values.pop("pipeline_id", None)
    if stage is not None:
        if wanted not in (None, stage.pipeline_id):
            raise InvalidInput({"stage": [_("The stage is not one of that pipeline.")]})
        return stage.pipeline, stage
    pipelines = Pipeline.objects.filter(archived=False)
    pipeline = pipelines.filter(pk=wanted).first() if wanted else pipelines.first()
    first = pipeline.stages.filter(archived=False, kind=StageKind.OPEN).order_by("position").first() if pipeline else None
    if pipeline is None or first is None:
        raise InvalidInput({"pipeline": [_("There is no pipeline with an open stage. Make one in the settings.")]})
    return pipeline, first


def _revisions(pk: int, revision: int | None) -> dict[int, int]:
    return {} if revision is None else {pk: revision}
