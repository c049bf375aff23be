"""The laws of the ledger, on histories that hypothesis makes up: ties, reopenings, late corrections, moves in and out."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.ledger.postings import LINES
from penstock.library import History, Waterfall
from tests.ledger import oracle
from tests.ledger.oracle import Asked, Version
from tests.ledger.tables import history

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 120
MEASURES = ("amount", "weighted", "count")


def line(deal: str, chance: random.Random) -> list[Version]:
    """The versions of one opportunity; few different values, so that things coincide."""
    versions = []
    moments = sorted(chance.randrange(DAYS * 4) for _ in range(chance.randint(1, 7)))
    for seq, moment in enumerate(moments):
        effective = EPOCH + timedelta(hours=6 * moment)
        versions.append(
            Version(
                opportunity_id=deal,
                effective_at=effective,
                seq=seq,
                status=chance.choice(["open", "open", "open", "won", "lost", "removed"]),
                amount=chance.choice([None, 0, 1, 15, 25, 10_000, 99_999, -500]),
                close_date=chance.choice([None, date(2025, 12, 1) + timedelta(days=chance.randrange(450))]),
                qualified=chance.random() < 0.7,
                probability=chance.choice([None, 0, 1000, 3333, 5000, 10_000]),
                recorded_at=effective + timedelta(days=chance.choice([0, 0, 0, 1, 40])),
                stage=chance.choice(["a", "b", None]),
                dims={"region": chance.choice(["EMEA", "AMER", None]), "owner": chance.choice("xyz")},
            )
        )
    return versions


def company(seed: int) -> list[Version]:
    """Forty opportunities. Deals don't touch each other, so one large history tries as much as many small ones, sooner."""
    chance = random.Random(seed)
    return [version for number in range(40) for version in line(f"O{number:02}", chance)]


def histories() -> st.SearchStrategy[list[Version]]:
    """Made-up companies."""
    return st.integers(0, 2**32).map(company)


law = settings(max_examples=max(4, settings().max_examples // 10))
INSTANTS = st.integers(0, DAYS).map(lambda day: EPOCH + timedelta(days=day))
HORIZONS = st.sampled_from([None, (date(2026, 1, 1), date(2027, 1, 1)), (date(2026, 2, 1), date(2026, 5, 1))])
GROUPINGS = st.sampled_from([(), ("region",), ("owner", "region"), ("stage",)])


def opened(versions: list[Version]) -> History:
    return history(versions, ["region", "owner"])


def horizon(chosen: tuple[date, date] | None) -> Any:
    return chosen or "all"


def elements(waterfall: Waterfall) -> dict[str, int]:
    """All that adds up over time: elements and lines, without the two ends."""
    money = waterfall.total.money
    return {"new": money.new, "change": money.change, "won": money.won, "lost": money.lost, **money.lines}


def by_group(waterfall: Waterfall) -> dict[tuple[Any, ...], dict[str, int]]:
    """Every group's non-zero figures, as the oracle writes them."""
    table = {}
    for group in waterfall.groups:
        money = group.money
        row = {"starting": money.starting, "ending": money.ending, "new": money.new, "lost": money.lost, **money.lines}
        table[tuple(group.group.values())] = {name: value for name, value in row.items() if value}
    return {key: row for key, row in table.items() if row}


@law
@given(histories(), INSTANTS, INSTANTS, HORIZONS, GROUPINGS, st.booleans(), st.sampled_from(MEASURES))
def test_waterfall_is_what_the_rule_table_says(versions, one, other, chosen, by, as_is, measure):
    start, end = sorted((one, other))
    asked = Asked(start, end, chosen, by, as_is, measure)
    expected = {key: row for key, row in oracle.waterfall(versions, asked).items() if row}
    waterfall = opened(versions).waterfall(start, end, by=by, as_is=as_is, measure=measure, horizon=horizon(chosen))
    assert by_group(waterfall) == expected


@law
@given(histories(), INSTANTS, INSTANTS, HORIZONS, GROUPINGS, st.sampled_from(MEASURES))
def test_it_ties_out_for_every_deal_group_and_in_deals(versions, one, other, chosen, by, measure):
    start, end = sorted((one, other))
    waterfall = opened(versions).waterfall(start, end, by=(*by, "opportunity_id"), measure=measure, horizon=horizon(chosen))
    for group in (*waterfall.groups, waterfall.total):
        for figures in (group.money, group.counts):
            assert figures.starting + figures.new + figures.change + figures.won + figures.lost == figures.ending
            assert figures.residual == 0
            assert figures.won == figures.lines["booked"] + figures.lines["reversed"]
            change = [line for line in LINES if line not in ("booked", "reversed")]
            assert figures.change == sum(figures.lines[line] for line in change)


@law
@given(histories(), INSTANTS, INSTANTS, HORIZONS, GROUPINGS, st.booleans(), st.sampled_from(MEASURES))
def test_drill_adds_up_to_each_figure(versions, one, other, chosen, by, as_is, measure):
    start, end = sorted((one, other))
    asked = Asked(start, end, chosen, by, as_is, measure)
    options = {"by": by, "as_is": as_is, "measure": measure, "horizon": horizon(chosen)}
    seen = opened(versions)
    rows = list(seen.postings(start, end, **options).rows())
    found = sorted(
        (r["element"], r["line"], tuple(map(str, r["group"].values())), r["amount"], r["opportunity_id"]) for r in rows
    )
    expected = sorted((e, line, tuple(map(str, g)), money, deal) for e, line, g, money, deal in oracle.postings(versions, asked))
    assert found == expected
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row["line"]] += row["amount"]
    waterfall = seen.waterfall(start, end, **options)
    assert {**waterfall.lines, "new": waterfall.new, "lost": waterfall.lost} == {
        line: sums[line] for line in (*LINES, "new", "lost")
    }


@law
@given(histories(), st.lists(INSTANTS, min_size=3, max_size=6), HORIZONS, GROUPINGS, st.sampled_from(MEASURES))
def test_windows_add_up_over_time_and_chain(versions, moments, chosen, by, measure):
    moments = sorted(moments)
    seen, options = opened(versions), {"by": by, "measure": measure, "horizon": horizon(chosen)}
    parts = [seen.waterfall(a, b, **options) for a, b in pairwise(moments)]
    whole = seen.waterfall(moments[0], moments[-1], **options)
    summed = {name: sum(elements(part)[name] for part in parts) for name in elements(whole)}
    assert summed == elements(whole)
    assert [part.starting for part in parts[1:]] == [part.ending for part in parts[:-1]]
    assert (parts[0].starting, parts[-1].ending) == (whole.starting, whole.ending)


@law
@given(histories(), INSTANTS, INSTANTS, HORIZONS, GROUPINGS, st.sampled_from(MEASURES))
def test_groupings_agree_on_the_total(versions, one, other, chosen, by, measure):
    start, end = sorted((one, other))
    seen, options = opened(versions), {"measure": measure, "horizon": horizon(chosen)}
    plain = seen.waterfall(start, end, **options).total.money
    for as_is in (False, True):
        split = seen.waterfall(start, end, by=by, as_is=as_is, **options).total.money
        moved = {"transferred_in", "transferred_out", "booked", "reversed"}
        assert (split.starting, split.new, split.change, split.won, split.lost, split.ending) == (
            plain.starting,
            plain.new,
            plain.change,
            plain.won,
            plain.lost,
            plain.ending,
        )
        assert split.lines["transferred_in"] + split.lines["transferred_out"] == 0
        assert all(split.lines[line] == plain.lines[line] for line in LINES if line not in moved)


@law
@given(histories(), INSTANTS, INSTANTS, st.randoms(use_true_random=False))
def test_order_of_input_rows_is_irrelevant(versions, one, other, shuffler: random.Random):
    start, end = sorted((one, other))
    shuffled = list(versions)
    shuffler.shuffle(shuffled)
    assert (
        opened(versions).waterfall(start, end, by="region").to_dict()
        == opened(shuffled).waterfall(start, end, by="region").to_dict()
    )


@law
@given(histories(), INSTANTS, INSTANTS, INSTANTS, HORIZONS)
def test_late_correction_changes_nothing_known_before_it(versions, one, other, known_at, chosen):
    start, end = sorted((one, other))
    known = [version for version in versions if version.recorded <= known_at]
    options = {"by": ("region",), "horizon": horizon(chosen)}
    if not known:
        return
    then = opened(known).waterfall(start, end, **options).to_dict()
    now = opened(versions).waterfall(start, end, known_at=known_at, **options).to_dict()
    assert {**now, "evidence": None} == {**then, "evidence": None}


@law
@given(histories(), st.sampled_from(MEASURES), GROUPINGS)
def test_roll_chains_quarters(versions, measure, by):
    seen = opened(versions)
    for name, following in (("2026Q1", "2026Q2"), ("2026Q2", "2026Q3")):
        this, after = (seen.waterfall(quarter, by=by, measure=measure, horizon="4q") for quarter in (name, following))
        roll = this.total.roll
        assert roll["next_starting"] == this.ending + roll["entering"] - roll["overdue"] == after.starting
        starts = {tuple(group.group.values()): group.money.starting for group in after.groups if group.money.starting}
        rolled = {tuple(group.group.values()): group.roll["next_starting"] for group in this.groups}
        assert {key: money for key, money in rolled.items() if money} == starts
        parts = this.total.parts["ending"]
        assert parts["this_quarter"] + parts["next_three"] == this.ending


@law
@given(histories(), INSTANTS, HORIZONS, GROUPINGS, st.booleans())
def test_snapshot_is_what_the_oracle_counts(versions, at, chosen, by, as_is):
    snapshot = opened(versions).snapshot(at, by=by, as_is=as_is, horizon=horizon(chosen))
    for measure in MEASURES:
        asked = Asked(at, at, chosen, by, as_is, measure)
        found = {tuple(group["group"].values()): group[measure] for group in snapshot.groups if group[measure]}
        assert found == {key: money for key, money in oracle.pipeline(versions, at, asked).items() if money}
        overdue = [v for v, _ in oracle.standing(versions, at, asked) if oracle.place(v, chosen) == "before"]
        assert snapshot.total["overdue"][measure] == sum(oracle.value(v, measure) for v in overdue)


@law
@given(histories(), st.lists(INSTANTS, min_size=1, max_size=5, unique=True), HORIZONS, GROUPINGS, st.booleans())
def test_trend_is_a_row_of_snapshots(versions, moments, chosen, by, rolling):
    seen, moments = opened(versions), sorted(moments)
    view = {"by": by, "horizon": "4q" if rolling else horizon(chosen)}
    trend = seen.trend(moments[0], moments[-1], instants=moments, **view)
    for moment, point in zip(moments, trend.points, strict=True):
        snapshot = seen.snapshot(moment, **view)
        standing = [{name: g[name] for name in ("group", *MEASURES)} for g in snapshot.groups if g["count"]]
        assert list(point["groups"]) == standing
        assert all(point["total"][measure] == snapshot.total[measure] for measure in MEASURES)


@law
@given(histories(), INSTANTS, INSTANTS, HORIZONS, st.sampled_from(MEASURES))
def test_net_view_ties_out_to_the_same_ends(versions, one, other, chosen, measure):
    start, end = sorted((one, other))
    seen, options = opened(versions), {"measure": measure, "horizon": horizon(chosen)}
    net, waterfall = seen.net(start, end, **options), seen.waterfall(start, end, **options)
    assert (net.starting, net.ending) == (waterfall.starting, waterfall.ending)
    assert sum(label["amount"] for label in net.labels.values()) == net.ending - net.starting
    deals = seen.waterfall(start, end, by="opportunity_id", **options)
    moved = {group.group["opportunity_id"]: group.money.ending - group.money.starting for group in deals.groups}
    for deal in net.deals:
        assert deal["amount"] == moved.get(deal["opportunity_id"], 0)
