"""RevOps sets gates and shortcuts up; what could never be met is refused, and the history says who changed which gate when."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.pipeline_gates import add_criterion, add_shortcut, archive_criterion, edit_criterion, remove_shortcut
from penstock.crm.actions.setup_history import setup_history
from penstock.crm.models import Criterion, RecordChange, Shortcut, Stage
from penstock.crm.pipelines import create_from_template
from penstock.crm.refusals import InvalidInput


@pytest.mark.parametrize(
    ("kind", "fields", "where", "said"),
    [
        ("field", {}, "field", "needed"),
        ("field", {"field": "ammount"}, "field", "no field to fill"),
        ("field", {"field": "custom.seats"}, "field", "no field to fill"),
        ("field", {"field": "status"}, "field", "no field to fill"),
        ("check", {}, "label", "at least one language"),
        ("check", {"label": {"en": "Done"}, "field": "amount"}, "field", "has none"),
        ("activity", {"activity_kind": "dance"}, "activity_kind", "Choose one of"),
        ("approval", {"approver_role": "pope"}, "approver_role", "Choose one of"),
        ("condition", {"label": {"en": "Large"}, "condition": "amuont > 5"}, "condition", "Did you mean amount"),
        ("condition", {"condition": "amount > 5"}, "label", "at least one language"),
        ("check", {"label": {"en": "Done"}, "applies_when": "amount"}, "applies_when", "neither yes nor no"),
        ("magic", {}, "kind", "Choose one of"),
    ],
)
def test_a_criterion_that_cannot_be_met_is_refused(
    revops: Actor, stages: dict[str, Stage], kind: str, fields: dict[str, Any], where: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_criterion(revops, stages["qualified"].pk, "new", kind, **fields)
    assert said in " ".join(refused.value.faults[where])
    assert not Criterion.objects.exists()


def test_the_history_says_who_changed_which_gate_when(revops: Actor, stages: dict[str, Stage]) -> None:
    criterion = add_criterion(revops, stages["closing"].pk, "large", "approval", approver_role="manager")
    edit_criterion(revops.but(reason="Too many questions"), criterion.pk, applies_when="amount > money(50000)")
    archive_criterion(revops, criterion.pk)
    rows = setup_history(revops.user, criterion)
    assert [(row.revision, row.operation, row.change.verb, row.by) for row in rows] == [
        (1, "create", "add_criterion", revops.user),
        (2, "change", "edit_criterion", revops.user),
        (3, "change", "archive_criterion", revops.user),
    ]
    assert rows[1].fields == {"applies_when": ["", "amount > money(50000)"]}
    assert rows[1].change.reason == "Too many questions"
    with pytest.raises(InvalidInput, match="already exists"):
        add_criterion(revops, stages["closing"].pk, "large", "approval")
    with pytest.raises(InvalidInput, match="A lost stage has no gate"):
        add_criterion(revops, stages["lost"].pk, "why", "field", field="lost_detail")


def test_shortcuts_lead_forward_in_one_pipeline(revops: Actor, stages: dict[str, Stage]) -> None:
    shortcut = add_shortcut(revops, stages["identified"].pk, stages["closing"].pk, {"en": "They are in a hurry."})
    other = create_from_template(revops, "services").stages.get(key="accepted")
    for origin, target, said in [
        (stages["closing"], stages["qualified"], "forward"),
        (stages["identified"], stages["lost"], "not end at a lost one"),
        (stages["won"], stages["closing"], "begins at an open stage"),
        (stages["identified"], other, "one pipeline"),
        (stages["identified"], stages["closing"], "already exists"),
    ]:
        with pytest.raises(InvalidInput, match=said):
            add_shortcut(revops, origin.pk, target.pk)
    pk = shortcut.pk
    remove_shortcut(revops, pk)
    assert not Shortcut.objects.filter(pk=pk).exists()
    rows = RecordChange.objects.filter(record_type="shortcut", record_id=pk).order_by("id")
    assert [(row.operation, row.fields["target_id"]) for row in rows] == [
        ("create", [None, stages["closing"].pk]),
        ("remove", [stages["closing"].pk, None]),
    ]
