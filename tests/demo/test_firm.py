"""The demo company is entered through the actions, holds together, and is the same for the same seed and day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penstock.crm.models import Account, Activity, Opportunity, OpportunityVersion, Subscription
from penstock.crm.replay import offenders
from penstock.demo.firm.build import build
from penstock.org.models import Role, Target, User
from penstock.reports import mirror
from penstock.reports.source import history

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def entered() -> list[tuple[object, ...]]:
    fields = ("opportunity__name", "effective_at", "amount", "stage__key", "owner__name")
    return list(OpportunityVersion.objects.order_by("opportunity_id", "effective_at", "id").values_list(*fields))


@pytest.mark.django_db
def test_the_firm_holds_together() -> None:
    counts: dict[str, int] = {}
    firm = build(size=150, now=NOW, said=counts.__setitem__)
    assert not [str(one) for one in offenders()]
    assert counts["opportunities"] == Opportunity.objects.count() == len(firm.deals)
    assert set(Opportunity.objects.values_list("status", flat=True)) >= {"open", "won", "lost"}
    assert User.objects.filter(role__in=(Role.AE, Role.BDR, Role.SDR, Role.ECS, Role.CLOUD, Role.MANAGER)).count() == 40
    assert Activity.objects.count() > 10 * Opportunity.objects.count()
    assert Account.objects.filter(status="customer").exists()
    assert Subscription.objects.exists()
    assert Target.objects.filter(dimension="owner").exists()
    assert not OpportunityVersion.objects.filter(effective_at__gt=NOW).exists()
    mirror.drop()
    with history(None) as asked:
        waterfall = asked.waterfall("2026Q3", by=["region"])
    assert waterfall.total.money.residual == 0
    assert waterfall.total.money.won < 0 < waterfall.total.money.new


@pytest.mark.django_db(transaction=False)
def test_the_same_seed_and_day_give_the_same_firm() -> None:
    from django.db import transaction

    seen = []
    for _ in range(2):
        with transaction.atomic():
            build(size=60, now=NOW)
            seen.append(entered())
            transaction.set_rollback(True)
    assert seen[0] == seen[1]
    assert seen[0]


@pytest.mark.django_db
def test_a_company_that_is_there_is_left_alone() -> None:
    from penstock.org.models import Company

    Company.objects.create(pk=1, name="Ours")
    with pytest.raises(RuntimeError, match="a company in this installation already"):
        build(size=60, now=NOW)
    assert not Opportunity.objects.exists()
