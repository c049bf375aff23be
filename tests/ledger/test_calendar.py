"""Fiscal calendars: known companies' years, the ISO week calendar as an oracle, and what must hold on every day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from penstock.ledger.calendar import ANCHORS, NAMINGS, PATTERNS, WEEKDAYS, FiscalCalendar

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
CALENDARS = st.builds(
    FiscalCalendar,
    start_month=st.integers(1, 12),
    pattern=st.sampled_from(PATTERNS),
    week_start=st.sampled_from(WEEKDAYS),
    anchor=st.sampled_from(ANCHORS),
    named_by=st.sampled_from(NAMINGS),
)
# Zones whose clocks change at, over or just after midnight, by half an hour, or not at all.
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Cairo"]
ZONES += ["America/St_Johns", "Atlantic/Azores", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Gaza"]

# Retailers' calendar (US National Retail Federation) and a maker of computers whose year ends on September's last Saturday.
RETAIL = FiscalCalendar(start_month=2, pattern="4-5-4", week_start="sunday")
LAST_SATURDAY = FiscalCalendar(start_month=10, pattern="4-4-5", week_start="sunday", anchor="last", named_by="end")


def days_between(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


@pytest.mark.parametrize(
    ("calendar", "text", "start", "end"),
    [
        (FiscalCalendar(), "2026Q1", date(2026, 1, 1), date(2026, 4, 1)),
        (FiscalCalendar(), "2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
        (FiscalCalendar(start_month=2), "2026Q1", date(2026, 2, 1), date(2026, 5, 1)),
        (FiscalCalendar(start_month=2), "2026Q4", date(2026, 11, 1), date(2027, 2, 1)),
        (FiscalCalendar(start_month=2, named_by="end"), "2027Q1", date(2026, 2, 1), date(2026, 5, 1)),
        (FiscalCalendar(named_by="end"), "2026Q1", date(2026, 1, 1), date(2026, 4, 1)),
        (FiscalCalendar(start_month=12), "2025Q1", date(2025, 12, 1), date(2026, 3, 1)),
        (FiscalCalendar(pattern="4-4-5"), "2026Q1", date(2025, 12, 29), date(2026, 3, 30)),
        (FiscalCalendar(pattern="4-4-5", named_by="end"), "2026Q1", date(2025, 12, 29), date(2026, 3, 30)),
        (RETAIL, "2023Q1", date(2023, 1, 29), date(2023, 4, 30)),
        (RETAIL, "2023Q4", date(2023, 10, 29), date(2024, 2, 4)),
        (RETAIL, "2025Q1", date(2025, 2, 2), date(2025, 5, 4)),
        (LAST_SATURDAY, "2022Q4", date(2022, 6, 26), date(2022, 9, 25)),
        (LAST_SATURDAY, "2023Q4", date(2023, 6, 25), date(2023, 10, 1)),
        (LAST_SATURDAY, "2024Q4", date(2024, 6, 30), date(2024, 9, 29)),
    ],
)
def test_known_quarters(calendar, text, start, end):
    quarter = calendar.parse_quarter(text)
    assert (quarter.start, quarter.end, str(quarter)) == (start, end, text)
    assert calendar.quarter_of(start) == quarter
    assert calendar.quarter_of(end - timedelta(days=1)) == quarter
    assert calendar.quarter_of(end) == calendar.shift(quarter, 1)


@given(DAYS)
def test_weeks_from_the_monday_nearest_to_new_year_are_iso_weeks(day):
    year, week, _ = day.isocalendar()
    quarter = FiscalCalendar(pattern="4-4-5").quarter_of(day)
    assert (quarter.year, quarter.number) == (year, min((week - 1) // 13 + 1, 4))


@given(CALENDARS, DAYS, st.integers(-40, 40))
def test_every_day_lies_in_one_quarter_and_quarters_chain(calendar, day, by):
    quarter = calendar.quarter_of(day)
    assert quarter.start <= day < quarter.end
    assert calendar.quarter(quarter.year, quarter.number) == quarter
    assert calendar.shift(quarter, 1).start == quarter.end
    assert calendar.shift(calendar.shift(quarter, by), -by) == quarter
    assert calendar.day_of_quarter(day) == len(days_between(quarter.start, day))


@given(CALENDARS, st.integers(1990, 2060))
def test_a_year_is_named_by_the_year_in_which_it_nominally_starts_or_ends(calendar, year):
    first = calendar.quarter(year, 1).start
    nominal = date(year - (calendar.named_by == "end" and calendar.start_month > 1), calendar.start_month, 1)
    if calendar.pattern == "months":
        assert first == nominal
        return
    assert WEEKDAYS[first.weekday()] == calendar.week_start
    away = (first - nominal).days
    assert -3 <= away <= 3 if calendar.anchor == "nearest" else -6 <= away <= 0


@given(CALENDARS, DAYS)
def test_three_periods_make_a_quarter_and_a_53rd_week_ends_the_year(calendar, day):
    quarter = calendar.quarter_of(day)
    periods = calendar.periods(quarter)
    assert [d for start, end in periods for d in days_between(start, end)] == days_between(quarter.start, quarter.end)
    if calendar.pattern == "months":
        assert all(start.day == 1 and (end - timedelta(days=1)).month == start.month for start, end in periods)
        return
    weeks = [(end - start).days / 7 for start, end in periods]
    extra = sum(weeks) - 13
    assert [weeks[0], weeks[1], weeks[2] - extra] == [float(n) for n in calendar.pattern.split("-")]
    assert extra in (0, 1) if quarter.number == 4 else extra == 0


@given(CALENDARS, DAYS, st.integers(1, 400))
def test_weeks_cut_a_range_without_gap(calendar, start, length):
    end = start + timedelta(days=length)
    firsts = calendar.weeks(start, end)
    assert firsts[0] == start
    in_range = [d for d in days_between(start, end) if d == start or WEEKDAYS[d.weekday()] == calendar.week_start]
    assert firsts == in_range
    assert calendar.weeks(end, start) == []


def test_a_quarter_of_weeks_has_its_thirteen_weeks():
    quarter = RETAIL.quarter(2025, 2)
    assert len(RETAIL.weeks(quarter.start, quarter.end)) == 13


@given(CALENDARS, DAYS)
def test_same_day_last_year_is_in_the_same_quarter_one_year_before(calendar, day):
    quarter, before = calendar.quarter_of(day), calendar.same_day_last_year(day)
    last = calendar.quarter_of(before)
    assert (last.year, last.number) == (quarter.year - 1, quarter.number)
    lacking = before == last.end - timedelta(days=1) and (last.end - last.start).days <= calendar.day_of_quarter(day)
    assert lacking or calendar.day_of_quarter(before) == calendar.day_of_quarter(day)


def test_same_day_last_year_where_last_year_had_no_such_day():
    assert FiscalCalendar().same_day_last_year(date(2024, 3, 31)) == date(2023, 3, 31)
    assert FiscalCalendar().same_day_last_year(date(2024, 3, 30)) == date(2023, 3, 31)
    assert FiscalCalendar().same_day_last_year(date(2025, 3, 31)) == date(2024, 3, 30)
    assert RETAIL.same_day_last_year(date(2024, 2, 3)) == date(2023, 1, 28)


def test_the_horizon_is_this_quarter_and_the_next_three():
    assert FiscalCalendar(start_month=2).horizon(date(2026, 6, 15)) == (date(2026, 5, 1), date(2027, 5, 1))
    assert FiscalCalendar().horizon(date(2026, 6, 15), quarters=1) == (date(2026, 4, 1), date(2026, 7, 1))
    with pytest.raises(ValueError, match="0 quarters"):
        FiscalCalendar().horizon(date(2026, 6, 15), quarters=0)


@pytest.mark.parametrize(
    "text", ["2026Q3", "2026-Q3", "FY2026Q3", "FY26Q3", "fy26 q3", "FY 2026 Q3", "Q3 2026", "q3-fy2026", " 2026 Q3 "]
)
def test_quarters_as_people_write_them(text):
    assert str(FiscalCalendar().parse_quarter(text)) == "2026Q3"


@pytest.mark.parametrize("text", ["2026Q5", "2026Q0", "26Q1", "2026", "Q1", "2026-01", "", "2026Q11", "0001Q1"])
def test_what_is_no_quarter_is_refused_in_words(text):
    with pytest.raises(ValueError, match=r"like 2026Q1|There is no fiscal year 1"):
        FiscalCalendar().parse_quarter(text)


def test_a_calendar_is_read_from_its_pattern():
    assert FiscalCalendar.parse("months") == FiscalCalendar()
    assert FiscalCalendar.parse("4-4-5", start_month=2) == FiscalCalendar(start_month=2, pattern="4-4-5")
    read = FiscalCalendar.parse("4-4-5:Sunday:last:end", start_month=10)
    assert read == LAST_SATURDAY
    assert FiscalCalendar.parse("4-4-5:end:last:sunday", start_month=10) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("13-weeks", "'13-weeks' is not a calendar pattern: give one of months, 4-4-5"),
        ("4-4-5:sonntag", "'sonntag' is neither a weekday"),
        ("4-4-5:sunday:monday", "'monday' says week_start a second time"),
        ("", "'' is not a calendar pattern"),
    ],
)
def test_what_is_no_calendar_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        FiscalCalendar.parse(text)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start_month": 13}, "month 13"),
        ({"start_month": 0}, "month 0"),
        ({"anchor": "first"}, "anchor"),
        ({"week_start": "Mon"}, "weekday"),
        ({"named_by": "middle"}, "start, end"),
        ({"timezone": "Europe/Berln"}, "Europe/Berln.*Did you mean Europe/Berlin"),
        ({"timezone": "CEST+1"}, "CEST.*for example Europe/Berlin"),
        ({"timezone": "America"}, "for example"),
    ],
)
def test_a_faulty_field_is_refused_in_words(fields, words):
    with pytest.raises(ValueError, match=words):
        FiscalCalendar(**fields)


def test_years_that_no_date_holds_are_refused_in_words():
    with pytest.raises(ValueError, match="no quarter 5"):
        FiscalCalendar().quarter(2026, 5)
    with pytest.raises(ValueError, match="9999-12-31"):
        FiscalCalendar().quarter_of(date(9999, 12, 31))
    with pytest.raises(ValueError, match="no fiscal year"):
        FiscalCalendar().shift(FiscalCalendar().quarter(2026, 1), 40_000)


@given(st.sampled_from(ZONES), DAYS)
def test_midnight_is_the_first_instant_of_the_local_day(zone, day):
    assume(day.year < 2038)
    calendar = FiscalCalendar(timezone=zone)
    midnight = calendar.midnight(day)
    assert midnight.utcoffset() == timedelta(0)
    assert calendar.local_date(midnight) == day
    assert calendar.local_date(midnight - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),  # no midnight: 00:00 was 01:00
        ("America/Havana", date(2025, 11, 2), datetime(2025, 11, 2, 4, tzinfo=UTC)),  # two midnights
        ("America/Toronto", date(1919, 3, 31), datetime(1919, 3, 31, 4, 30, tzinfo=UTC)),  # jump from 23:30 to 00:30
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a day that was skipped
        ("Pacific/Apia", date(2011, 12, 31), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_midnight_where_clocks_change(zone, day, instant):
    assert FiscalCalendar(timezone=zone).midnight(day) == instant


def test_the_local_date_of_an_instant_without_zone_is_that_of_utc():
    calendar = FiscalCalendar(timezone="Asia/Tokyo")
    assert calendar.local_date(datetime(2026, 1, 1, 14, 59)) == date(2026, 1, 1)
    assert calendar.local_date(datetime(2026, 1, 1, 15)) == date(2026, 1, 2)


def test_a_datetime_stands_for_its_own_day():
    calendar = FiscalCalendar()
    assert calendar.quarter_of(datetime(2026, 3, 31, 23, 59)) == calendar.quarter(2026, 1)
    assert calendar.day_of_quarter(datetime(2026, 1, 2, 9)) == 1
