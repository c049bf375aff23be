"""The set-up changes things through the verbs: refusals stand beside the fields, and history is written."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Model
from django.test import Client

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunity
from penstock.crm.models import Account, OpportunityVersion, RecordChange, Stage
from penstock.org.models import OrgChange, Role, Team, User
from penstock.web.setup import organisation, records
from penstock.web.setup.site import site

REGISTERED_BY = (organisation, records)


@pytest.fixture
def administrator(client: Client, admin: User) -> Client:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def revops(client: Client, team: Team) -> Client:
    user = User.objects.create_user("ruth@aquifer.example", name="Ruth Calloway", role=Role.REVOPS)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("model", sorted(site._registry, key=str), ids=str)
def test_every_page_of_the_set_up_opens(administrator: Client, model: type[Model]) -> None:
    meta = model._meta
    assert administrator.get(f"/setup/{meta.app_label}/{meta.model_name}/").status_code == 200


def test_a_team_is_added_with_its_history(administrator: Client, admin: User) -> None:
    answer = administrator.post("/setup/org/team/add/", {"name": "Sales APAC", "parent": "", "manager": ""})
    assert answer.status_code == 302, answer.content.decode()
    change = OrgChange.objects.get(operation="create")
    assert (change.by, Team.objects.get(name="Sales APAC").pk) == (admin, int(change.row))


def test_what_a_verb_refuses_stands_on_the_page_and_changes_nothing(administrator: Client, team: Team) -> None:
    page = administrator.post(f"/setup/org/team/{team.pk}/change/", {"name": team.name, "parent": team.pk, "manager": ""})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    team.refresh_from_db()
    assert team.parent is None


def test_a_changed_probability_reaches_the_open_deals(
    administrator: Client, actor: Actor, account: Account, stages: dict[str, Stage]
) -> None:
    deal = create_opportunity(
        actor, name="Pumps", account=account, amount=100, close_date=date(2999, 1, 1), stage=stages["qualified"].pk
    )
    stage = stages["qualified"]
    values = {
        "names": '{"en": "Qualified"}',
        "probability": 2500,
        "forecast_category": "pipeline",
        "counted": "on",
        "guidance": "{}",
    }
    answer = administrator.post(f"/setup/crm/stage/{stage.pk}/change/", values)
    assert answer.status_code == 302, answer.content.decode()
    deal.refresh_from_db()
    assert deal.probability == 2500
    assert OpportunityVersion.objects.filter(opportunity=deal).count() == 2
    assert RecordChange.objects.filter(record_type="stage", record_id=stage.pk).exists()


def test_revenue_operations_set_up_pipelines_but_no_people(revops: Client, stages: dict[str, Stage]) -> None:
    assert revops.get("/setup/").status_code == 200
    page = revops.post(
        "/setup/org/user/add/", {"email": "x@aquifer.example", "name": "X", "role": "ae", "language": "en", "weight": 1}
    )
    assert "You may not change this part of the set-up" in page.content.decode()
    assert not User.objects.filter(email="x@aquifer.example").exists()
