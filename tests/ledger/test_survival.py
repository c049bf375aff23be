"""Survival curves against lifelines, and against arithmetic that needs no library."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from penstock.ledger.survival import aalen_johansen, kaplan_meier

TIED = st.lists(st.tuples(st.integers(1, 8), st.booleans(), st.integers(1, 4)), min_size=1, max_size=25)
APART = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), min_size=2, max_size=30, unique_by=lambda row: row[0])


@given(TIED)
def test_kaplan_meier_and_its_interval_are_those_of_lifelines(rows: list[tuple[int, bool, int]]) -> None:
    curve = kaplan_meier(rows)
    each = [(duration, observed) for duration, observed, weight in rows for _ in range(weight)]
    theirs = KaplanMeierFitter(alpha=0.05).fit([d for d, _ in each], [o for _, o in each])
    bounds = theirs.confidence_interval_
    for time, survival, (low, high), variance in zip(
        curve.times, curve.survival, curve.interval(0.95), curve.variance, strict=True
    ):
        assert survival == pytest.approx(theirs.survival_function_at_times(time).iloc[0], abs=1e-12)
        if 1e-9 < survival < 1 - 1e-9:
            assert (low, high) == pytest.approx(tuple(bounds.loc[time]), abs=1e-9)
            assert low <= survival <= high
            assert variance > 0


@given(APART)
def test_aalen_johansen_is_that_of_lifelines_where_no_two_durations_are_equal(rows: list[tuple[int, int]]) -> None:
    mine = aalen_johansen((duration, outcome, 1) for duration, outcome in rows)
    for outcome in (1, 2, 3):
        if all(found != outcome for _, found in rows):
            assert mine.at(outcome, 100) == 0
            continue
        fitter = AalenJohansenFitter(calculate_variance=False)
        fitter.fit([d for d, _ in rows], [o for _, o in rows], event_of_interest=outcome)
        theirs = fitter.cumulative_density_.iloc[:, 0]
        assert {time: mine.at(outcome, time) for time in mine.times} == pytest.approx(
            {time: theirs.loc[time] for time in mine.times}, abs=1e-12
        )


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 5)), max_size=25))
def test_with_ties_the_shares_are_the_textbook_sum_and_add_up(rows: list[tuple[int, int, int]]) -> None:
    mine = aalen_johansen(rows)
    surviving, shares = Fraction(1), dict.fromkeys((1, 2, 3), Fraction(0))
    for time in sorted({duration for duration, _, weight in rows if weight}):
        at_risk = sum(weight for duration, _, weight in rows if duration >= time)
        ended = {o: sum(w for d, outcome, w in rows if (d, outcome) == (time, o)) for o in shares}
        for outcome, weight in ended.items():
            shares[outcome] += surviving * Fraction(weight, at_risk)
        surviving *= 1 - Fraction(sum(ended.values()), at_risk)
        for outcome, share in shares.items():
            assert mine.at(outcome, time) == pytest.approx(float(share), abs=1e-12)
    total = [sum(share[i] for share in mine.share.values()) + running for i, running in enumerate(mine.running)]
    assert total == pytest.approx([1.0] * len(mine.times))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.sampled_from([0.1, 0.25, 0.5, 0.9, 1.0]))
def test_without_censoring_a_quantile_is_the_shortest_duration_that_so_many_reach(lengths: list[int], share: float) -> None:
    wanted = next(t for t in sorted(lengths) if Fraction(sum(x <= t for x in lengths), len(lengths)) >= Fraction(str(share)))
    assert kaplan_meier((length, True, 1) for length in lengths).quantile(share) == wanted


@given(TIED, st.sampled_from([0.25, 0.5, 0.9]))
def test_weights_are_repetitions(rows: list[tuple[int, bool, int]], share: float) -> None:
    each = [(duration, observed, 1) for duration, observed, weight in rows for _ in range(weight)]
    assert kaplan_meier(rows) == kaplan_meier(each)
    assert kaplan_meier(rows).quantile(share) == kaplan_meier(each).quantile(share)


def test_a_quantile_that_the_curve_does_not_reach_is_none() -> None:
    curve = kaplan_meier([(5, True, 1), (9, False, 2)])
    assert curve.quantile(0.3) == 5
    assert curve.quantile(0.5) is None
    assert curve.at(4) == 1
    assert curve.at(5) == pytest.approx(2 / 3)


def test_nothing_gives_an_empty_curve() -> None:
    assert kaplan_meier([]).quantile(0.5) is None
    assert aalen_johansen([(3, 1, 0)]).at(1, 10) == 0


@pytest.mark.parametrize("row", [(-1, True, 1), (1, True, -1)])
def test_negative_durations_and_weights_are_refused(row: tuple[int, bool, int]) -> None:
    with pytest.raises(ValueError, match="neither can be negative"):
        kaplan_meier([row])


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_a_quantile_takes_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="not a share"):
        kaplan_meier([(1, True, 1)]).quantile(share)


def test_the_last_supported_age_has_enough_at_risk() -> None:
    curve = aalen_johansen([(1, 1, 5), (2, 0, 4), (3, 2, 3)])
    assert list(curve.at_risk) == [12, 7, 3]
    assert curve.last_supported(7) == 2
    assert curve.last_supported(13) is None
