"""Opening a history: from a file, from any Ibis table; periods in the company's calendar and zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

import penstock
from penstock import FiscalCalendar, History, InvalidHistory
from penstock.ledger.calendar import from_micros
from penstock.ledger.rates import RateTable

NEW_YORK = FiscalCalendar(timezone="America/New_York")


def of(rows: list[dict[str, Any]], **options: Any) -> History:
    """A history of these rows; columns that none of them has are not there."""
    return History(ibis.memtable(pa.Table.from_pylist(rows)), **options)


def row(deal: str, at: datetime, **fields: Any) -> dict[str, Any]:
    return {"opportunity_id": deal, "effective_at": at, "status": "open"} | fields


@pytest.fixture(scope="module")
def sparse() -> History:
    """Nothing but the required columns and an amount, as a DuckDB memtable."""
    return of([row("A", datetime(2026, 1, 5), amount=100_00), row("B", datetime(2026, 2, 5), amount=None)])


def test_a_table_with_the_required_columns_is_enough(sparse: History):
    waterfall = sparse.waterfall("2026Q1")
    assert (waterfall.new, waterfall.ending, waterfall.total.counts.ending) == (100_00, 100_00, 2)
    assert (waterfall.currency, waterfall.minor_unit) == ("XXX", 2)
    assert waterfall.horizon is None  # without close dates there is no horizon to be inside of
    assert sparse.dimensions == ()
    assert sparse.span == (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC))


def test_every_further_column_is_a_dimension():
    history = of([row("A", datetime(2026, 1, 5), amount=1, tier=3, region="EMEA")])
    assert history.dimensions == ("tier", "region")
    assert [group.group for group in history.waterfall("2026Q1", by=("tier", "region")).groups] == [
        {"tier": "3", "region": "EMEA"}
    ]


def test_whole_microseconds_and_days_do_as_well():
    told = of([{**row("A", 1_767_225_600_000_000), "amount": 7, "close_date": 20_500}])  # type: ignore[arg-type]
    assert told.span == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert told.waterfall("2026Q1").new == 7  # closes on 16 February 2026


def test_no_figure_is_asked_of_a_history_without_rows():
    empty = of([row("A", datetime(2026, 1, 5), amount=1)])
    empty = History(empty.table.filter(ibis.literal(False)))
    assert empty.span is None
    with pytest.raises(ValueError, match="no rows"):
        _ = empty.latest_quarter
    waterfall = empty.waterfall("2026Q1", by="stage")
    assert (waterfall.starting, waterfall.ending, waterfall.groups) == (0, 0, ())


def test_nothing_was_known_before_the_first_record(sparse: History):
    waterfall = sparse.waterfall("2026Q1", known_at=date(2026, 1, 1))
    assert (waterfall.new, waterfall.ending) == (0, 0)


def test_read_takes_what_the_command_line_takes(tmp_path: Path):
    (tmp_path / "deals.csv").write_text(
        "Nr;Since;Outcome;Value\nA;05.01.2026;open;1.234,50\nB;28.01.2026;open;10\n", encoding="utf-8"
    )
    told: list[str] = []
    history = penstock.read(
        tmp_path / "deals.csv",
        map={"opportunity_id": "Nr", "effective_at": "Since", "status": "Outcome", "amount": "Value"},
        currency="EUR",
        decimal=",",
        calendar=FiscalCalendar(start_month=2),
        progress=told.append,
    )
    assert (history.reader, history.calendar.start_month) == ("versions", 2)
    assert history.waterfall("2025Q4").ending == 1244_50
    assert history.waterfall("2025Q4").currency == "EUR"
    assert told


def test_a_file_that_cannot_be_read_is_one_error_with_all_faults(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("opportunity_id,effective_at,status,amount\nA,someday,open,5\nB,2026-01-01,open,abc\n", encoding="utf-8")
    with pytest.raises(penstock.ReadError) as refusal:
        penstock.read(path)
    assert [(fault.column, list(fault.rows)) for fault in refusal.value.faults] == [("effective_at", [1]), ("amount", [2])]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-01", "2026-04-01"),
        (date(2026, 1, 1), date(2026, 4, 1)),
        (datetime(2026, 1, 1), datetime(2026, 4, 1)),
        ("2026-01-01 00:00", "2026-04-01T00:00"),
        (datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC)),
        ("2026-01-01T05:00Z", "2026-04-01T06:00+02:00"),
        (datetime(2026, 1, 1, 6, tzinfo=timezone(timedelta(hours=1))), "2026-04-01"),
    ],
)
def test_days_and_times_without_a_zone_are_local(sparse: History, start: Any, end: Any):
    """New York is five hours behind UTC in January, four in April."""
    period = sparse.with_options(calendar=NEW_YORK).period(start, end)
    assert (from_micros(period.start), from_micros(period.end)) == (
        datetime(2026, 1, 1, 5, tzinfo=UTC),
        datetime(2026, 4, 1, 4, tzinfo=UTC),
    )
    assert (period.first, period.last) == (date(2026, 1, 1), date(2026, 4, 1))


def test_a_day_on_which_the_clocks_change_has_23_or_25_hours(sparse: History):
    berlin = sparse.with_options(calendar=FiscalCalendar(timezone="Europe/Berlin"))
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 3, 30), 24), (date(2026, 10, 25), 25)):
        period = berlin.period(day, day + timedelta(days=1))
        assert from_micros(period.end) - from_micros(period.start) == timedelta(hours=hours)


def test_a_time_that_the_clocks_skipped_or_showed_twice_is_refused(sparse: History):
    berlin = sparse.with_options(calendar=FiscalCalendar(timezone="Europe/Berlin"))
    with pytest.raises(ValueError, match="did not exist"):
        berlin.snapshot("2026-03-29 02:30")
    with pytest.raises(ValueError, match="came twice"):
        berlin.snapshot(datetime(2026, 10, 25, 2, 30))
    assert berlin.snapshot("2026-10-25T02:30+02:00").at == "2026-10-25T00:30:00Z"


def test_quarters_by_name(sparse: History):
    fiscal = sparse.with_options(calendar=FiscalCalendar(start_month=2, named_by="end"))
    assert fiscal.quarter("2026Q1") == (date(2025, 2, 1), date(2025, 5, 1))
    assert str(fiscal.latest_quarter) == "2027Q1"  # 5 February 2026
    assert fiscal.waterfall("FY27 Q1").window == {"start": "2026-02-01T00:00:00Z", "end": "2026-05-01T00:00:00Z"}
    with pytest.raises(ValueError, match="not a fiscal quarter"):
        sparse.waterfall("first quarter")


def test_a_window_may_not_end_before_it_starts(sparse: History):
    with pytest.raises(ValueError, match="Swap the two"):
        sparse.waterfall("2026-02-01", "2026-01-01")


@pytest.mark.parametrize(
    ("view", "error", "says"),
    [
        ({"measure": "money"}, ValueError, "amount, weighted, count"),
        ({"horizon": "5q"}, ValueError, "4q and all"),
        ({"horizon": ("2026-02-01", "2026-01-01")}, ValueError, "Swap the two"),
        ({"by": "regio"}, ValueError, "'regio'"),
        ({"group_by": "region"}, TypeError, "group_by"),
    ],
)
def test_a_view_that_makes_no_sense(sparse: History, view: dict[str, Any], error: type[Exception], says: str):
    for ask in (lambda: sparse.waterfall("2026Q1", **view), lambda: sparse.snapshot("2026-02-01", **view)):
        with pytest.raises(error, match=says):
            ask()


def test_a_rate_that_makes_no_sense(sparse: History):
    with pytest.raises(ValueError, match="plan, dated, current"):
        sparse.with_options(rate="spot").waterfall("2026Q1")


def test_other_options_leave_the_history_as_it_was(sparse: History):
    rates = RateTable.from_rows([{"currency": "USD", "fiscal_year": 2026, "rate": "0.5"}], to="EUR")
    dollars = of([row("A", datetime(2026, 1, 5), amount=100_00, currency="USD")])
    assert dollars.with_options(currency="EUR", rates=rates).waterfall("2026Q1").ending == 50_00
    assert dollars.waterfall("2026Q1").ending == 100_00


@pytest.mark.parametrize("name", ["state", "close", "weighted", "value", "money", "created", "ends", "place", "expected"])
def test_a_dimension_may_have_any_name(name: str):
    history = of([row("A", datetime(2026, 1, 5), amount=1, **{name: "x"})])
    assert [group.group for group in history.waterfall("2026Q1", by=name).groups] == [{name: "x"}]
    assert len(list(history.postings("2026Q1", by=name).rows())) == 1


TWICE = [row("A", datetime(2026, 1, 5), amount=1), row("A", datetime(2026, 1, 5), amount=2)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [row("A", datetime(2026, 1, 5)), {**row("B", datetime(2026, 1, 5)), "opportunity_id": None}],
            "1 row .* no opportunity_id",
        ),
        ([{"opportunity_id": "A", "effective_at": None, "status": "open"}] * 2, "no column|2 rows .* no effective_at"),
        ([row("A", datetime(2026, 1, 5), status="pending")], "status 'pending'.*open, won, lost, removed"),
        ([row("A", datetime(2026, 1, 5), status=None)], "status None"),
        ([row("A", datetime(2026, 1, 5), amount=9 * 10**14 + 1)], "beyond 900000000000000 minor units"),
        ([row("A", datetime(2026, 1, 5), amount=-(9 * 10**14) - 1)], "beyond 900000000000000 minor units"),
        (TWICE, "same effective_at and seq.*A at 2026-01-05.*Give seq"),
        ([{**version, "seq": 3} for version in TWICE], "same effective_at and seq"),
        ([{"opportunity_id": "A", "status": "open"}], "no column effective_at.*it has opportunity_id, status"),
    ],
    ids=["no id", "no moment", "status", "no status", "too large", "too small", "tie", "tie in seq", "no column"],
)
def test_a_history_that_breaks_the_schema_is_refused_in_words(rows: list[dict[str, Any]], says: str):
    with pytest.raises(InvalidHistory, match=says):
        of(rows)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InvalidHistory) as refusal:
        of([*TWICE, row("B", datetime(2026, 1, 5), status="maybe", amount=10**15)])
    assert len(refusal.value.faults) == 3


def test_amounts_at_the_limit_and_ties_with_seq_are_fine():
    history = of([{**version, "seq": number, "amount": 9 * 10**14} for number, version in enumerate(TWICE)])
    assert history.waterfall("2026Q1").ending == 9 * 10**14
