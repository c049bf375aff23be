"""Figures are grouped by ids and keys; people read names."""

from __future__ import annotations

from django.utils import translation

from penstock.crm.models import Account, CustomField, Stage
from penstock.org.models import User
from penstock.reports.labels import dimensions, labels


def test_owners_teams_and_accounts_are_called_by_their_names(rep: User, account: Account) -> None:
    assert labels(rep, "owner", [str(rep.pk)])[str(rep.pk)] == "Ada Rill"
    assert labels(rep, "team", [str(rep.team_id)])[str(rep.team_id)] == "Sales EMEA"
    assert labels(rep, "account", [str(account.pk), "99999"]) == {
        str(account.pk): "Lac Bleu SA",
        "99999": "account 99999",
        None: "(blank)",
    }


def test_stages_are_called_as_the_reader_calls_them(rep: User, stages: dict[str, Stage]) -> None:
    Stage.objects.filter(pk=stages["won"].pk).update(names={"en": "Won", "fr": "Gagnée"})
    with translation.override("fr"):
        assert labels(rep, "stage", ["won", "closing"]) == {
            "won": "Gagnée",
            "closing": "Closing",
            None: labels(rep, "region", [])[None],
        }


def test_a_choice_of_the_companys_own_is_offered_and_named(rep: User) -> None:
    choices = [{"value": "gold", "labels": {"en": "Gold partner"}}]
    CustomField.objects.create(record_type="opportunity", key="tier", kind="choice", choices=choices, labels={"en": "Tier"})
    assert dimensions(rep)["custom_tier"] == "Tier"
    assert labels(rep, "custom_tier", ["gold"])["gold"] == "Gold partner"
    assert list(dimensions(rep))[:3] == ["stage", "forecast_category", "currency"]
