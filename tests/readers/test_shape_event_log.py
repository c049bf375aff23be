"""Event logs: case, activity, time."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from tests.readers.reading import DATA, now, one, reading, real, refusal, rows, told, written

LOG = """
case:concept:name,concept:name,time:timestamp,lifecycle:transition,case:AMOUNT_REQ,event_index
1,Submitted,2026-01-01T09:00:00+01:00,COMPLETE,500,0
1,Call customer,2026-01-02T09:00:00+01:00,START,500,1
1,Offer,2026-01-03T09:00:00+01:00,COMPLETE,500,2
1,Approved,2026-01-03T09:00:00+01:00,COMPLETE,500,3
2,Submitted,2026-01-02T09:00:00+01:00,COMPLETE,700,0
2,Declined,2026-01-04T09:00:00+01:00,COMPLETE,700,1
"""
STAGES = """
stage,status,order
Submitted,open,1
Offer,open,2
Approved,won,3
Declined,lost,
"""
BANK = """
reader: event_log
fields:
  opportunity_id: case:concept:name
  activity: concept:name
  effective_at: time:timestamp
  lifecycle: lifecycle:transition
  seq: event_index
  amount: case:AMOUNT_REQ
  created_at: case:REG_DATE
stages:
  - {stage: A_SUBMITTED, status: open, order: 1}
  - {stage: A_PARTLYSUBMITTED, status: open, order: 2}
  - {stage: A_PREACCEPTED, status: open, order: 3}
  - {stage: A_ACCEPTED, status: open, order: 4}
  - {stage: A_FINALIZED, status: open, order: 5}
  - {stage: A_APPROVED, status: won, order: 6}
  - {stage: A_REGISTERED, status: won, order: 6}
  - {stage: A_ACTIVATED, status: won, order: 6}
  - {stage: A_DECLINED, status: lost}
  - {stage: A_CANCELLED, status: removed}
constants: {currency: EUR}
"""


def test_the_activities_of_the_table_are_stages_and_others_are_passed_over(tmp_path: Path) -> None:
    history = reading(written(tmp_path, LOG), stages=written(tmp_path, STAGES, "stages.csv"))
    assert rows(history, "opportunity_id", "effective_at", "seq", "status", "stage", "amount", "created_at") == [
        ("1", "2026-01-01 08:00", 0, "open", "Submitted", 50000, "2026-01-01 08:00"),
        ("1", "2026-01-03 08:00", 2, "open", "Offer", 50000, "2026-01-01 08:00"),
        ("1", "2026-01-03 08:00", 3, "won", "Approved", 50000, "2026-01-01 08:00"),
        ("2", "2026-01-02 08:00", 0, "open", "Submitted", 70000, "2026-01-02 08:00"),
        ("2", "2026-01-04 08:00", 1, "lost", "Declined", 70000, "2026-01-02 08:00"),
    ]
    assert "1 event of activities that are no stages (1) was passed over: Call customer." in told(history, "set_aside")


def test_without_a_table_it_is_refused_with_the_activities_and_their_counts(tmp_path: Path) -> None:
    fault = refusal(written(tmp_path, LOG)).faults[0]
    assert "Submitted (2)" in fault.what
    assert "Approved (1)" in fault.what
    assert "--stages FILE" in fault.remedy


def test_a_xes_log_without_pm4py_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pm4py", None)
    fault = refusal(written(tmp_path, "<log/>", "log.xes")).faults[0]
    assert "penstock[xes]" in fault.remedy


def test_a_xes_log_is_read_through_pm4py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = written(tmp_path, LOG)
    log = pd.read_csv(source)
    log["time:timestamp"] = pd.to_datetime(log["time:timestamp"], utc=True)
    monkeypatch.setitem(sys.modules, "pm4py", SimpleNamespace(read_xes=lambda path: log))
    xes = written(tmp_path, "<log/>", "log.xes")
    stages = written(tmp_path, STAGES, "stages.csv")
    columns = ("opportunity_id", "effective_at", "status", "amount")
    assert rows(reading(xes, stages=stages), *columns) == rows(reading(source, stages=stages), *columns)


def test_what_pm4py_prints_is_not_printed_by_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def talkative(path: str) -> pd.DataFrame:
        print("Welcome")
        print("parsing: 100%", file=sys.stderr)
        return pd.read_csv(path)

    monkeypatch.setitem(sys.modules, "pm4py", SimpleNamespace(read_xes=talkative))
    reading(written(tmp_path, LOG, "log.xes"), stages=written(tmp_path, STAGES, "stages.csv"))
    assert capfd.readouterr() == ("", "")


def test_a_xes_log_that_cannot_be_read_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(path: str) -> pd.DataFrame:
        raise SyntaxError("Start tag expected")

    monkeypatch.setitem(sys.modules, "pm4py", SimpleNamespace(read_xes=parsed))
    assert "Start tag expected" in refusal(written(tmp_path, "garbage", "bad.xes")).faults[0].what
    monkeypatch.setitem(sys.modules, "pm4py", SimpleNamespace(read_xes=lambda path: pd.DataFrame()))
    assert "no event" in refusal(written(tmp_path, "<log/>", "empty.xes")).faults[0].what


# A log as the standard has it: extensions, globals, attributes of the case, two transitions of one activity.
XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <global scope="trace"><string key="concept:name" value="name"/></global>
  <trace>
    <string key="concept:name" value="1"/><int key="AMOUNT_REQ" value="12000"/>
    {event_1}
    {event_2}
    {event_3}
  </trace>
</log>
"""
EVENT = (
    '<event><string key="concept:name" value="{0}"/><string key="lifecycle:transition" value="{1}"/>'
    '<date key="time:timestamp" value="{2}"/></event>'
)


def test_a_real_xes_log_where_pm4py_is_installed(tmp_path: Path) -> None:
    pytest.importorskip("pm4py")
    events = {
        "event_1": EVENT.format("Submitted", "complete", "2026-01-05T09:00:00.000+01:00"),
        "event_2": EVENT.format("Approved", "start", "2026-01-20T10:30:00.000+01:00"),
        "event_3": EVENT.format("Approved", "complete", "2026-01-22T10:30:00.000+01:00"),
    }
    history = reading(written(tmp_path, XES.format(**events), "log.xes"), stages=written(tmp_path, STAGES, "stages.csv"))
    assert rows(history, "opportunity_id", "effective_at", "status", "amount") == [
        ("1", "2026-01-05 08:00", "open", 1200000),
        ("1", "2026-01-22 09:30", "won", 1200000),
    ]


def test_the_loans_of_a_real_bank(tmp_path: Path) -> None:
    history = real("bpi_2012/BPI_Challenge_2012.csv.gz", mapping_file=written(tmp_path, BANK, "bank.yaml"))
    assert now(history) == {"won": 2246, "lost": 7635, "removed": 2807, "open": 399}
    last = "(FROM {history} QUALIFY row_number() OVER (PARTITION BY opportunity_id ORDER BY effective_at DESC, seq DESC) = 1)"
    assert one(history, f"SELECT sum(amount) FROM {last} WHERE status = 'won'") == 3529033800
    assert one(history, "SELECT count(DISTINCT currency) FROM {history} WHERE currency = 'EUR'") == 1
    # The clock went back within the log: offsets of two and of one hour.
    assert one(history, "SELECT min(effective_at)::VARCHAR FROM {history}") == "2011-09-30 22:38:44.546"
    assert one(history, "SELECT bool_and(contains(unknown_fields, 'close_date')) FROM {history}") is True
    assert "201,351 events of activities that are no stages (14)" in told(history, "set_aside")


def test_the_bank_without_a_mapping_is_asked_about() -> None:
    fault = refusal(DATA / "bpi_2012" / "BPI_Challenge_2012.csv.gz").faults[0]
    assert "A_APPROVED (2,246)" in fault.what
