"""Dates and instants: every form, the order of day and month, zones, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.readers.columns import date_sql, instant_sql
from penstock.readers.faults import ReadError
from tests.readers.sheets import column, faults, rows, typed

FORMS = [
    ("2021-04-15", "2021-04-15 00:00:00"),
    ("2021-4-5", "2021-04-05 00:00:00"),
    ("20210415", "2021-04-15 00:00:00"),
    ("2021/04/15 9:05", "2021-04-15 09:05:00"),
    ("2021-04-15T09:05", "2021-04-15 09:05:00"),
    ("2021-04-15 09:05:07.123", "2021-04-15 09:05:07.123000"),
    ("2021-04-15T09:05:07,5", "2021-04-15 09:05:07.500000"),
    ("2021-04-15T09:05:00Z", "2021-04-15 09:05:00"),
    ("2021-04-15T09:05Z", "2021-04-15 09:05:00"),
    ("2021-04-15 09:05:00+02:00", "2021-04-15 07:05:00"),
    ("2021-04-15T09:05:00.5-0330", "2021-04-15 12:35:00.500000"),
    ("2021-04-15 09:05:00+02", "2021-04-15 07:05:00"),
    ("20210415T090500Z", "2021-04-15 09:05:00"),
    ("2021-04-15T12:00:00.000GMT", "2021-04-15 12:00:00"),
    ("2021-04-15 12:00 UTC", "2021-04-15 12:00:00"),
    ("2009-07-15T02:14:45.000PST", "2009-07-15 10:14:45"),
    ("07/15/2009 02:14:45+0800", "2009-07-14 18:14:45"),
    ("07/15/2009T02:14:45+0800", "2009-07-14 18:14:45"),
    ("2/26/2018 19:58", "2018-02-26 19:58:00"),
    ("02/23/26 08:55 PM", "2026-02-23 20:55:00"),
    ("02/23/26 12:05 AM", "2026-02-23 00:05:00"),
    ("02/23/26 12:05 p.m.", "2026-02-23 12:05:00"),
    ("12/31/69", "1969-12-31 00:00:00"),
    ("12/31/68", "2068-12-31 00:00:00"),
    ("15 Apr, 2021 00:02:00", "2021-04-15 00:02:00"),
    ("01-Jan-2015", "2015-01-01 00:00:00"),
    ("01-JAN-15", "2015-01-01 00:00:00"),
    ("April 15, 2021 9:05 AM", "2021-04-15 09:05:00"),
    ("15th April 2021", "2021-04-15 00:00:00"),
    ("Thu, 15 Apr 2021 09:05:00 +0200", "2021-04-15 07:05:00"),
    ("Thu Apr 15 2021 09:05:00 GMT+0200", "2021-04-15 07:05:00"),
    ("15. März 2021", "2021-03-15 00:00:00"),
    ("1er août 2021", "2021-08-01 00:00:00"),
    ("3 févr. 2021", "2021-02-03 00:00:00"),
    ("7 maggio 2021", "2021-05-07 00:00:00"),
    ("15 de abril de 2021", "2021-04-15 00:00:00"),
    ("1618477500", "2021-04-15 09:05:00"),
    ("1618477500123", "2021-04-15 09:05:00.123000"),
    ("1618477500123456", "2021-04-15 09:05:00.123456"),
    ("2015-11-20 10:59:00.000000018", "2015-11-20 10:59:00"),
    ("2015-11-20 10:58:59.999999982", "2015-11-20 10:59:00"),
    ("2024-02-29", "2024-02-29 00:00:00"),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_every_form_is_read_alone(tmp_path: Path, text: str, expected: str) -> None:
    sheet = column(tmp_path, [text, ""])
    assert [None if value is None else str(value) for value in typed(sheet, instant_sql(sheet, "value"))] == [expected, None]


def test_forms_may_be_mixed_in_one_column(tmp_path: Path) -> None:
    sheet = column(tmp_path, [text for text, _ in FORMS])
    assert [str(value) for value in typed(sheet, instant_sql(sheet, "value"))] == [expected for _, expected in FORMS]


def test_a_date_is_the_day_as_written(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["2021-04-15T23:30:00-08:00", "2021-04-15T00:30:00+02:00", "15 Apr, 2021 23:59:00", "2021-04-15"])
    assert typed(sheet, date_sql(sheet, "value", timezone="Asia/Tokyo")) == [date(2021, 4, 15)] * 4
    # Only seconds since 1970 have no written day: 2021-04-15 20:00 UTC is the 16th in Tokyo.
    epochs = column(tmp_path, ["1618516800000", "2021-04-15"])
    assert typed(epochs, date_sql(epochs, "value", timezone="Asia/Tokyo")) == [date(2021, 4, 16), date(2021, 4, 15)]


def test_the_order_of_day_and_month_is_the_columns(tmp_path: Path) -> None:
    day_first = column(tmp_path, ["01/02/2026", "13/02/2026"])
    assert typed(day_first, date_sql(day_first, "value")) == [date(2026, 2, 1), date(2026, 2, 13)]
    month_first = column(tmp_path, ["01/02/2026", "02/13/2026"])
    assert typed(month_first, date_sql(month_first, "value")) == [date(2026, 1, 2), date(2026, 2, 13)]
    alike = column(tmp_path, ["05/05/2026", "06.06.2026"])
    assert typed(alike, date_sql(alike, "value")) == [date(2026, 5, 5), date(2026, 6, 6)]


def test_what_can_be_read_in_two_ways_is_asked(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["05/05/2026", "01/02/2026", "03/04/2026"])
    (fault,) = faults(lambda: date_sql(sheet, "value"))
    assert (fault.column, fault.rows, fault.values, fault.count) == ("value", [2, 3], ["01/02/2026", "03/04/2026"], 2)
    assert "--date-order dmy|mdy" in fault.remedy
    assert fault.where == ""
    assert typed(sheet, date_sql(sheet, "value", date_order="dmy"))[1:] == [date(2026, 2, 1), date(2026, 4, 3)]
    assert typed(sheet, date_sql(sheet, "value", date_order="mdy"))[1:] == [date(2026, 1, 2), date(2026, 3, 4)]
    short = column(tmp_path, ["15/04/21"])
    assert "--date-order dmy|ymd" in faults(lambda: date_sql(short, "value"))[0].remedy
    assert typed(short, date_sql(short, "value", date_order="ymd")) == [date(2015, 4, 21)]


def test_rows_of_different_orders_are_named_with_all_else(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["13/02/2026", "14/02/2026", "02/15/2026", "31/02/2026", "soon"])
    mixed, *others = faults(lambda: date_sql(sheet, "value"))
    assert (mixed.rows, mixed.values) == ([3], ["02/15/2026"])
    assert [list(fault.rows) for fault in others] == [[5], [4]]
    assert [list(f.rows) for f in faults(lambda: date_sql(sheet, "value", date_order="dmy"))] == [[5], [3, 4]]


def test_every_faulty_row_is_found_and_told_apart(tmp_path: Path) -> None:
    values = ["2021-04-15", "soon", "31/02/2021", "2021-02-30", "2009-07/14", "2009\\7\\14", "2021-01-01 25:00"]
    values += ["2010-10-14T12:00:00.000Z-0300", "2021-01-01 10:00 IST", "1850-01-01", "9999-12-31"]
    sheet = column(tmp_path, values)
    found = faults(lambda: instant_sql(sheet, "value", date_order="dmy"))
    assert [list(fault.rows) for fault in found] == [[2, 5, 6, 7], [3, 4], [8, 9], [10, 11]]
    assert ["no form" in found[0].what, "not exist" in found[1].what, "zone" in found[2].what, "1900" in found[3].what] == [
        True
    ] * 4


def test_a_fault_counts_all_rows_and_marks_them(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["2021-04-15", "soon"] * 30)
    (fault,) = faults(lambda: date_sql(sheet, "value"))
    assert (fault.count, list(fault.rows)) == (30, list(range(2, 21, 2)))
    marked = sheet.con.execute(f"SELECT _row FROM {sheet.table} WHERE {fault.where} ORDER BY _row").fetchall()
    assert [row for (row,) in marked] == list(range(2, 61, 2))


def test_never_is_null_when_asked(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["9999-12-31", "2021-04-15"])
    assert typed(sheet, date_sql(sheet, "value", never_is_null=True)) == [None, date(2021, 4, 15)]
    assert typed(sheet, instant_sql(sheet, "value", never_is_null=True)) == [None, datetime(2021, 4, 15)]


def test_an_empty_column_is_null_throughout(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["", ""])
    assert typed(sheet, instant_sql(sheet, "value", timezone="Europe/Paris")) == [None, None]


def test_wrong_options_and_columns_are_refused(tmp_path: Path) -> None:
    sheet = column(tmp_path, ["2021-04-15"])
    assert "Atlantis" in faults(lambda: instant_sql(sheet, "value", timezone="Atlantis"))[0].what
    assert "myd" in faults(lambda: instant_sql(sheet, "value", date_order="myd"))[0].what
    assert "id, value" in faults(lambda: instant_sql(sheet, "values"))[0].what


def test_columns_named_like_letters_do_no_harm(tmp_path: Path) -> None:
    from penstock.readers.files import load
    from tests.readers.sheets import connect, write

    names = ["g", "r", "w", "z", "p", "day", "rows", "moment", "dmy", "t"]
    sheet = load(
        connect(), write(tmp_path / "a.csv", ",".join(names) + "\n" + ",".join(["13/04/2021 10:00"] * len(names)) + "\n")
    )
    for name in names:
        sql = '"' + name + '"'
        assert typed(sheet, instant_sql(sheet, name, timezone="Europe/Paris")) == [datetime(2021, 4, 13, 8)], sql


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30)),  # doubled: summer time still holds
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30)),  # skipped: winter time still holds
        ("2026-07-01", datetime(2026, 6, 30, 22)),
    ],
)
def test_local_times_at_a_clock_change(tmp_path: Path, local: str, utc: datetime) -> None:
    sheet = column(tmp_path, [local])
    assert typed(sheet, instant_sql(sheet, "value", timezone="Europe/Paris")) == [utc]


ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]
MOMENTS = st.datetimes(datetime(1900, 1, 4), datetime(2199, 12, 28))


@given(st.lists(MOMENTS, min_size=1, max_size=12), st.sampled_from(ZONES))
def test_local_times_are_zoneinfos(tmp_path: Path, moments: list[datetime], zone: str) -> None:
    sheet = column(tmp_path, [moment.isoformat(sep=" ") for moment in moments])
    expected = [moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for moment in moments]
    assert typed(sheet, instant_sql(sheet, "value", timezone=zone)) == expected


@given(st.lists(st.integers(0, 4_000_000_000_000), min_size=1, max_size=12), st.sampled_from(ZONES))
def test_the_day_of_milliseconds_is_zoneinfos(tmp_path: Path, epochs: list[int], zone: str) -> None:
    millis = [1_000_000_000_000 + epoch for epoch in epochs]
    sheet = column(tmp_path, [str(value) for value in millis])
    expected = [
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).astimezone(ZoneInfo(zone)).date() for value in millis
    ]
    assert typed(sheet, date_sql(sheet, "value", timezone=zone)) == expected


STYLES = [
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%y/%m/%d",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d %b %Y",
    "%B %d, %Y",
]
DAYS = st.dates(date(1969, 1, 1), date(2068, 12, 31))


@given(st.lists(DAYS, min_size=1, max_size=12), st.sampled_from(STYLES))
def test_a_column_in_one_style_is_read_right_or_asked_about(tmp_path: Path, days: list[date], style: str) -> None:
    sheet = column(tmp_path, [day.strftime(style) for day in days])
    order = None
    try:
        date_sql(sheet, "value")
    except ReadError as refused:
        order = {"%d": "dmy", "%m": "mdy", "%y": "ymd"}[style[:2]]
        remedy = refused.faults[0].remedy
    assert order is None or order in remedy
    assert typed(sheet, date_sql(sheet, "value", date_order=order)) == days


@given(st.lists(MOMENTS, min_size=1, max_size=8), st.integers(-14 * 60, 14 * 60), st.sampled_from(["", ":"]))
def test_offsets_are_subtracted(tmp_path: Path, moments: list[datetime], minutes: int, colon: str) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    sheet = column(tmp_path, [f"{moment.isoformat()}{sign}{hours:02}{colon}{rest:02}" for moment in moments])
    assert typed(sheet, instant_sql(sheet, "value")) == [moment - timedelta(minutes=minutes) for moment in moments]
    assert len(rows(sheet)) == len(moments)
