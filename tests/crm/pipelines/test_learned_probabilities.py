"""Probabilities are learned from what became of the deals, open ones neither won nor lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.opportunities import create_opportunities, remove_opportunities, set_forecast
from penstock.crm.actions.pipeline_stages import edit_stage
from penstock.crm.actions.probabilities import apply_learned, latest_learned, learn, unlearn
from penstock.crm.actions.setup_history import setup_history
from penstock.crm.actions.stages import change_stages
from penstock.crm.models import Account, LearnedProbability, Opportunity, Pipeline, Stage
from penstock.crm.probabilities import FEWEST, Run, figure, runs_of, wilson
from penstock.crm.refusals import InvalidInput, NotAllowed
from tests.crm.pipelines.derivation import not_derived

START = datetime(2025, 1, 1, tzinfo=UTC)
Way = tuple[str, ...]


def run(outcome: int, days: float) -> Run:
    return Run(START, days * 86_400, outcome)


@pytest.fixture
def history(actor: Actor, account: Account, stages: dict[str, Stage]) -> dict[Way, list[int]]:
    """A hundred deals: the ways that they went, the last step 40 days ago, and their ids."""
    ways: dict[Way, int] = {
        ("qualified", "closing", "won"): 30,
        ("won",): 5,
        ("qualified", "closing", "lost"): 10,
        ("qualified", "lost"): 20,
        ("closing", "qualified", "lost"): 5,
        ("lost",): 20,
        ("qualified",): 10,
    }
    now = timezone.now()
    found = {}
    for way, count in ways.items():
        born = actor.but(at=now - timedelta(days=100))
        ids = create_opportunities(born, [{"name": f"{way} {n}", "account": account.pk} for n in range(count)]).done
        for step, key in enumerate(way):
            fields = {"lost_reason": "price"} if key == "lost" else {}
            change_stages(actor.but(at=now - timedelta(days=80 - 20 * step)), ids, stages[key].pk, fields=fields)
        found[way] = ids
    return found


def test_without_open_deals_it_is_the_plain_share() -> None:
    found = figure([run(1, 10)] * 12 + [run(2, 3)] * 28)
    assert found is not None
    assert found.probability == pytest.approx(0.3)
    assert (found.deals, found.won, found.pending) == (40, 12, 0)


def test_open_deals_are_pending_and_not_losses() -> None:
    """One is lost after a day; of the nine others eight are still open on day two, and the last is won on day five."""
    found = figure([run(2, 1), *[run(0, 2)] * 8, run(1, 5)])
    assert found is not None
    # Nine of ten pass the first day, and whoever is left is won: 0.9 won, 0.1 lost; the plain share would be a half.
    assert found.probability == pytest.approx(0.9)
    assert (found.deals, found.won, found.pending) == (2, 1, 8)


def test_nothing_is_said_of_deals_that_are_all_open() -> None:
    assert figure([run(0, 5)] * 50) is None
    assert figure([]) is None


@given(won=st.integers(0, 60), lost=st.integers(0, 60))
def test_the_interval_is_wilsons(won: int, lost: int) -> None:
    """Its bounds are the shares p that lie 1.96 standard errors, taken at p itself, from what was seen."""
    n = won + lost
    if not n:
        return
    share, z = won / n, 1.959963984540054
    low, high = wilson(share, n)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    for bound in (low, high):
        assert (share - bound) ** 2 == pytest.approx(z * z * bound * (1 - bound) / n, abs=1e-12)


def test_what_counts_is_the_furthest_stage_that_a_deal_reached(
    pipeline: Pipeline, stages: dict[str, Stage], history: dict[Way, list[int]]
) -> None:
    runs = runs_of(pipeline, timezone.now())
    counted = {
        key: tuple(sum(one.outcome == outcome for one in runs[stages[key].pk]) for outcome in (1, 2, 0))
        for key in ("identified", "qualified", "closing")
    }
    assert counted == {"identified": (35, 55, 10), "qualified": (35, 35, 10), "closing": (35, 15, 0)}


def test_learning_keeps_the_evidence_and_changes_nothing_yet(
    revops: Actor, pipeline: Pipeline, stages: dict[str, Stage], history: dict[Way, list[int]]
) -> None:
    found = learn(revops, pipeline.pk)
    assert not found.refused
    closing = LearnedProbability.objects.get(stage=stages["closing"])
    assert found.learned[stages["closing"].pk] == closing
    assert (closing.probability, closing.deals, closing.won, closing.pending) == (7_000, 50, 35, 0)
    low, high = wilson(0.7, 50)
    assert (closing.low, closing.high) == (round(low * 10_000), round(high * 10_000))
    assert (closing.method, timezone.now() - closing.since > timedelta(days=79)) == ("Aalen-Johansen, Wilson 95 %", True)
    assert Stage.objects.get(key="closing").probability == 5_000
    assert not Pipeline.objects.get().learned


def test_a_stage_that_few_closed_deals_reached_keeps_its_figure(
    revops: Actor, pipeline: Pipeline, stages: dict[str, Stage], history: dict[Way, list[int]]
) -> None:
    for way in ((("qualified", "closing", "won")), (("qualified", "closing", "lost"))):
        remove_opportunities(revops, history[way])
    found = learn(revops, pipeline.pk)
    assert set(found.learned) == {stages["identified"].pk, stages["qualified"].pk}
    refusal = found.refused[stages["closing"].pk]
    assert refusal.faults["probability"] == [f"10 closed deals have reached this stage; {FEWEST} are needed."]
    apply_learned(revops, pipeline.pk)
    assert Stage.objects.get(key="closing").probability == 5_000


def test_only_deals_since_a_moment_count(
    revops: Actor, pipeline: Pipeline, stages: dict[str, Stage], history: dict[Way, list[int]]
) -> None:
    since = timezone.now() - timedelta(days=70)
    found = learn(revops, pipeline.pk, since)
    # Those who went through qualified first reached closing 60 days ago; the others 80.
    (row,) = found.learned.values()
    assert (row.stage_id, row.deals, row.won, row.since) == (stages["closing"].pk, 40, 30, since)


def test_learned_probabilities_are_put_into_force_and_taken_back(
    revops: Actor, actor: Actor, pipeline: Pipeline, stages: dict[str, Stage], history: dict[Way, list[int]]
) -> None:
    with pytest.raises(InvalidInput, match="Learn first"):
        apply_learned(revops, pipeline.pk)
    rows = learn(revops, pipeline.pk).learned
    by_hand, open_deal = history["qualified",][:2]
    set_forecast(actor, by_hand, probability=9_900)
    assert apply_learned(revops, pipeline.pk).learned
    learned = {stage.pk: stage.probability for stage in Stage.objects.filter(kind="open")}
    assert learned == {pk: row.probability for pk, row in rows.items()}
    assert Opportunity.objects.get(pk=open_deal).probability == rows[stages["qualified"].pk].probability
    assert Opportunity.objects.get(pk=by_hand).probability == 9_900
    assert not not_derived()
    with pytest.raises(InvalidInput, match="are learned from history"):
        edit_stage(revops, stages["qualified"].pk, probability=2_500)
    assert not unlearn(revops, pipeline.pk).learned
    hand = dict(Stage.objects.filter(kind="open").values_list("key", "probability"))
    assert hand == {"identified": 1_000, "qualified": 2_000, "closing": 5_000}
    assert Opportunity.objects.get(pk=open_deal).probability == 2_000
    assert not not_derived()
    assert [row.change.verb for row in setup_history(None, stages["qualified"])] == ["apply_learned", "unlearn"]
    with pytest.raises(InvalidInput, match="by hand already"):
        unlearn(revops, pipeline.pk)


def test_figures_by_hand_survive_a_second_learning(
    revops: Actor, pipeline: Pipeline, stages: dict[str, Stage], history: dict[Way, list[int]]
) -> None:
    learn(revops, pipeline.pk)
    apply_learned(revops, pipeline.pk)
    remove_opportunities(revops, history["qualified", "closing", "lost"])
    learn(revops, pipeline.pk)
    apply_learned(revops, pipeline.pk)
    assert Stage.objects.get(key="closing").probability == latest_learned(pipeline.pk)[stages["closing"].pk].probability == 8_750
    # Too few are left for closing: it gets its own figure back while the others stay learned.
    remove_opportunities(revops, history["qualified", "closing", "won"])
    learn(revops, pipeline.pk)
    apply_learned(revops, pipeline.pk)
    assert Stage.objects.get(key="closing").probability == 5_000
    unlearn(revops, pipeline.pk)
    hand = dict(Stage.objects.filter(kind="open").values_list("key", "probability"))
    assert hand == {"identified": 1_000, "qualified": 2_000, "closing": 5_000}
    assert LearnedProbability.objects.filter(stage=stages["closing"]).count() == 2


def test_only_those_who_configure_learn(manager: Actor, pipeline: Pipeline, stages: dict[str, Stage]) -> None:
    for verb in (learn, apply_learned, unlearn):
        with pytest.raises(NotAllowed):
            verb(manager, pipeline.pk)
