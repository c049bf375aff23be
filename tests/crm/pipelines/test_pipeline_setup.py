"""RevOps sets pipelines up; their deals follow, and the history says who changed what."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunities, set_forecast
from penstock.crm.actions.pipeline_gates import (
    add_criterion,
    add_shortcut,
    edit_criterion,
    remove_shortcut,
)
from penstock.crm.actions.pipeline_stages import add_stage, archive_stage, edit_stage, move_stage
from penstock.crm.actions.pipelines import archive_pipeline, create_pipeline, edit_pipeline, rename_pipeline
from penstock.crm.actions.setup_history import setup_history
from penstock.crm.actions.stages import change_stage
from penstock.crm.models import (
    Account,
    Criterion,
    Opportunity,
    OpportunityVersion,
    Pipeline,
    RecordChange,
    Stage,
)
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound
from tests.crm.pipelines.derivation import not_derived

STAGES: list[dict[str, Any]] = [
    {"key": "talk", "names": {"en": "Talk"}, "probability": 2000},
    {"key": "done", "names": {"en": "Done"}, "kind": "won"},
    {"key": "gone", "names": {"en": "Gone"}, "kind": "lost"},
]


def order(pipeline: Pipeline) -> list[str]:
    return list(pipeline.stages.filter(archived=False).order_by("position").values_list("key", flat=True))


def test_a_pipeline_is_made_with_its_stages_and_gates(revops: Actor) -> None:
    gate = [{"key": "need", "kind": "field", "field": "need", "label": {"en": "Need"}}]
    stages = [STAGES[0], {"key": "offer", "names": {"en": "Offer"}, "probability": 5000, "criteria": gate}, *STAGES[1:]]
    shortcuts = [{"origin": "talk", "target": "done"}]
    made = create_pipeline(revops, "Cloud sales", stages, required_fields=["amount"], shortcuts=shortcuts)
    assert (made.key, order(made)) == ("cloud_sales", ["talk", "offer", "done", "gone"])
    assert [(stage.probability, stage.forecast_category) for stage in made.stages.order_by("position")] == [
        (2000, "pipeline"),
        (5000, "pipeline"),
        (10000, "closed"),
        (0, "omitted"),
    ]
    assert [one.field for one in Criterion.objects.all()] == ["need"]
    (row,) = setup_history(revops.user, Criterion.objects.get())
    assert (row.operation, row.by, row.change.verb) == ("create", revops.user, "create_pipeline")
    assert row.fields["field"] == [None, "need"]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (STAGES[:2], "at least one stage of the kind “Lost”"),
        ([STAGES[0], STAGES[2]], "at least one stage of the kind “Won”"),
        (STAGES[1:], "at least one stage of the kind “Open”"),
        ([*STAGES, {"key": "late", "names": {"en": "Late"}, "counted": False}], "must count too"),
        ([{**STAGES[0], "key": f"s{n}"} for n in range(14)] + STAGES[1:], "2 to 15 stages"),
        ([STAGES[0], *STAGES], "already exists"),
        ([{**STAGES[0], "probability": 10_001}, *STAGES[1:]], "between 0 and 100 %"),
        ([{**STAGES[0], "forecast_category": "closed"}, *STAGES[1:]], "Only a won stage is closed"),
        ([{**STAGES[0], "names": {}}, *STAGES[1:]], "at least one language"),
        ([{**STAGES[0], "names": {"de": "Gespräch"}}, *STAGES[1:]], "de is no language here"),
        ([{**STAGES[0], "colour": "red"}, *STAGES[1:]], "no such field"),
    ],
)
def test_a_pipeline_that_cannot_work_is_refused_whole(revops: Actor, stages: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        create_pipeline(revops, "Sales", stages)
    assert not Pipeline.objects.exists()
    assert not RecordChange.objects.filter(record_type__in=["pipeline", "stage"]).exists()


def test_another_probability_is_written_into_the_open_deals(
    revops: Actor, actor: Actor, account: Account, stages: dict[str, Stage]
) -> None:
    rows = [{"name": f"Deal {number}", "account": account.pk} for number in range(1_005)]
    deals = create_opportunities(actor, rows).done
    by_hand, elsewhere = deals[0], deals[1]
    set_forecast(actor, by_hand, probability=7_700)
    change_stage(actor, elsewhere, stages["closing"].pk)
    before = OpportunityVersion.objects.count()
    edit_stage(revops, stages["identified"].pk, probability=1_500, forecast_category="omitted")
    found = Opportunity.objects.in_bulk(deals)
    assert {found[pk].probability for pk in deals[2:]} == {1_500}
    assert (found[by_hand].probability, found[by_hand].forecast_category) == (7_700, "omitted")
    assert found[elsewhere].probability == 5_000
    assert OpportunityVersion.objects.count() == before + 1_004
    assert not not_derived()
    row = setup_history(revops.user, stages["identified"])[-1]
    assert row.fields == {"probability": [1000, 1500], "forecast_category": ["pipeline", "omitted"]}
    version = OpportunityVersion.objects.filter(opportunity=deals[5]).last()
    assert version is not None
    assert version.change.caused_by == row.change


def test_counting_and_required_fields_decide_what_is_pipeline(revops: Actor, deal: Opportunity, stages: dict[str, Stage]) -> None:
    edit_stage(revops, stages["identified"].pk, counted=True)
    assert Opportunity.objects.get(pk=deal.pk).qualified
    edit_pipeline(revops, deal.pipeline_id, required_fields=["amount", "next_step"])
    assert not Opportunity.objects.get(pk=deal.pk).qualified
    assert not not_derived()
    with pytest.raises(InvalidInput, match=r"no field to fill: ammount, custom\.seats, stage"):
        edit_pipeline(revops, deal.pipeline_id, required_fields=["ammount", "custom.seats", "stage"])
    with pytest.raises(InvalidInput, match="must count too"):
        edit_stage(revops, stages["qualified"].pk, counted=False)


def test_a_stage_is_added_between_others_and_only_the_deals_that_moved_are_written(
    revops: Actor, actor: Actor, account: Account
) -> None:
    pipeline = create_pipeline(revops, "Cloud", STAGES)
    talk = pipeline.stages.get(key="talk")
    (deal,) = create_opportunities(actor, [{"name": "One", "account": account.pk, "stage": talk.pk}]).done
    added = add_stage(revops, pipeline.pk, key="offer", names={"en": "Offer", "fr": "Offre"}, probability=6000)
    first = move_stage(revops, added.pk, None)
    assert order(pipeline) == ["offer", "talk", "done", "gone"]
    assert OpportunityVersion.objects.filter(opportunity=deal).count() == 1
    move_stage(revops, first.pk, talk.pk)
    assert order(pipeline) == ["talk", "offer", "done", "gone"]
    for number in range(5):
        add_stage(revops, pipeline.pk, after=talk.pk, key=f"more{number}", names={"en": "More"}, probability=3000)
    assert order(pipeline) == ["talk", "more4", "more3", "more2", "more1", "more0", "offer", "done", "gone"]
    assert not not_derived()


def test_stages_without_room_between_them_are_renumbered_with_their_deals(
    revops: Actor, deal: Opportunity, actor: Actor, stages: dict[str, Stage], pipeline: Pipeline
) -> None:
    change_stage(actor, deal.pk, stages["won"].pk)
    add_stage(revops, pipeline.pk, after=stages["identified"].pk, key="met", names={"en": "Met"}, probability=1500, counted=False)
    assert order(pipeline) == ["identified", "met", "qualified", "closing", "won", "lost"]
    deal.refresh_from_db()
    assert deal.stage_order == pipeline.stages.get(key="won").position != stages["won"].position
    assert not not_derived()
    with pytest.raises(InvalidInput, match="must count too"):
        move_stage(revops, stages["identified"].pk, stages["closing"].pk)
    assert order(pipeline)[0] == "identified"
    assert not not_derived()


def test_a_stage_with_open_deals_stays(revops: Actor, actor: Actor, deal: Opportunity, stages: dict[str, Stage]) -> None:
    with pytest.raises(InvalidInput, match="1 open deals are in Identified"):
        archive_stage(revops, stages["identified"].pk)
    with pytest.raises(InvalidInput, match="1 open deals are in it"):
        archive_pipeline(revops, deal.pipeline_id)
    with pytest.raises(InvalidInput, match="of the kind “Won”"):
        archive_stage(revops, stages["won"].pk)
    change_stage(actor, deal.pk, stages["qualified"].pk)
    assert archive_stage(revops, stages["identified"].pk).archived
    assert not archive_stage(revops, stages["identified"].pk, archived=False).archived
    assert [row.fields for row in setup_history(None, stages["identified"])] == [
        {"archived": [False, True]},
        {"archived": [True, False]},
    ]
    change_stage(actor, deal.pk, stages["lost"].pk, fields={"lost_reason": "price"})
    assert archive_pipeline(revops, deal.pipeline_id).archived


def test_what_a_closed_stage_is_cannot_be_set(revops: Actor, stages: dict[str, Stage]) -> None:
    for changes in ({"probability": 5000}, {"forecast_category": "commit"}, {"counted": False}):
        with pytest.raises(InvalidInput, match="A won stage is at 100 %"):
            edit_stage(revops, stages["won"].pk, **changes)
    for changes in ({"key": "done"}, {"kind": "lost"}, {"position": 3}):
        with pytest.raises(InvalidInput, match="no such field to set"):
            edit_stage(revops, stages["qualified"].pk, **changes)
    edited = edit_stage(revops, stages["won"].pk, names={"en": "Signed", "it": "Firmato"}, guidance={"en": "Hand over."})
    assert (edited.name("it"), edited.name("fr")) == ("Firmato", "Signed")


def test_only_those_who_configure_set_pipelines_up(
    actor: Actor, manager: Actor, stages: dict[str, Stage], pipeline: Pipeline
) -> None:
    stage = stages["qualified"].pk
    tries: list[Any] = [
        lambda who: create_pipeline(who, "Mine", STAGES),
        lambda who: rename_pipeline(who, pipeline.pk, "Mine"),
        lambda who: archive_pipeline(who, pipeline.pk),
        lambda who: add_stage(who, pipeline.pk, key="x", names={"en": "X"}),
        lambda who: edit_stage(who, stage, probability=9900),
        lambda who: move_stage(who, stage, None),
        lambda who: archive_stage(who, stage),
        lambda who: add_criterion(who, stage, "x", "field", field="need"),
        lambda who: add_shortcut(who, stage, stages["won"].pk),
    ]
    for who in (actor, manager):
        for attempt in tries:
            with pytest.raises(NotAllowed):
                attempt(who)
    assert not RecordChange.objects.filter(record_type__in=["pipeline", "stage", "criterion", "shortcut"]).exists()


def test_what_is_not_there_is_said_so(revops: Actor, stages: dict[str, Stage]) -> None:
    tries: list[Any] = [
        lambda: rename_pipeline(revops, 999, "X"),
        lambda: edit_stage(revops, 999, probability=1),
        lambda: edit_criterion(revops, 999, field="need"),
        lambda: remove_shortcut(revops, 999),
        lambda: add_shortcut(revops, 999, stages["won"].pk),
    ]
    for attempt in tries:
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(InvalidInput, match="no stage 999 in this pipeline"):
        move_stage(revops, stages["qualified"].pk, 999)
    with pytest.raises(InvalidInput, match="not come after itself"):
        move_stage(revops, stages["qualified"].pk, stages["qualified"].pk)


def test_a_pipeline_is_renamed_and_keeps_its_key(revops: Actor, pipeline: Pipeline) -> None:
    assert (rename_pipeline(revops, pipeline.pk, " Loop ").name, pipeline.key) == ("Loop", "sales")
    with pytest.raises(InvalidInput, match="name"):
        rename_pipeline(revops, pipeline.pk, "")
