"""Rules are data: read, written, switched off and restored by who may, and every edit is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from penstock.crm.actions.actor import Actor, system
from penstock.crm.refusals import InvalidInput, NotAllowed
from penstock.loop import shipped
from penstock.loop.actions import StaleRule, create_rule, edit_rule, install_rules, restore_rule, switch_rule
from penstock.loop.models import Rule, RuleEdit
from penstock.org.models import User

OWN: dict[str, Any] = {
    "names": {"en": "Big deals are told to the manager"},
    "trigger": "record_changed",
    "record_type": "opportunity",
    "parameters": {"fields": ["amount"]},
    "condition": "amount > 10000000",
    "actions": [{"do": "notify", "to": "manager", "text": {"en": "{name} is big"}}],
}


@pytest.fixture
def boss(admin: User) -> Actor:
    return Actor(user=admin)


def test_all_shipped_rules_are_there_once_however_often_they_are_installed(rules: dict[str, Rule]) -> None:
    assert list(rules) == [rule["key"] for rule in shipped.rules()]
    assert install_rules(system()) == []
    assert Rule.objects.count() == len(rules)


def test_a_rule_of_ones_own_is_written_and_its_edits_are_kept(boss: Actor, admin: User) -> None:
    rule = create_rule(boss, OWN)
    assert (rule.key, rule.active, rule.shipped) == ("big-deals-are-told-to-the-manager", True, False)
    edit_rule(boss.but(reason="Deals grew"), rule.pk, {"condition": "amount > 20000000"}, revision=1)
    edits = list(RuleEdit.objects.filter(rule=rule).values_list("verb", "user", "reason", "revision"))
    assert edits == [("create", admin.pk, "", 1), ("edit", admin.pk, "Deals grew", 2)]
    assert RuleEdit.objects.latest("id").fields == {"condition": ["amount > 10000000", "amount > 20000000"]}


def test_two_rules_of_one_name_get_keys_of_their_own(boss: Actor) -> None:
    assert [create_rule(boss, OWN).key for _ in range(3)] == [
        "big-deals-are-told-to-the-manager",
        "big-deals-are-told-to-the-manager-2",
        "big-deals-are-told-to-the-manager-3",
    ]


def test_a_shipped_rule_is_switched_off_edited_and_restored(boss: Actor, rules: dict[str, Rule]) -> None:
    pk = rules["idle_target_to_backlog"].pk
    switch_rule(boss, pk, active=False)
    edited = edit_rule(boss, pk, {"parameters": {"since": "status_since", "days": 60, "statuses": ["target"]}})
    assert (edited.active, edited.parameters["days"]) == (False, 60)
    restored = restore_rule(boss, pk)
    assert (restored.active, restored.parameters["days"]) == (True, "idle_target")
    assert [edit.verb for edit in restored.edits.all()] == ["ship", "off", "edit", "restore"]


def test_what_was_edited_is_not_overwritten_by_what_is_shipped_and_the_rest_is_renewed(
    boss: Actor, rules: dict[str, Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_rule(boss, rules["first_activity"].pk, active=False)
    newer = tuple(rule | {"position": rule["position"] + 1} for rule in shipped.rules())
    monkeypatch.setattr(shipped, "rules", lambda: newer)
    install_rules(system())
    kept, renewed = (Rule.objects.get(key=key) for key in ("first_activity", "opportunity_won"))
    assert (kept.active, kept.position, kept.shipped_definition["position"]) == (False, 10, 11)
    assert renewed.position == rules["opportunity_won"].position + 1


def test_a_rule_of_ones_own_cannot_be_restored(boss: Actor) -> None:
    with pytest.raises(InvalidInput, match="your own"):
        restore_rule(boss, create_rule(boss, OWN).pk)


def test_an_edit_of_what_somebody_else_changed_meanwhile_is_refused(boss: Actor) -> None:
    rule = create_rule(boss, OWN)
    switch_rule(boss, rule.pk, active=False, revision=1)
    with pytest.raises(StaleRule, match="Root changed this rule"):
        edit_rule(boss, rule.pk, {"position": 5}, revision=1)


@pytest.mark.parametrize("verb", ["create", "edit", "switch", "restore"])
def test_a_rep_may_not_change_rules(actor: Actor, rules: dict[str, Rule], verb: str) -> None:
    pk = rules["first_activity"].pk
    with pytest.raises(NotAllowed, match="revenue operations"):
        {
            "create": lambda: create_rule(actor, OWN),
            "edit": lambda: edit_rule(actor, pk, {"position": 1}),
            "switch": lambda: switch_rule(actor, pk, active=False),
            "restore": lambda: restore_rule(actor, pk),
        }[verb]()
    assert Rule.objects.count() == len(rules)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"names": {"fr": "Gros"}}, "names", "English"),
        ({"trigger": "full_moon"}, "trigger", "Choose one of"),
        ({"record_type": "pump"}, "record_type", "no kind of record 'pump'"),
        ({"watched": "campaign"}, "watched", "belongs to no opportunity"),
        ({"nonsense": 1}, "nonsense", "no such field"),
        ({"actions": []}, "actions", "at least one"),
        ({"actions": [{"do": "dance"}]}, "actions.0", "Choose one of"),
        ({"actions": [{"do": "notify"}]}, "actions.0", "text is needed"),
        ({"actions": [{"do": "notify", "text": {}, "loud": True}]}, "actions.0", "loud is not known"),
        ({"actions": [{"do": "set_field", "field": "colour", "value": 1}]}, "actions.0", "no field colour"),
        ({"actions": [{"do": "call_webhook", "url": "ftp://x"}]}, "actions.0", "beginning with https"),
        ({"actions": [{"do": "alert", "kind": "fire"}]}, "actions.0", "idle_target"),
        ({"record_type": "account", "actions": [{"do": "set_status", "status": "gone"}]}, "actions.0", "no status gone"),
        ({"actions": [{"do": "set_status", "status": "won"}]}, "actions.0", "no status won"),
        ({"trigger": "time_passed", "parameters": {}}, "parameters", "days is needed"),
        ({"trigger": "time_passed", "parameters": {"since": "name", "days": 3}}, "parameters", "name is not a moment"),
        ({"trigger": "date_reached", "parameters": {"field": "close_date", "days": "x"}}, "parameters", "number of days"),
        ({"trigger": "activity_logged", "parameters": {}}, "parameters", "watch activity"),
        ({"condition": "amount >"}, "condition", "ends too early"),
        ({"condition": "amuont > 5"}, "condition", "Did you mean amount"),
    ],
)
def test_what_a_rule_cannot_say_is_refused_in_words(boss: Actor, changes: dict, field: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_rule(boss, OWN | changes)
    assert words in " ".join(refused.value.faults[field])
    assert not Rule.objects.exists()


def test_all_faults_are_told_at_once(boss: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_rule(boss, OWN | {"names": {}, "trigger": "x", "actions": [{"do": "x"}, {"do": "y"}]})
    assert set(refused.value.faults) == {"names", "trigger", "actions.0", "actions.1"}


@pytest.mark.parametrize("table", ["loop_ruleedit", "loop_rulerun"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_the_log_can_neither_be_updated_nor_deleted(rules: dict[str, Rule], table: str, statement: str) -> None:
    from django.utils import timezone

    from penstock.loop.models import RuleRun

    rule = rules["first_activity"]
    RuleRun.objects.create(key="x", rule=rule, record_type="account", record_id=1, at=timezone.now(), outcome="done")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
