"""The material that helps is found where it is needed, its use is logged, and its wins are counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.contacts import create_contact
from penstock.crm.actions.materials import (
    create_material,
    edit_material,
    log_material_use,
    remove_materials,
    restore_materials,
)
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.actions.people import add_contact_role
from penstock.crm.actions.stages import change_stage
from penstock.crm.models import Account, Material, Opportunity, Stage
from penstock.crm.playbooks import material_record, materials_for
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound
from penstock.org.models import Role, User


@pytest.fixture
def marketer(deal: Opportunity) -> Actor:
    """Somebody of marketing, who runs the playbooks."""
    return Actor(user=User.objects.create_user("mo@aquifer.example", name="Mo Arc", role=Role.MARKETING))


def made(marketer: Actor, title: str, **fields: Any) -> Material:
    return create_material(marketer, **{"title": title, "kind": "document", "body": "Text."} | fields)


def titles(viewer: User | None, deal: Opportunity, **wanted: Any) -> list[str]:
    return [one.material.title for one in materials_for(viewer, deal, **wanted)]


def test_the_most_specific_material_comes_first(marketer: Actor, actor: Actor, account: Account, deal: Opportunity) -> None:
    deal = edit_opportunity(actor, deal.pk, {"industry": "Water", "competitors": ["Sluice Inc"]})
    made(marketer, "Everywhere")
    made(marketer, "For account executives", roles=["ae"])
    made(marketer, "For water", industries=["water"])
    made(marketer, "For the stage", stages=["identified"])
    made(marketer, "For the stage in water", stages=["identified"], industries=["Water", "Energy"])
    made(marketer, "Against Sluice", competitors=["Sluice inc"], kind="battle_card")
    for title, fields in {
        "Other stage": {"stages": ["closing"]},
        "Other role": {"roles": ["sdr"]},
        "Other industry": {"industries": ["Energy"]},
        "Other rival": {"competitors": ["Weirworks"]},
        "Right stage, other rival": {"stages": ["identified"], "competitors": ["Weirworks"]},
        "For finance": {"personas": ["CFO"]},
    }.items():
        made(marketer, title, **fields)
    assert titles(actor.user, deal) == [
        "Against Sluice",
        "For the stage in water",
        "For the stage",
        "For water",
        "For account executives",
        "Everywhere",
    ]
    assert titles(actor.user, deal, persona="cfo")[:2] == ["Against Sluice", "For finance"]
    contact = create_contact(actor, last_name="Rossi", persona="CFO", account=account.pk)
    add_contact_role(actor, deal.pk, contact.pk, role="decision_maker")
    (suggested,) = [one for one in materials_for(actor.user, deal) if one.material.title == "For finance"]
    assert suggested.fits == ("personas",)


def test_a_language_leads_and_one_that_is_asked_for_excludes(marketer: Actor, actor: Actor, deal: Opportunity) -> None:
    for title, language in [("A French", "fr"), ("B none", ""), ("C English", "en")]:
        made(marketer, title, language=language)
    assert titles(actor.user, deal) == ["C English", "A French", "B none"]
    assert titles(actor.user, deal, language="fr") == ["A French", "B none"]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"title": ""}, "title"),
        ({"kind": "song"}, "kind"),
        ({"body": ""}, "body"),
        ({"language": "de"}, "language"),
        ({"stages": ["nowhere"]}, "stages"),
        ({"roles": ["pope"]}, "roles"),
        ({"industries": "Water"}, "industries"),
        ({"personas": [""]}, "personas"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_material_nobody_could_find_is_refused(
    marketer: Actor, stages: dict[str, Stage], fields: dict[str, Any], where: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        made(marketer, **{"title": "Sheet"} | fields)
    assert where in refused.value.faults
    sheet = made(marketer, "Sheet")
    with pytest.raises(InvalidInput) as refused:
        edit_material(marketer, sheet.pk, fields)
    assert where in refused.value.faults


def test_materials_are_run_by_marketing(marketer: Actor, actor: Actor, deal: Opportunity) -> None:
    with pytest.raises(NotAllowed):
        made(actor, "Mine")
    sheet = made(marketer, "Sheet")
    with pytest.raises(NotAllowed):
        edit_material(actor, sheet.pk, {"title": "Mine"})
    assert edit_material(marketer, sheet.pk, {"body": "", "link": "https://sheets.example/roi"}, revision=1).revision == 2
    assert remove_materials(marketer, [sheet.pk]).done == [sheet.pk]
    assert titles(actor.user, deal) == []
    with pytest.raises(InvalidInput, match="is removed"):
        log_material_use(actor, deal.pk, sheet.pk)
    restore_materials(marketer, [sheet.pk])
    assert titles(actor.user, deal) == ["Sheet"]
    with pytest.raises(NotFound):
        log_material_use(actor, deal.pk, 999)


def test_a_use_is_an_activity_that_names_the_material(marketer: Actor, actor: Actor, deal: Opportunity) -> None:
    script = made(marketer, "Opening", kind="call_script")
    used = log_material_use(actor, deal.pk, script.pk, direction="out", duration=300)
    assert (used.kind, used.subject, used.material_id, used.account_id) == ("call", "Opening", script.pk, deal.account_id)
    sheet = made(marketer, "Return", kind="roi")
    assert log_material_use(actor, deal.pk, sheet.pk).kind == "note"
    assert log_material_use(actor, deal.pk, sheet.pk, kind="meeting", subject="Their figures").subject == "Their figures"


def test_wins_are_those_that_came_after_the_use(
    marketer: Actor, actor: Actor, account: Account, stages: dict[str, Stage], deal: Opportunity
) -> None:
    sheet = made(marketer, "Return", kind="roi")
    assert material_record(sheet).uses == 0
    deals = [create_opportunity(actor, name=f"Deal {n}", account=account).pk for n in range(4)]
    now = timezone.now()
    won_before, won, lost, still_open = deals
    log_material_use(actor, won, sheet.pk, at=now - timedelta(days=3))
    log_material_use(actor, won, sheet.pk, at=now - timedelta(days=2))
    log_material_use(actor, lost, sheet.pk, at=now - timedelta(days=3))
    log_material_use(actor, still_open, sheet.pk, at=now - timedelta(days=1))
    change_stage(actor, won, stages["won"].pk)
    change_stage(actor, lost, stages["lost"].pk, fields={"lost_reason": "price"})
    change_stage(actor, won_before, stages["won"].pk)
    last = log_material_use(actor, won_before, sheet.pk)
    found = material_record(sheet)
    assert (found.uses, found.deals, found.closed, found.won) == (5, 4, 2, 1)
    assert found.last_used_at == last.at
