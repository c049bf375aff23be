"""Deals come in with their whole past, once, and a faulty one alone stays out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.external_keys import KeyTaken
from penstock.crm.actions.imported import ImportedDeal, ImportedVersion, import_opportunities
from penstock.crm.models import (
    Account,
    ExternalKey,
    Opportunity,
    OpportunityLine,
    OpportunityVersion,
    OutboxEvent,
    Product,
    RecordChange,
    Stage,
    Stamp,
    Subscription,
)
from penstock.crm.refusals import InvalidInput
from penstock.org.models import User

DAY = timedelta(days=1)


@pytest.fixture
def birth(account: Account, stages: dict[str, Stage]) -> dict[str, Any]:
    return {
        "name": "Old",
        "account": account.pk,
        "stage": stages["identified"].pk,
        "amount": 100_000,
        "close_date": date(2026, 12, 1),
    }


def test_a_deal_comes_with_its_past(
    importer: Actor, rep: User, other_rep: User, birth: dict[str, Any], stages: dict[str, Stage], past: datetime
) -> None:
    versions = [
        ImportedVersion(past, birth | {"owner": rep.pk}, by=rep.pk),
        ImportedVersion(past + 5 * DAY, {"stage": stages["qualified"].pk}, by=rep.pk, reconstructed=("stage", "close_date")),
        ImportedVersion(past + 9 * DAY, {"owner": other_rep.pk, "amount": 120_000}, unknown=("region",)),
        ImportedVersion(past + 20 * DAY, {"stage": stages["won"].pk}),
    ]
    outcome = import_opportunities(importer, [ImportedDeal(versions, system="crm", key="006")])
    deal = Opportunity.objects.get(pk=outcome.done[0])
    assert (deal.status, deal.amount, deal.owner, deal.team, deal.revision) == ("won", 120_000, other_rep, other_rep.team, 4)
    assert (deal.created_at, deal.closed_at, deal.close_date) == (past, past + 20 * DAY, (past + 20 * DAY).date())
    assert (deal.region, deal.currency, deal.kind) == ("EMEA", "EUR", "new")
    rows = OpportunityVersion.objects.filter(opportunity=deal).order_by("id")
    assert list(
        rows.values_list("status", "qualified", "probability", "owner", "by", "reconstructed_fields", "unknown_fields")
    ) == [
        ("open", False, 1000, rep.pk, rep.pk, "", ""),
        ("open", True, 2000, rep.pk, rep.pk, "stage,close_date", ""),
        ("open", True, 2000, other_rep.pk, None, "", "region"),
        ("won", True, 10_000, other_rep.pk, None, "", ""),
    ]
    stamps = Stamp.objects.filter(record_type="opportunity").order_by("what", "id")
    assert list(stamps.values_list("what", "origin", "target", "seconds")) == [
        ("stage", "", "identified", None),
        ("stage", "identified", "qualified", 5 * 86_400),
        ("stage", "qualified", "won", 15 * 86_400),
        ("status", "", "open", None),
        ("status", "open", "won", 20 * 86_400),
    ]
    fields = RecordChange.objects.filter(record_type="opportunity").order_by("id").values_list("fields", flat=True)
    assert fields[2] == {
        "amount": [100_000, 120_000],
        "owner_id": [rep.pk, other_rep.pk],
    }
    assert OutboxEvent.objects.filter(topic="opportunity.create").count() == 1


def test_what_is_imported_once_is_not_imported_again(importer: Actor, birth: dict[str, Any], past: datetime) -> None:
    deals = [ImportedDeal([ImportedVersion(past, birth)], system="crm", key=key) for key in ("a", "b", "a")]
    outcome = import_opportunities(importer.but(quiet=True), deals)
    assert (len(outcome.done), set(outcome.refused)) == (2, {2})
    again = import_opportunities(importer, deals)
    assert again.done == []
    assert all(isinstance(refusal, KeyTaken) for refusal in again.refused.values())
    assert Opportunity.objects.count() == ExternalKey.objects.count() == 2
    assert not OutboxEvent.objects.filter(record_type="opportunity").exists()


def test_a_faulty_deal_stays_out_alone_with_all_its_faults(
    importer: Actor, actor: Actor, birth: dict[str, Any], past: datetime, stages: dict[str, Stage]
) -> None:
    faulty = [
        ImportedVersion(past, birth | {"amount": "a lot", "nonsense": 1}),
        ImportedVersion(past - DAY, {"close_date": "soon", "probability": 10_001}, by=999_999),
        ImportedVersion(datetime.now(UTC) + DAY, {}),
    ]
    deals = [
        ImportedDeal(faulty),
        ImportedDeal([ImportedVersion(past, birth)]),
        ImportedDeal([]),
        ImportedDeal([ImportedVersion(past, {})]),
    ]
    outcome = import_opportunities(importer, deals)
    assert len(outcome.done) == Opportunity.objects.count() == 1
    refused = outcome.refused[0]
    assert isinstance(refused, InvalidInput)
    assert set(refused.faults) == {
        "0.amount",
        "0.nonsense",
        "1.close_date",
        "1.probability",
        "1.by",
        "1.effective_at",
        "2.effective_at",
    }
    assert "versions" in str(outcome.refused[2])
    assert "0.account" in str(outcome.refused[3])
    with pytest.raises(InvalidInput, match="import"):
        import_opportunities(actor, deals)


def test_a_removed_and_a_reopened_deal(importer: Actor, birth: dict[str, Any], past: datetime, stages: dict[str, Stage]) -> None:
    lost = {"stage": stages["lost"].pk, "lost_reason": "price"}
    steps: list[dict[str, Any]] = [birth, lost, {"stage": stages["qualified"].pk, "probability": 4_000}, {"removed": True}]
    versions = [ImportedVersion(past + n * DAY, fields) for n, fields in enumerate(steps)]
    deal = Opportunity.objects.get(pk=import_opportunities(importer, [ImportedDeal(versions)]).done[0])
    assert (deal.status, deal.removed_at, deal.closed_at, deal.lost_reason) == ("removed", past + 3 * DAY, None, "")
    assert (deal.probability, deal.probability_by_hand) == (4_000, True)
    rows = OpportunityVersion.objects.filter(opportunity=deal).order_by("id")
    assert list(rows.values_list("status", "lost_reason")) == [("open", ""), ("lost", "price"), ("open", ""), ("removed", "")]


def test_lines_come_with_the_deal_and_a_won_one_has_its_subscription(
    importer: Actor, birth: dict[str, Any], past: datetime, stages: dict[str, Stage], service: Product
) -> None:
    del birth["amount"]
    versions = [ImportedVersion(past, birth), ImportedVersion(past + DAY, {"stage": stages["won"].pk})]
    lines = [{"product": service.pk, "quantity": 2_000}]
    deals = [ImportedDeal(versions, lines=lines), ImportedDeal(versions, lines=[{"product": service.pk, "discount": 10_001}])]
    outcome = import_opportunities(importer, deals)
    assert "lines.0.discount" in str(outcome.refused[1])
    deal = Opportunity.objects.get()
    assert (deal.amount, deal.mrr, deal.product) == (240_000, 20_000, service)
    assert OpportunityLine.objects.get().created_at == past
    subscription = Subscription.objects.get()
    assert (subscription.opportunity, subscription.mrr, subscription.starts_on) == (deal, 20_000, (past + DAY).date())
    assert subscription.created_at == past + DAY


def test_many_deals_keep_their_versions_apart(importer: Actor, birth: dict[str, Any], past: datetime) -> None:
    deals = [
        ImportedDeal([ImportedVersion(past + k * DAY, birth if k == 0 else {"amount": n * 10 + k}) for k in range(3)])
        for n in range(1_100)
    ]
    outcome = import_opportunities(importer, deals)
    assert len(outcome.done) == 1_100
    assert OpportunityVersion.objects.count() == 3_300
    amounts = dict(Opportunity.objects.values_list("pk", "amount"))
    assert [amounts[pk] for pk in outcome.done] == [n * 10 + 2 for n in range(1_100)]
