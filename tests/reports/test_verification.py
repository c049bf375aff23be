"""`verify` finds what does not agree, and names it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunity
from penstock.crm.actions.stages import change_stage
from penstock.crm.models import Account, ExternalKey, Opportunity, Stage
from penstock.reports.verification import verify


@pytest.fixture
def deal(actor: Actor, account: Account, stages: dict[str, Stage]) -> Opportunity:
    deal = create_opportunity(actor, name="Pumps", account=account, amount=100_00, close_date=date(2999, 1, 1))
    return change_stage(actor, deal.pk, stages["qualified"].pk)


def found() -> dict[str, list[str]]:
    return {check.name: [str(one) for one in offenders] for check, offenders in verify() if offenders}


def test_a_sound_company_passes_every_check(deal: Opportunity) -> None:
    checks = [check.name for check, _ in verify()]
    assert checks == ["versions", "changes", "stamps", "residual", "derived", "orphans"]
    assert found() == {}


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        ("amount = 99", {"versions", "changes"}),
        ("probability = 4321", {"versions", "changes", "derived"}),
        ("status = 'won'", {"versions", "changes", "stamps", "derived"}),
    ],
)
def test_a_row_changed_behind_the_actions_is_named(deal: Opportunity, change: str, checks: set[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE crm_opportunity SET {change} WHERE id = %s", [deal.pk])
    broken = found()
    assert set(broken) == checks
    assert all(f"opportunity {deal.pk}:" in text for texts in broken.values() for text in texts)
    Opportunity.objects.filter(pk=deal.pk).update(
        amount=deal.amount, probability=deal.probability, status=deal.status
    )  # as it was, for the check that every test ends with


def test_a_key_of_a_record_that_is_not_there_is_named(deal: Opportunity) -> None:
    ExternalKey.objects.create(record_type="account", record_id=99_999, system="salesforce", key="001")
    assert found() == {"orphans": ["orphans: account 99999: the key salesforce:001 names a record that is not there"]}
