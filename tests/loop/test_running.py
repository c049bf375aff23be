"""Rules follow changes: once each, in chains that end, with refusals logged and nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from penstock.crm.actions.account_status import set_status
from penstock.crm.actions.accounts import create_account, edit_account
from penstock.crm.actions.actor import MAXIMUM_DEPTH, Actor, system
from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
from penstock.crm.actions.stages import change_stage
from penstock.crm.actions.writing import change
from penstock.crm.models import (
    Account,
    Campaign,
    CampaignMember,
    Change,
    Contact,
    OutboxEvent,
    RecordChange,
    Stage,
    Task,
)
from penstock.loop.actions import create_rule
from penstock.loop.models import Notification, Rule, RuleRun, WebhookCall
from penstock.loop.notifying import text
from penstock.loop.running import dry_run, handle
from penstock.org.models import Team, User


def rule_of(trigger: str, record_type: str, *actions: dict, **more: Any) -> Rule:
    definition = {"names": {"en": f"{trigger} {record_type}"}, "trigger": trigger, "record_type": record_type}
    return create_rule(system(), definition | {"actions": list(actions)} | more)


def last_event() -> OutboxEvent:
    event = OutboxEvent.objects.order_by("id").last()
    assert event is not None
    return event


def test_an_event_that_is_handled_twice_sets_a_rule_off_once(actor: Actor, account: Account) -> None:
    rule_of("record_changed", "account", {"do": "create_task", "title": {"en": "Look"}}, parameters={"fields": ["region"]})
    edit_account(actor, account.pk, {"region": "APAC"})
    event = last_event()
    assert len(handle(event)) == 1
    assert handle(event) == []
    assert Task.objects.count() == RuleRun.objects.count() == 1


def test_two_rules_that_answer_each_other_are_stopped_at_once_and_the_log_says_so(
    actor: Actor, account: Account, work: Callable
) -> None:
    for region, other in (("EMEA", "APAC"), ("APAC", "EMEA")):
        rule_of(
            "record_changed",
            "account",
            {"do": "set_field", "field": "region", "value": other},
            parameters={"fields": ["region"]},
            condition=f'region == "{region}"',
        )
    edit_account(actor, account.pk, {"region": "APAC"})
    runs = work()
    assert [run.outcome for run in runs].count("done") == 2
    assert {run.refusals[0]["code"] for run in runs if run.outcome == "stopped"} == {"circle"}


def test_a_chain_of_rules_ends_at_the_longest_allowed_and_each_link_knows_its_cause(
    actor: Actor, account: Account, work: Callable
) -> None:
    for number in range(MAXIMUM_DEPTH + 3):
        rule_of(
            "record_changed",
            "account",
            {"do": "set_field", "field": "employees", "value": 1_001 + number},
            parameters={"fields": ["employees"]},
            condition=f"employees == {1_000 + number}",
            # Later links stand before earlier ones, so that each needs an event of its own.
            position=100 - number,
        )
    edit_account(actor, account.pk, {"employees": 1_000})
    runs = work()
    assert [run.outcome for run in runs] == ["done"] * MAXIMUM_DEPTH + ["stopped"]
    assert runs[-1].refusals[0]["code"] == "too_deep"
    links = list(Change.objects.filter(rule__startswith="record_changed").order_by("id"))
    assert [link.depth for link in links] == list(range(1, MAXIMUM_DEPTH + 1))
    assert [link.caused_by_id for link in links[1:]] == [link.pk for link in links[:-1]]
    account.refresh_from_db()
    assert account.employees == 1_000 + MAXIMUM_DEPTH


def test_a_rule_sees_what_the_rules_before_it_have_done(actor: Actor, account: Account) -> None:
    second = {"condition": 'segment == "Enterprise"', "position": 2, "parameters": {"fields": ["employees"]}}
    rule_of("record_changed", "account", {"do": "set_field", "field": "strategic", "value": True}, **second)
    first = {"condition": "employees > 1000", "position": 1, "parameters": {"fields": ["employees"]}}
    rule_of("record_changed", "account", {"do": "set_field", "field": "segment", "value": "Enterprise"}, **first)
    edit_account(actor, account.pk, {"employees": 5_000})
    handle(last_event())
    account.refresh_from_db()
    assert (account.segment, account.strategic) == ("Enterprise", True)


def test_what_is_refused_is_logged_and_the_other_actions_go_on(actor: Actor, account: Account) -> None:
    rule_of(
        "record_changed",
        "account",
        {"do": "set_field", "field": "icp_score", "value": 400},
        {"do": "add_to_campaign", "campaign": "Nowhere"},
        {"do": "create_task", "title": {"en": "Look"}},
        parameters={"fields": ["region"]},
    )
    edit_account(actor, account.pk, {"region": "APAC"})
    run = handle(last_event())[0]
    assert run.outcome == "refused"
    assert [(one["action"], one["code"]) for one in run.refusals] == [(0, "invalid"), (1, "invalid")]
    assert "no campaign Nowhere" in run.refusals[1]["message"]
    assert Task.objects.filter(account=account).count() == 1


def test_an_unexpected_error_takes_back_all_that_the_rule_did(
    actor: Actor, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = {"do": "create_task", "title": {"en": "Look"}}
    rule_of("record_changed", "account", task, {"do": "alert", "kind": "idle_target"}, parameters={"fields": ["region"]})
    edit_account(actor, account.pk, {"region": "APAC"})
    event = last_event()
    with monkeypatch.context() as broken:
        broken.setattr("penstock.loop.alerts.alert_messages", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            handle(event)
    assert not Task.objects.exists()
    assert not RuleRun.objects.exists()
    assert len(handle(event)) == 1
    assert Task.objects.count() == 1


def test_a_stage_that_is_entered_sets_a_rule_off_in_that_stage_alone(
    actor: Actor, account: Account, stages: dict[str, Stage], work: Callable
) -> None:
    task = {"do": "create_task", "title": {"en": "Send the contract"}, "days": 2, "priority": "high"}
    rule_of("stage_entered", "opportunity", task, parameters={"to": ["closing"], "pipeline": "sales"})
    deal = create_opportunity(actor, name="Pumps", account=account, amount=1, close_date="2026-12-01")
    change_stage(actor, deal.pk, stages["qualified"].pk)
    assert work() == []
    change_stage(actor, deal.pk, stages["closing"].pk)
    work()
    found = Task.objects.get(opportunity=deal)
    assert (found.title, found.priority, found.owner) == ("Send the contract", "high", actor.user)


def test_a_custom_field_is_watched_and_set(actor: Actor, account: Account, work: Callable) -> None:
    from penstock.crm.models import CustomField

    for key in ("tier", "note"):
        CustomField.objects.create(record_type="account", key=key, kind="text", labels={"en": key})
    note = {"do": "set_field", "field": "custom.note", "value": "seen"}
    rule_of("record_changed", "account", note, parameters={"fields": ["custom.tier"]})
    edit_account(actor, account.pk, {"custom": {"note": "new"}})
    assert work() == []
    edit_account(actor, account.pk, {"custom": {"tier": "A"}})
    work()
    account.refresh_from_db()
    assert account.custom == {"tier": "A", "note": "seen"}


def test_people_are_told_in_their_language_and_a_webhook_waits_to_be_sent(
    actor: Actor, rep: User, other_rep: User, team: Team, account: Account, work: Callable
) -> None:
    Team.objects.filter(pk=team.pk).update(manager=other_rep)
    words = {"en": "{name} moved to {region}", "fr": "{name} a changé de région"}
    rule_of(
        "record_changed",
        "account",
        {"do": "notify", "to": "manager", "text": words},
        {"do": "call_webhook", "url": "https://hooks.example/a"},
        parameters={"fields": ["region"]},
    )
    edit_account(actor, account.pk, {"region": "APAC"})
    work()
    told = Notification.objects.get()
    assert told.user == other_rep
    assert (text(told, "fr"), text(told, "it")) == ("Lac Bleu SA a changé de région", "Lac Bleu SA moved to {region}")
    call = WebhookCall.objects.get()
    assert (call.url, call.sent_at, call.payload["record_id"]) == ("https://hooks.example/a", None, account.pk)
    assert call.payload["fields"] == {"region": ["EMEA", "APAC"]} | {
        name: value for name, value in call.payload["fields"].items() if name != "region"
    }


def test_the_contacts_of_an_account_who_want_e_mail_join_a_campaign(actor: Actor, account: Account, work: Callable) -> None:
    from django.utils import timezone

    with change(system(), "set_up") as writer:
        campaign = Campaign(name="Nurture", kind="digital")
        writer.create([campaign])
        writer.create(
            [
                Contact(account=account, email="a@lacbleu.example", created_at=timezone.now()),
                Contact(account=account, email="b@lacbleu.example", email_opt_out=True),
            ]
        )
    rule_of("status_entered", "account", {"do": "add_to_campaign", "campaign": "Nurture"}, parameters={"to": ["target"]})
    set_status(actor, account.pk, "target", reason="")
    work()
    assert list(CampaignMember.objects.values_list("contact__email", flat=True)) == ["a@lacbleu.example"]


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    actor: Actor, rep: User, account: Account, rules: dict[str, Rule]
) -> None:
    other = create_account(actor, name="Corner shop", business_kind="b2c")
    written = [model.objects.count() for model in (Change, RecordChange, OutboxEvent, RuleRun)]
    found = dry_run(rules["sells_to_consumers"], rep)
    assert found.examined == 2
    assert [(row.record_id, row.name, row.before["status"], row.after["status"]) for row in found.rows] == [
        (other.pk, "Corner shop", "unqualified_pool", "disqualified")
    ]
    assert [model.objects.count() for model in (Change, RecordChange, OutboxEvent, RuleRun)] == written
    assert Account.objects.get(pk=other.pk).status == "unqualified_pool"


def test_a_dry_run_tells_refusals_and_stops_at_its_limit(actor: Actor, rep: User, company: object) -> None:
    for number in range(5):
        create_account(actor, name=f"Account {number}")
    rule = Rule(
        record_type="account", trigger="record_changed", actions=[{"do": "set_field", "field": "icp_score", "value": 400}]
    )
    found = dry_run(rule, rep, limit=3)
    assert (len(found.rows), found.cut) == (3, True)
    assert {row.refusals[0]["code"] for row in found.rows} == {"invalid"}
    assert {tuple(row.after) for row in found.rows} == {()}


def test_a_dry_run_of_a_time_rule_looks_at_what_is_due(
    actor: Actor, rep: User, account: Account, rules: dict[str, Rule], later: Callable
) -> None:
    set_status(system(), account.pk, "target", reason="")
    rule = rules["idle_target_to_backlog"]
    assert dry_run(rule, rep).rows == []
    with later(31):
        assert [(row.record_id, row.after["status"]) for row in dry_run(rule, rep).rows] == [(account.pk, "backlog")]


def test_fields_hidden_from_the_viewer_are_not_in_a_dry_run(actor: Actor, rep: User, account: Account, company: object) -> None:
    from penstock.org.models import HiddenField

    HiddenField.objects.create(record_type="account", field="potential", role=rep.role)
    rule = Rule(
        record_type="account", trigger="record_changed", actions=[{"do": "set_field", "field": "potential", "value": "high"}]
    )
    row = dry_run(rule, rep).rows[0]
    assert "potential" not in row.after


def test_editing_a_deal_beside_its_rules_keeps_both(
    actor: Actor, account: Account, stages: dict[str, Stage], work: Callable
) -> None:
    step = {"do": "set_field", "field": "next_step", "value": "Call"}
    rule_of("record_changed", "opportunity", step, parameters={"fields": ["amount"]}, condition="amount > 1000")
    deal = create_opportunity(actor, name="Pumps", account=account)
    edit_opportunity(actor, deal.pk, {"amount": 999})
    edit_opportunity(actor, deal.pk, {"amount": 5_000})
    runs = work()
    # The first edit's event finds the deal as it is by then.
    assert {run.outcome for run in runs} == {"done"}
    deal.refresh_from_db()
    assert (deal.amount, deal.next_step) == (5_000, "Call")
