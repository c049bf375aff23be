"""Instants as text and as microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.ledger.instants import from_micros, iso, parse_instant, to_micros
from penstock.ledger.schema import FOREVER

NINE = datetime(2026, 2, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-02-14T09:00Z", "Europe/Berlin", NINE),
        ("2026-02-14t09:00:00z", "UTC", NINE),
        ("2026-02-14T09:00:00.000000Z", "UTC", NINE),
        ("2026-02-14T10:00+01:00", "UTC", NINE),
        ("2026-02-14 10:00 +0100", "UTC", NINE),
        ("2026-02-14 04:00-05", "UTC", NINE),
        ("2026-02-14 10:00", "Europe/Berlin", NINE),
        ("2026-02-14 09:00", "UTC", NINE),
        (" 2026-02-14 ", "UTC", datetime(2026, 2, 14, tzinfo=UTC)),
        ("2026-02-14", "Europe/Berlin", datetime(2026, 2, 13, 23, tzinfo=UTC)),
        ("2018-11-04", "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        ("2026-02-14T09:00:00.25Z", "UTC", NINE + timedelta(milliseconds=250)),
    ],
)
def test_instants_as_people_write_them(text, zone, instant):
    read = parse_instant(text, zone)
    assert read == instant
    assert read.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "14.02.2026", "2026-02", "20260214", "2026-02-30", "2026-02-14T24:01Z", "2026-W07-6"]
)
def test_what_is_no_instant_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"is not an instant.*2026-02-14T09:00Z"):
        parse_instant(text, "UTC")


def test_a_local_time_that_never_was_or_came_twice_is_not_guessed():
    with pytest.raises(ValueError, match=r"02:30 did not exist in Europe/Berlin"):
        parse_instant("2026-03-29 02:30", "Europe/Berlin")
    with pytest.raises(ValueError, match=r"02:30 came twice.*2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00"):
        parse_instant("2026-10-25 02:30", "Europe/Berlin")
    assert iso(parse_instant("2026-10-25T02:30+02:00", "Europe/Berlin")) == "2026-10-25T00:30:00Z"


def test_an_unknown_zone_is_named():
    with pytest.raises(ValueError, match="no time zone named 'Mars/Olympus'"):
        parse_instant("2026-02-14T09:00Z", "Mars/Olympus")


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.sampled_from([UTC, ZoneInfo("Asia/Tokyo")])))
def test_text_and_microseconds_lose_nothing(instant):
    assert from_micros(to_micros(instant)) == instant
    assert parse_instant(iso(instant), "America/New_York") == instant


def test_microseconds_count_from_1970_on_both_sides():
    assert to_micros(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005
    assert to_micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert to_micros(datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == 0
    assert to_micros(datetime(1970, 1, 2)) == 86_400_000_000  # without a zone: UTC


def test_iso_writes_decimals_only_where_there_are_some():
    assert iso(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
    assert iso(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == "2026-01-01T00:00:00Z"
    assert iso(datetime(2026, 1, 1, 0, 0, 0, 5)) == "2026-01-01T00:00:00.000005Z"


def test_forever_is_no_instant():
    with pytest.raises(ValueError, match="outside the years"):
        from_micros(FOREVER)
