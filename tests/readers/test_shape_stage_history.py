"""Salesforce OpportunityHistory: each row a full image, today's file beside it or not."""

from __future__ import annotations

from pathlib import Path

from tests.readers.reading import now, one, reading, real, rows, told, written

HISTORY = """
Id,OpportunityId,StageName,Amount,CloseDate,Probability,ForecastCategory,CreatedDate,PrevAmount
h1,006A,Prospecting,100,2026-03-31,10,Pipeline,2026-01-01T08:00:00Z,
h2,006A,Proposal,100,2026-03-31,60,Best Case,2026-02-01T08:00:00Z,
h3,006A,Closed Won,120,2026-03-15,100,Closed,2026-02-01T08:00:00Z,100
"""
TODAY = """
Id,StageName,Amount,CloseDate,Probability,IsClosed,IsWon,IsDeleted,CreatedDate,LastModifiedDate,Type
006A,Closed Won,120,2026-03-15,100,true,true,false,2026-01-01T08:00:00Z,2026-02-01T08:00:00Z,New
006B,Prospecting,50,2026-06-30,10,false,false,true,2026-01-05T08:00:00Z,2026-01-09T08:00:00Z,New
"""


def test_each_row_is_a_version_and_rows_of_one_instant_keep_their_order(tmp_path: Path) -> None:
    history = reading(written(tmp_path, HISTORY))
    assert rows(history, "effective_at", "status", "stage", "amount", "close_date", "probability", "forecast_category") == [
        ("2026-01-01 08:00", "open", "Prospecting", 10000, "2026-03-31", 1000, "pipeline"),
        ("2026-02-01 08:00", "open", "Proposal", 10000, "2026-03-31", 6000, "best_case"),
        ("2026-02-01 08:00", "won", "Closed Won", 12000, "2026-03-15", 10000, "closed"),
    ]


def test_todays_other_columns_are_dimensions_reconstructed_for_the_past(tmp_path: Path) -> None:
    history = reading(written(tmp_path, TODAY, "opportunity.csv"), history=written(tmp_path, HISTORY, "history.csv"))
    assert rows(history, "opportunity_id", "effective_at", "status", "type", "reconstructed_fields", "created_at")[:3] == [
        ("006A", "2026-01-01 08:00", "open", "New", "type", "2026-01-01 08:00"),
        ("006A", "2026-02-01 08:00", "open", "New", "type", "2026-01-01 08:00"),
        ("006A", "2026-02-01 08:00", "won", "New", "", "2026-01-01 08:00"),
    ]


def test_a_deal_without_history_stands_at_its_creation_and_a_deleted_one_is_removed(tmp_path: Path) -> None:
    history = reading(written(tmp_path, TODAY, "opportunity.csv"), history=written(tmp_path, HISTORY, "history.csv"))
    assert rows(history, "opportunity_id", "effective_at", "status", "amount")[3:] == [
        ("006B", "2026-01-05 08:00", "open", 5000),
        ("006B", "2026-01-09 08:00", "removed", 5000),
    ]
    assert "1 deal has no history" in told(history)


def test_what_today_says_beyond_the_history_comes_at_the_last_modification(tmp_path: Path) -> None:
    today = TODAY.replace("Closed Won,120,2026-03-15,100,true,true,false,2026-01-01T08:00:00Z,2026-02-01T08:00:00Z",
                          "Closed Won,130,2026-03-15,100,true,true,false,2026-01-01T08:00:00Z,2026-02-03T08:00:00Z")  # fmt: skip
    history = reading(written(tmp_path, today, "opportunity.csv"), history=written(tmp_path, HISTORY, "history.csv"))
    assert rows(history, "opportunity_id", "effective_at", "status", "amount")[2:4] == [
        ("006A", "2026-02-01 08:00", "won", 12000),
        ("006A", "2026-02-03 08:00", "won", 13000),
    ]
    assert "1 deal is today not as the last row" in told(history)


def test_a_broken_chain_of_previous_amounts_is_noted(tmp_path: Path) -> None:
    whole = reading(written(tmp_path, HISTORY))
    assert "previous amount" not in told(whole)
    broken = reading(written(tmp_path, HISTORY.replace("08:00:00Z,100", "08:00:00Z,90")))
    assert "1 row says another previous amount" in told(broken)


def test_the_export_of_a_real_org() -> None:
    history = real("salesforce_org_export/Opportunity.csv", history="salesforce_org_export/OpportunityHistory.csv")
    assert (history.reader, history.recipe) == ("stage_history", "salesforce_history")
    assert now(history) == {"open": 16, "won": 12, "lost": 8}
    assert one(history, "SELECT count(*) FROM {history}") == 48 + 25
    assert "25 deals are today not as the last row" in told(history)
    assert one(history, "SELECT min(effective_at)::VARCHAR FROM {history}") == "2026-02-23 20:55:00"
    open_stages = [stage.name for stage in history.stages if stage.status == "open"]
    assert open_stages[0] == "Prospecting"
    assert open_stages[-1] == "Negotiation/Review"


def test_the_raw_tables_of_a_real_org() -> None:
    history = real("salesforce_raw_export/Opportunity.csv", history="salesforce_raw_export/OpportunityHistory.csv")
    assert now(history) == {"open": 13, "won": 18}
    assert one(history, "SELECT count(*) FROM {history}") == 62
    assert one(history, "SELECT sum(amount) FROM {history} WHERE status = 'won'") == 729000000
    assert "owner" in history.dimensions
