"""No account is ever lost: every way out of the loop leads back in, and the shipped rules are those ways."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from penstock.crm.models import AccountStatus
from penstock.loop import shipped
from penstock.loop.states import STATES, TRANSITIONS, reachable, ways_out


@pytest.mark.parametrize("state", STATES)
def test_from_each_state_every_state_is_reached(state: AccountStatus) -> None:
    assert ways_out(state), f"{state} is a dead end"
    assert reachable(state) == frozenset(STATES)


def test_the_shipped_rules_go_exactly_the_declared_ways() -> None:
    declared = {(way.rule, str(way.origin), str(way.target)) for way in TRANSITIONS}
    shipped_ways = {
        (rule["key"], origin, action["status"])
        for rule in shipped.rules()
        for action in rule["actions"]
        if action["do"] == "set_status"
        for origin in rule["parameters"]["statuses"]
    }
    assert shipped_ways == declared


def test_a_way_has_a_guard_in_words_where_its_rule_has_a_condition() -> None:
    conditions = {rule["key"]: rule.get("condition", "") for rule in shipped.rules()}
    own_event = {"sells_to_consumers", "out_of_range"}
    for way in TRANSITIONS:
        assert bool(way.guard) == (bool(conditions[way.rule]) and way.rule not in own_event), way


@pytest.mark.parametrize("rule", shipped.rules(), ids=lambda rule: rule["key"])
def test_a_shipped_rule_is_named_and_gives_its_reason_in_three_languages(rule: dict) -> None:
    assert set(rule["names"]) == set(rule["reasons"]) == {"en", "fr", "it"}
    assert len(set(rule["names"].values())) == 3


@pytest.mark.parametrize("key", sorted(shipped.words()))
def test_every_text_is_there_in_three_languages_with_the_same_places_to_fill(key: str) -> None:
    texts = shipped.words()[key]
    assert set(texts) == {"en", "fr", "it"}
    assert len({frozenset(part.split("}")[0] for part in text.split("{")[1:]) for text in texts.values()}) == 1


def test_the_page_about_the_loop_shows_these_ways(root: Path) -> None:
    page = (root / "docs" / "how-to" / "the-account-loop.md").read_text(encoding="utf-8")
    for rule, ways in groupby(TRANSITIONS, key=lambda way: way.rule):
        some = list(ways)
        origins = ", ".join(str(way.origin).replace("_", " ") for way in some)
        when = ", ".join(filter(None, (some[0].event, some[0].guard)))
        assert f"| {origins} | {when} | {str(some[0].target).replace('_', ' ')} | `{rule}` |" in page
