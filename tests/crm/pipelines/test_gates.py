"""A gate says exactly what is missing, and lets through what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from penstock.crm.actions.activities import log_activity, remove_activities
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_fields import declare_custom_field
from penstock.crm.actions.gates import ask_approval, decide_approval, tick, untick
from penstock.crm.actions.opportunities import create_opportunities, create_opportunity, edit_opportunity
from penstock.crm.actions.pipeline_gates import add_criterion, add_shortcut, archive_criterion, edit_criterion
from penstock.crm.actions.stages import change_stage, change_stages
from penstock.crm.gates import unmet_criteria, unmet_of
from penstock.crm.models import Account, Criterion, Opportunity, Pipeline, Stage
from penstock.crm.pipelines import create_from_template
from penstock.crm.refusals import GateRefusal, InvalidInput, NotAllowed, NotFound
from penstock.org.models import User

BANT = {"budget": "50k", "authority": "The CFO", "need": "Fewer leaks", "timeline": "This year"}


@pytest.fixture
def gates(revops: Actor, stages: dict[str, Stage]) -> dict[str, Criterion]:
    """A criterion of every kind: two on qualified, two on closing, one on won."""
    closing = stages["closing"].pk
    return {
        "budget": add_criterion(
            revops,
            stages["qualified"].pk,
            "budget",
            "field",
            field="budget",
            label={"en": "Ask for money", "fr": "Demandez l'argent"},
        ),
        "demo": add_criterion(revops, stages["qualified"].pk, "demo", "activity", activity_kind="demo"),
        "sent": add_criterion(revops, closing, "sent", "check", label={"en": "The proposal is sent", "it": "Offerta inviata"}),
        "large": add_criterion(
            revops, closing, "large", "approval", approver_role="manager", applies_when="amount > money(20000)"
        ),
        "priced": add_criterion(
            revops, stages["won"].pk, "priced", "condition", condition="amount > 0", label={"en": "It has a price"}
        ),
    }


def missing(deal: Opportunity, stage: Stage) -> list[str]:
    deal.refresh_from_db()
    return [one.key for one in unmet_criteria(deal, stage)]


def test_a_refused_move_says_what_is_missing_and_how_to_mend_it(
    actor: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    with pytest.raises(GateRefusal) as refused:
        change_stage(actor, deal.pk, stages["qualified"].pk)
    assert refused.value.message == "Qualified needs: Ask for money (budget); Log an activity: Demo."
    first, second = refused.value.unmet
    assert (first.stage, first.kind, first.field, first.criterion_id) == ("qualified", "field", "budget", gates["budget"].pk)
    assert (second.kind, second.activity_kind) == ("activity", "demo")
    log_activity(actor, kind="demo", opportunity=deal.pk)
    moved = change_stage(actor, deal.pk, stages["qualified"].pk, fields={"budget": "50k"})
    assert (moved.stage.key, moved.budget) == ("qualified", "50k")


def test_the_words_are_in_the_active_language(deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]) -> None:
    with override("fr"):
        assert unmet_criteria(deal, stages["qualified"])[0].text.startswith("Demandez l'argent")
    with override("it"):
        texts = [one.text for one in unmet_criteria(deal, stages["closing"])]
    assert "Offerta inviata" in texts
    assert any(text.startswith("Ask for money") for text in texts)


def test_every_kind_of_criterion_is_met_by_its_own_means(
    actor: Actor, manager: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    assert missing(deal, stages["closing"]) == ["budget", "demo", "sent"]
    edit_opportunity(actor, deal.pk, {"budget": "50k", "amount": 2_500_000})
    demo = log_activity(actor, kind="demo", opportunity=deal.pk)
    assert missing(deal, stages["closing"]) == ["sent", "large"]
    remove_activities(actor, [demo.pk])
    assert missing(deal, stages["closing"]) == ["demo", "sent", "large"]
    log_activity(actor, kind="demo", opportunity=deal.pk)
    tick(actor, deal.pk, gates["sent"].pk)
    assert missing(deal, stages["closing"]) == ["large"]
    approval = ask_approval(actor, deal.pk, gates["large"].pk)
    (waiting,) = unmet_criteria(deal, stages["closing"])
    assert waiting.text == "Approval by: Sales manager (asked for, not decided yet)"
    assert waiting.approver_role == "manager"
    decide_approval(manager, approval.pk, "approved")
    assert missing(deal, stages["closing"]) == []
    edit_opportunity(actor, deal.pk, {"amount": 0})
    (price,) = unmet_criteria(Opportunity.objects.get(pk=deal.pk), stages["won"])
    assert (price.text, price.kind, price.field) == ("It has a price", "condition", "amount")


def test_what_is_skipped_is_asked_for_and_going_back_or_losing_is_not(
    actor: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    edit_opportunity(actor, deal.pk, {"amount": None})
    assert missing(deal, stages["won"]) == ["budget", "demo", "sent", "priced"]
    assert missing(deal, stages["lost"]) == []
    assert missing(deal, stages["identified"]) == []
    edit_opportunity(actor, deal.pk, {"budget": "50k", "amount": 100})
    log_activity(actor, kind="demo", opportunity=deal.pk)
    change_stage(actor, deal.pk, stages["qualified"].pk)
    edit_opportunity(actor, deal.pk, {"budget": ""})
    assert missing(deal, stages["closing"]) == ["sent"]
    assert missing(deal, stages["qualified"]) == ["budget"]  # its gate debt
    assert change_stage(actor, deal.pk, stages["identified"].pk).stage.key == "identified"


def test_losing_a_deal_is_no_way_around_the_gates(
    actor: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    change_stage(actor, deal.pk, stages["lost"].pk, fields={"lost_reason": "price"})
    with pytest.raises(GateRefusal) as refused:
        change_stage(actor, deal.pk, stages["closing"].pk)
    assert [one.key for one in refused.value.unmet] == ["budget", "demo", "sent"]
    assert change_stage(actor, deal.pk, stages["identified"].pk).status == "open"


def test_a_shortcut_asks_for_the_gate_of_its_end_alone(
    revops: Actor, actor: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    add_shortcut(revops, stages["identified"].pk, stages["closing"].pk)
    assert missing(deal, stages["closing"]) == ["sent"]
    assert missing(deal, stages["won"]) == ["budget", "demo", "sent"]
    tick(actor, deal.pk, gates["sent"].pk)
    assert change_stage(actor, deal.pk, stages["closing"].pk).stage.key == "closing"


def test_a_deal_opened_past_the_first_stage_meets_the_gates_on_the_way(
    actor: Actor, account: Account, stages: dict[str, Stage], gates: dict[str, Criterion], revops: Actor
) -> None:
    archive_criterion(revops, gates["demo"].pk)
    with pytest.raises(GateRefusal) as refused:
        create_opportunity(actor, name="Late", account=account, stage=stages["closing"])
    assert [one.key for one in refused.value.unmet] == ["budget", "sent"]
    rows = [
        {"name": "A", "account": account.pk, "stage": stages["qualified"].pk, "budget": "1"},
        {"name": "B", "account": account.pk, "stage": stages["qualified"].pk},
    ]
    outcome = create_opportunities(actor, rows)
    assert len(outcome.done) == 1
    assert isinstance(outcome.refused[1], GateRefusal)


def test_many_deals_are_asked_in_as_many_queries_as_one(
    actor: Actor, account: Account, stages: dict[str, Stage], gates: dict[str, Criterion], django_assert_max_num_queries: Any
) -> None:
    edit = [{"name": f"Deal {n}", "account": account.pk, "amount": n * 100_000, "budget": "x" * (n % 2)} for n in range(60)]
    deals = list(Opportunity.objects.filter(pk__in=create_opportunities(actor, edit).done).order_by("pk"))
    with django_assert_max_num_queries(9):
        found = unmet_of(deals, stages["closing"])
    expected = {
        deal.pk: (["budget"] if n % 2 == 0 else []) + ["demo", "sent"] + (["large"] if n * 100_000 > 2_000_000 else [])
        for n, deal in enumerate(deals)
    }
    assert {pk: [one.key for one in unmet] for pk, unmet in found.items()} == expected
    outcome = change_stages(actor, [deal.pk for deal in deals], stages["qualified"].pk)
    assert (len(outcome.done), len(outcome.refused)) == (0, 60)


def test_a_field_that_two_gates_ask_for_is_said_once(
    revops: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    declare_custom_field(revops, "opportunity", "start", "date", {"en": "Start day", "fr": "Premier jour"})
    for key in ("qualified", "closing"):
        add_criterion(revops, stages[key].pk, "start", "field", field="custom.start")
    assert missing(deal, stages["closing"]) == ["budget", "demo", "start", "sent"]
    with override("fr"):
        assert "Premier jour" in unmet_criteria(deal, stages["qualified"])[2].text


def test_a_condition_that_cannot_be_decided_keeps_the_gate_shut_and_says_why(
    revops: Actor, actor: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    edit_criterion(revops, gates["large"].pk, applies_when="corporate(amount, currency) > money(20000)")
    edit_opportunity(actor, deal.pk, {"currency": "USD"})
    unmet = [one for one in unmet_criteria(Opportunity.objects.get(pk=deal.pk), stages["closing"]) if one.key == "large"]
    assert len(unmet) == 1
    assert "cannot be decided" in unmet[0].text
    assert "USD" in unmet[0].text


def test_an_activity_to_come_or_of_another_deal_does_not_count(
    actor: Actor, account: Account, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    other = create_opportunity(actor, name="Other", account=account)
    log_activity(actor, kind="demo", opportunity=other.pk, at=timezone.now() - timedelta(days=1))
    log_activity(actor, kind="call", opportunity=deal.pk)
    assert "demo" in missing(deal, stages["qualified"])
    assert "demo" not in missing(other, stages["qualified"])


def test_ticks_are_taken_back_and_set_again(
    actor: Actor, deal: Opportunity, stages: dict[str, Stage], gates: dict[str, Criterion]
) -> None:
    first = tick(actor, deal.pk, gates["sent"].pk)
    assert tick(actor, deal.pk, gates["sent"].pk) == first
    assert first.by == actor.user
    untick(actor, deal.pk, gates["sent"].pk)
    untick(actor, deal.pk, gates["sent"].pk)
    assert "sent" in missing(deal, stages["closing"])
    assert tick(actor, deal.pk, gates["sent"].pk) != first
    assert "sent" not in missing(deal, stages["closing"])


def test_what_cannot_be_ticked_is_refused(
    actor: Actor, other_rep: User, revops: Actor, deal: Opportunity, gates: dict[str, Criterion], stages: dict[str, Stage]
) -> None:
    with pytest.raises(InvalidInput, match="but by: A field is filled"):
        tick(actor, deal.pk, gates["budget"].pk)
    with pytest.raises(NotFound):
        tick(actor, deal.pk, 999)
    with pytest.raises(NotAllowed):
        tick(Actor(user=other_rep), deal.pk, gates["sent"].pk)
    elsewhere = Criterion.objects.filter(stage__pipeline=create_from_template(revops, "saas_loop"), kind="check")[0]
    with pytest.raises(InvalidInput, match="another pipeline"):
        tick(actor, deal.pk, elsewhere.pk)
    archive_criterion(revops, gates["sent"].pk)
    with pytest.raises(InvalidInput, match="not asked for any more"):
        tick(actor, deal.pk, gates["sent"].pk)


def test_an_approval_is_decided_by_the_role_that_is_named(
    actor: Actor, other_rep: User, manager: Actor, admin: User, deal: Opportunity, gates: dict[str, Criterion]
) -> None:
    approval = ask_approval(actor, deal.pk, gates["large"].pk)
    assert ask_approval(actor, deal.pk, gates["large"].pk) == approval
    for user in (actor.user, other_rep):
        with pytest.raises(NotAllowed):
            decide_approval(Actor(user=user), approval.pk, "approved")
    with pytest.raises(InvalidInput, match="Say why"):
        decide_approval(manager, approval.pk, "refused", reason=" ")
    with pytest.raises(InvalidInput, match="Choose one of"):
        decide_approval(manager, approval.pk, "maybe")
    refused = decide_approval(manager, approval.pk, "refused", reason="Too cheap")
    assert (refused.decision, refused.decided_by, refused.reason) == ("refused", manager.user, "Too cheap")
    with pytest.raises(InvalidInput, match="decided already"):
        decide_approval(manager, approval.pk, "approved")
    again = ask_approval(actor, deal.pk, gates["large"].pk)
    assert again != approval
    assert decide_approval(Actor(user=admin), again.pk, "approved").decided_by == admin
    with pytest.raises(InvalidInput, match="approved already"):
        ask_approval(actor, deal.pk, gates["large"].pk)


def test_nobody_approves_what_they_have_asked_for_but_an_administrator(
    manager: Actor, revops: Actor, admin: User, deal: Opportunity, gates: dict[str, Criterion]
) -> None:
    for who in (manager, revops):
        own = ask_approval(who, deal.pk, gates["large"].pk)
        with pytest.raises(NotAllowed, match="yourself"):
            decide_approval(who, own.pk, "approved")
        decide_approval(Actor(user=admin), own.pk, "refused", reason="Ask properly")
    own = ask_approval(Actor(user=admin), deal.pk, gates["large"].pk)
    assert decide_approval(Actor(user=admin), own.pk, "approved").decision == "approved"


def test_a_deal_goes_through_the_saas_loop_with_its_shortcut(revops: Actor, actor: Actor, account: Account) -> None:
    pipeline: Pipeline = create_from_template(revops, "saas_loop")
    stage = {one.key: one.pk for one in pipeline.stages.all()}
    checks = {one.key: one.pk for one in Criterion.objects.filter(stage__pipeline=pipeline, kind="check")}
    deal = create_opportunity(actor, name="Loop", account=account, amount=900_000, pipeline=pipeline).pk
    with pytest.raises(GateRefusal, match="Their budget is known"):
        change_stage(actor, deal, stage["qualified"])
    change_stage(actor, deal, stage["qualified"], fields=BANT)
    log_activity(actor, kind="demo", opportunity=deal)
    trial = {"custom": {"trial_goal": "Two leaks found", "trial_ends": "2026-12-01"}}
    change_stage(actor, deal, stage["free_trial"], fields=trial)
    tick(actor, deal, checks["written_acceptance"])
    facts = {
        "contract_start": "2027-01-01",
        "onboarding_contact": "Zoé",
        "onboarding_plan": "Two sites",
        "billing_contact": "Luc",
        "billing_details": "1 quai du Port, PO 12",
    }
    change_stage(actor, deal, stage["commit"], fields={"custom": facts, "close_date": "2026-12-15"})
    with pytest.raises(GateRefusal, match="signed by both sides"):
        change_stage(actor, deal, stage["won"])
    tick(actor, deal, checks["contract_signed"])
    won = change_stage(actor, deal, stage["won"])
    assert (won.status, won.probability, won.qualified) == ("won", 10_000, True)
