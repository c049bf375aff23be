"""The templates are complete in three languages, and what is made from them works."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.custom_fields import archive_custom_field, declare_custom_field
from penstock.crm.actions.pipeline_soundness import faults_of_criterion
from penstock.crm.actions.setup_history import setup_history
from penstock.crm.models import Criterion, CustomField, Pipeline, Shortcut, Stage
from penstock.crm.pipelines import create_from_template, templates
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound

KEYS = ["saas_loop", "classic", "property", "services", "startup", "enterprise"]
LANGUAGES = {"en", "fr", "it"}


def test_the_six_templates_are_offered_in_order() -> None:
    assert [template.key for template in templates()] == KEYS
    saas = templates()[0]
    assert [(stage.key, stage.probability) for stage in saas.stages] == [
        ("identified", 1000),
        ("qualified", 2000),
        ("free_trial", 4000),
        ("closing", 5000),
        ("commit", 9500),
        ("won", 10000),
        ("lost", 0),
    ]
    assert [len(template.stages) for template in templates()] == [7, 8, 7, 6, 7, 11]
    assert all(set(template.names) == set(template.about) == LANGUAGES for template in templates())


@pytest.mark.parametrize("key", KEYS)
def test_every_text_of_a_template_is_there_in_every_language(revops: Actor, key: str) -> None:
    pipeline = create_from_template(revops, key)
    for stage in pipeline.stages.all():
        assert set(stage.names) == set(stage.guidance) == LANGUAGES, stage
        for language, text in stage.guidance.items():
            assert 2 <= text.count(". ") + text.count("? ") + 1 <= 4, (stage, language)
            assert text.endswith(".")
        assert len(set(stage.guidance.values())) == 3
        assert stage.kind != "open" or stage.target_days
    criteria = Criterion.objects.filter(stage__pipeline=pipeline)
    assert criteria
    assert all(set(criterion.label) == LANGUAGES and all(criterion.label.values()) for criterion in criteria)
    assert not [faults for criterion in criteria if (faults := faults_of_criterion(criterion))]
    assert all(set(shortcut.note) == LANGUAGES for shortcut in Shortcut.objects.filter(origin__pipeline=pipeline))
    assert all(set(field.labels) == LANGUAGES for field in CustomField.objects.all())


@pytest.mark.parametrize("key", KEYS)
def test_probabilities_rise_and_the_gates_hold_what_they_must(revops: Actor, key: str) -> None:
    pipeline = create_from_template(revops, key)
    opens = list(pipeline.stages.filter(kind="open").order_by("position"))
    assert [stage.probability for stage in opens] == sorted(stage.probability for stage in opens)
    kinds = list(pipeline.stages.order_by("position").values_list("kind", flat=True))
    assert kinds == sorted(kinds, key=["open", "won", "lost"].index)
    assert not pipeline.stages.get(kind="lost").criteria.exists()


def test_bant_opens_qualified_and_the_facts_of_the_contract_open_commit(revops: Actor) -> None:
    pipeline = create_from_template(revops, "saas_loop")

    def fields(stage: str) -> list[str]:
        gate = Criterion.objects.filter(stage__pipeline=pipeline, stage__key=stage)
        return list(gate.order_by("position").values_list("field", flat=True))

    assert fields("qualified") == ["budget", "authority", "need", "timeline", "amount"]
    assert fields("commit") == [
        "",
        "close_date",
        "custom.contract_start",
        "custom.onboarding_contact",
        "custom.onboarding_plan",
        "custom.billing_contact",
        "custom.billing_details",
    ]
    (shortcut,) = Shortcut.objects.filter(origin__pipeline=pipeline)
    assert (shortcut.origin.key, shortcut.target.key) == ("free_trial", "commit")


def test_a_template_is_named_in_the_active_language_and_made_as_often_as_wanted(revops: Actor) -> None:
    with override("it"):
        first = create_from_template(revops, "saas_loop")
    second = create_from_template(revops, "saas_loop", name="Second loop")
    assert (first.name, first.key, first.template) == ("Ciclo di vendita SaaS", "saas_loop", "saas_loop")
    assert (second.name, second.key) == ("Second loop", "second_loop")
    assert CustomField.objects.filter(key="contract_start").count() == 1
    assert [row.operation for row in setup_history(None, first)] == ["create"]
    assert all(len(setup_history(None, stage)) == 1 for stage in first.stages.all())


def test_a_custom_field_of_another_kind_is_not_overwritten(revops: Actor) -> None:
    field = declare_custom_field(revops, "opportunity", "contract_start", "text", {"en": "Start"})
    with pytest.raises(InvalidInput, match="custom field contract_start of the kind date, but there is one of the kind text"):
        create_from_template(revops, "saas_loop")
    assert not Pipeline.objects.exists()
    assert list(CustomField.objects.all()) == [field]


def test_an_archived_custom_field_is_taken_out_again(revops: Actor) -> None:
    field = declare_custom_field(revops, "opportunity", "trial_ends", "date", {"en": "Until"})
    archive_custom_field(revops, field.pk)
    create_from_template(revops, "saas_loop")
    field.refresh_from_db()
    assert (field.archived, field.labels) == (False, {"en": "Until"})


def test_only_those_who_configure_make_pipelines(actor: Actor, revops: Actor) -> None:
    with pytest.raises(NotAllowed, match="revenue operations"):
        create_from_template(actor, "saas_loop")
    with pytest.raises(NotFound, match="template"):
        create_from_template(revops, "saas")
    assert not Pipeline.objects.exists()
    assert not Stage.objects.exists()
    assert not CustomField.objects.exists()
