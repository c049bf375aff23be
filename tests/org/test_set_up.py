"""Teams, territories, sharing, hidden fields, currencies, rates and targets are changed by those who may, and kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from penstock.ledger.rates import MissingRate
from penstock.org.actions.currencies import add_currency, add_rate, add_rates, withdraw_currency
from penstock.org.actions.sharing import hide_field, set_level, show_field
from penstock.org.actions.targets import remove_target, set_target
from penstock.org.actions.teams import add_team, edit_team
from penstock.org.actions.territories import add_territory, edit_territory
from penstock.org.company import rate_table
from penstock.org.models import Currency, HiddenField, OrgChange, Rate, Target, Team, User
from penstock.org.refusals import InvalidInput, NotAllowed
from penstock.org.sharing import hidden, levels

Q1: dict[str, Any] = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}


def test_teams_are_a_tree(ops: User, rep: User) -> None:
    top = add_team(ops, name="Sales")
    middle = add_team(ops, name="North", parent=top, manager=rep.pk)
    low = add_team(ops, name="Far north", parent=middle.pk)
    assert (low.parent, middle.manager) == (middle, rep)
    for parent in (top, middle, low):
        with pytest.raises(InvalidInput, match="under itself"):
            edit_team(ops, top.pk, {"parent": parent})
    edit_team(ops, low.pk, {"parent": None})
    assert edit_team(ops, top.pk, {"parent": low}).parent == low
    with pytest.raises(InvalidInput) as refused:
        add_team(ops, name="Sales", manager=999_999)
    assert set(refused.value.faults) == {"name", "manager"}
    assert OrgChange.objects.filter(what="team").count() == 5


def test_a_rep_changes_nothing_of_the_set_up(rep: User, team: Team) -> None:
    verbs: list[Any] = [
        lambda: add_team(rep, name="Mine"),
        lambda: edit_team(rep, team.pk, {"manager": rep}),
        lambda: add_territory(rep, name="Mine"),
        lambda: set_level(rep, "opportunity", "public_edit"),
        lambda: hide_field(rep, "opportunity", "amount", "ae", offered={"amount"}),
        lambda: show_field(rep, "opportunity", "amount", "ae"),
        lambda: add_currency(rep, "USD"),
        lambda: withdraw_currency(rep, "USD"),
        lambda: add_rate(rep, "USD", "0.9", fiscal_year=2026),
        lambda: set_target(rep, measure="bookings", amount=1, **Q1),
        lambda: remove_target(rep, 1),
    ]
    for verb in verbs:
        with pytest.raises(NotAllowed):
            verb()
    assert not OrgChange.objects.exists()


def test_sharing_is_the_administrators_alone(ops: User) -> None:
    with pytest.raises(NotAllowed):
        set_level(ops, "opportunity", "private")


def test_a_territory_names_its_countries_and_its_people(ops: User, rep: User) -> None:
    north = add_territory(ops, name="North", countries=["se", "NO", "se", ""], members=[rep.pk])
    assert (north.countries, list(north.members.all())) == (["SE", "NO"], [rep])
    edit_territory(ops, north.pk, {"regions": ["EMEA"]}, members=[])
    assert list(north.members.all()) == []
    assert [one.fields for one in OrgChange.objects.filter(what="territory", operation="change")] == [
        {"members": [[], [rep.pk]]},
        {"regions": [[], ["EMEA"]]},
        {"members": [[rep.pk], []]},
    ]
    with pytest.raises(InvalidInput) as refused:
        add_territory(ops, name="North", countries=["Sweden"], regions="EMEA", members=[999_999])
    assert set(refused.value.faults) == {"name", "countries", "regions", "members"}


def test_levels_have_defaults_and_follow_one_another(admin: User) -> None:
    assert (levels()["opportunity"], levels()["contact"], levels()["task"]) == ("public_read", "public_read", "private")
    set_level(admin, "account", "team")
    assert (levels()["account"], levels()["contact"]) == ("team", "team")
    set_level(admin, "contact", "private")
    set_level(admin, "account", "public_edit")
    assert (levels()["account"], levels()["contact"]) == ("public_edit", "private")
    with pytest.raises(InvalidInput) as refused:
        set_level(admin, "opportunity_line", "secret")
    assert set(refused.value.faults) == {"record_type", "level"}


def test_a_field_is_hidden_and_shown_again(admin: User) -> None:
    hide_field(admin, "opportunity", "amount", "sdr", offered={"amount", "owner"})
    hide_field(admin, "opportunity", "amount", "sdr", offered={"amount", "owner"})
    assert hidden("sdr") == {"opportunity": frozenset({"amount"})}
    assert hidden("ae") == {}
    show_field(admin, "opportunity", "amount", "sdr")
    assert not HiddenField.objects.exists()
    assert [one.operation for one in OrgChange.objects.filter(what="hiddenfield")] == ["create", "remove"]
    with pytest.raises(InvalidInput) as refused:
        hide_field(admin, "opportunity", "id", "king", offered={"amount"})
    assert set(refused.value.faults) == {"field", "role"}


def test_a_corrected_rate_is_a_new_row_and_the_later_counts(ops: User) -> None:
    add_rate(ops, "usd", "0.90", day=date(2026, 1, 1))
    add_rate(ops, "USD", "0.912345678", day=date(2026, 1, 1))
    add_rate(ops, "USD", "0.95", fiscal_year=2026)
    assert [one.rate for one in Rate.objects.order_by("id")] == ["0.90", "0.912345678", "0.95"]
    table = rate_table()
    assert table.dated("USD", date(2026, 3, 1)) == (912_345_678, 1_000_000_000)
    assert table.plan("USD", 2026) == (95, 100)
    assert Currency.objects.get(pk="USD").active


def test_a_missing_rate_names_currency_and_day(ops: User) -> None:
    add_rate(ops, "USD", "0.9", day=date(2026, 2, 1))
    with pytest.raises(MissingRate, match=r"from USD to EUR for 2026-01-31"):
        rate_table().dated("USD", date(2026, 1, 31))
    with pytest.raises(MissingRate, match=r"from GBP to EUR for fiscal year 2026"):
        rate_table().plan("GBP", 2026)


def test_all_faulty_rates_are_told_and_none_is_kept(ops: User) -> None:
    day = date(2026, 1, 1)
    rows: list[dict[str, Any]] = [
        {"currency": "USD", "rate": "0.9", "day": day},
        {"currency": "USD", "rate": 0.9, "day": day},
        {"currency": "XXQ", "rate": "0.9", "day": day},
        {"currency": "EUR", "rate": "1", "day": day},
        {"currency": "USD", "rate": "-1", "day": day},
        {"currency": "USD", "rate": "0.9"},
        {"currency": "USD", "rate": "0.9", "day": day, "fiscal_year": 2026},
    ]
    with pytest.raises(InvalidInput) as refused:
        add_rates(ops, rows)
    assert set(refused.value.faults) == {f"rates.{number}" for number in range(1, 7)}
    assert not Rate.objects.exists()


def test_a_currency_is_withdrawn_but_not_the_corporate_one(ops: User) -> None:
    add_currency(ops, "usd")
    assert not withdraw_currency(ops, "USD").active
    assert add_currency(ops, "USD").active
    Currency.objects.create(code="EUR")
    with pytest.raises(InvalidInput, match="corporate currency"):
        withdraw_currency(ops, "EUR")
    with pytest.raises(InvalidInput, match="ISO 4217"):
        add_currency(ops, "DOLLAR")


def test_a_target_is_set_set_anew_and_taken_away(ops: User, rep: User) -> None:
    quota = set_target(ops, measure="bookings", amount=1_000_00, currency="eur", dimension="owner", value=str(rep.pk), **Q1)
    again = set_target(ops, measure="bookings", amount=2_000_00, currency="EUR", dimension="owner", value=str(rep.pk), **Q1)
    assert (again.pk, again.amount, again.currency) == (quota.pk, 2_000_00, "EUR")
    remove_target(ops, quota.pk)
    assert not Target.objects.exists()
    assert [one.operation for one in OrgChange.objects.filter(what="target")] == ["create", "change", "remove"]
    with pytest.raises(InvalidInput) as refused:
        set_target(
            ops, measure="bookings", start=Q1["end"], end=Q1["start"], amount=-1, currency="E", dimension="owner", value="999999"
        )
    assert set(refused.value.faults) == {"end", "amount", "currency", "value"}


@pytest.mark.parametrize("table", ["org_orgchange", "org_rate"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_history_and_rates_can_neither_be_updated_nor_deleted(ops: User, table: str, statement: str) -> None:
    add_rate(ops, "USD", "0.9", fiscal_year=2026)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
