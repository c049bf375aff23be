"""One row per deal, as it is now: its past is reconstructed and marked so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.readers.reading import DATA, now, one, reading, real, refusal, rows, told, written

DEALS = """
Deal ID,Stage,Amount,Created Date,Close Date,Region
A,Closed Won,100,2026-01-05,2026-02-10,EMEA
B,Proposal,50,2026-01-07,2026-06-30,
C,Closed Lost,70,2026-03-01,2026-02-01,APAC
D,Discovery,,,,EMEA
"""


def test_a_closed_deal_is_open_from_its_creation_and_ends_at_its_close(tmp_path: Path) -> None:
    history = reading(written(tmp_path, DEALS))
    columns = ("effective_at", "recorded_at", "status", "stage", "amount", "close_date", "reconstructed_fields", "unknown_fields")
    assert rows(history, *columns)[:2] == [
        ("2026-01-05", "2026-01-05", "open", None, 10000, "2026-02-10", "status,amount,close_date,region",
         "stage,currency,probability,forecast_category"),
        ("2026-02-10", "2026-02-10", "won", "Closed Won", 10000, "2026-02-10", "", "currency,probability,forecast_category"),
    ]  # fmt: skip


def test_an_open_deal_stands_from_its_creation_with_all_of_it_reconstructed(tmp_path: Path) -> None:
    history = reading(written(tmp_path, DEALS))
    assert rows(history, "opportunity_id", "effective_at", "status", "stage", "reconstructed_fields", "unknown_fields")[2] == (
        "B", "2026-01-07", "open", "Proposal", "status,amount,close_date,region,stage",
        "currency,probability,forecast_category,region",
    )  # fmt: skip


def test_a_close_before_the_creation_is_kept_known_only_since_the_creation(tmp_path: Path) -> None:
    history = reading(written(tmp_path, DEALS))
    assert rows(history, "opportunity_id", "effective_at", "recorded_at", "status")[3] == (
        "C",
        "2026-02-01",
        "2026-03-01",
        "lost",
    )
    assert "1 deal closed before it was created" in told(history)


def test_a_deal_without_dates_is_placed_at_the_latest_instant_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, DEALS)
    assert rows(reading(path), "opportunity_id", "effective_at", "unknown_fields")[4][:2] == ("D", "2026-03-01")
    assert "1 deal has no date at all" in told(reading(path), "unknown")
    later = reading(path, extracted_at=datetime(2026, 5, 1, tzinfo=UTC))
    placed = rows(later, "opportunity_id", "effective_at", "unknown_fields")[4]
    assert placed[:2] == ("D", "2026-05-01")
    assert "effective_at" in placed[2].split(",")


def test_the_last_modification_is_where_an_open_deal_is_known_to_be_as_it_is(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        Id,StageName,Amount,CloseDate,IsClosed,IsWon,IsDeleted,CreatedDate,LastModifiedDate
        006A,Proposal,10,2026-09-30,false,false,false,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z
        006B,Proposal,20,2026-09-30,false,false,true,2026-01-01T00:00:00Z,2026-02-02T00:00:00Z
        """,
    )
    assert rows(reading(path), "opportunity_id", "effective_at", "status", "stage") == [
        ("006A", "2026-01-01", "open", None),
        ("006A", "2026-02-01", "open", "Proposal"),
        ("006B", "2026-01-01", "open", None),
        ("006B", "2026-02-02", "open", "Proposal"),
        ("006B", "2026-02-02", "removed", "Proposal"),
    ]


def test_rows_without_ids_are_deals_of_their_own(tmp_path: Path) -> None:
    path = written(tmp_path, "Stage,Amount,Created\nWon,5,2026-01-01\nOpen,5,2026-01-02\n")
    history = reading(path)
    assert {row[0] for row in rows(history, "opportunity_id")} == {"row 1", "row 2"}
    assert "No column with an id was found" in told(history)


def test_two_different_rows_of_one_deal_are_refused_and_equal_ones_count_once(tmp_path: Path) -> None:
    twice = "Deal ID,Stage,Amount,Created\nA,Open,5,2026-01-01\nA,Open,6,2026-01-01\nB,Open,7,2026-01-01\nB,Open,7,2026-01-01\n"
    fault = refusal(written(tmp_path, twice)).faults[0]
    assert (tuple(fault.rows), tuple(fault.values)) == ((1, 2), ("A", "A"))
    rest = reading(written(tmp_path, twice), rejects=tmp_path / "rejects.csv")
    assert rows(rest, "opportunity_id", "amount") == [("B", 700)]
    assert "1 row repeats another row exactly" in told(rest, "set_aside")


def test_a_file_of_stages_that_may_be_ends_asks_what_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Amount,Created\nA,Open,5,2026-01-01\nB,Declined,6,2026-01-01\n")
    fault = refusal(path).faults[0]
    assert "Declined (1 row)" in fault.what
    assert "--stages FILE" in fault.remedy
    told_so = reading(path, stages=written(tmp_path, "Open: open\nDeclined: lost\n", "stages.yaml"))
    assert now(told_so) == {"open": 1, "lost": 1}


def test_maven() -> None:
    history = real("maven_crm/sales_pipeline.csv")
    assert now(history) == {"open": 2089, "won": 4238, "lost": 2473}
    assert one(history, "SELECT sum(amount) FROM {history} WHERE status = 'won'") == 1000553400
    assert one(history, "SELECT count(*) FROM {history}") == 8800 + 4238 + 2473
    assert "500 deals have no date at all; they are placed at 2017-12-31" in told(history, "unknown")
    blank = (
        "SELECT count(DISTINCT opportunity_id) FROM {history} WHERE list_contains(string_split(unknown_fields, ','), 'account')"
    )
    assert one(history, blank) == 1425


def test_zoho() -> None:
    history = real("zoho_crm/Potentials.csv", currency="USD")
    assert history.recipe == "zoho"
    assert now(history) == {"open": 1722, "won": 1425, "lost": 485}
    assert {"owner", "lead_source", "expected_revenue"} <= set(history.dimensions)
    assert one(history, "SELECT sum(amount) FROM {history} WHERE status = 'won'") == 8906620000


def test_the_dirty_pipeline() -> None:
    history = real("dirty_pipeline_2015/sales_pipeline.csv")
    assert now(history) == {"open": 914, "won": 53, "lost": 33}
    assert one(history, "SELECT min(created_at)::VARCHAR FROM {history}") == "2015-01-01 00:00:00"
    closed = "SELECT min(probability) || '-' || max(probability) FROM {history} WHERE status IN ('won', 'lost')"
    assert one(history, closed) == "5000-8500"
    assert "4,840 blank rows" in told(history, "set_aside")
    assert "1 row holds nothing of a deal" in told(history, "set_aside")


def test_olist_closed_deals_are_all_won() -> None:
    history = real("olist_funnel/olist_closed_deals_dataset.csv", mapping={"opportunity_id": "mql_id"})
    assert now(history) == {"won": 842}
    assert "No column of amounts was found" in told(history, "unknown")
    assert "842 closed deals have no creation date" in told(history, "unknown")


def test_one_opportunity_of_obvience_is_on_two_rows(tmp_path: Path) -> None:
    path = DATA / "obvience_tracking" / "Fact.csv"
    fault = refusal(path, mapping={"amount": "ProductRevenue"}).faults[0]
    assert (fault.count, fault.values[0]) == (2, "302.0")
    history = real("obvience_tracking/Fact.csv", mapping={"amount": "ProductRevenue"}, rejects=tmp_path / "rejects.csv")
    assert now(history) == {"open": 485}
    assert "Nothing says that any deal was won or lost" in told(history, "unknown")


def test_hubspot_deals_without_a_stage_are_open_and_say_so() -> None:
    history = real("hubspot_schema_seeds/deal_data.csv")
    assert (history.recipe, now(history)) == ("hubspot", {"open": 44})
    assert "Nothing says that any deal was won or lost" in told(history, "unknown")


def test_the_official_loaders_opportunities() -> None:
    history = real("salesforce_dataloader_csv/opportunityData.csv")
    assert (history.recipe, now(history)) == ("salesforce", {"open": 30, "won": 8})
    assert one(history, "SELECT sum(amount) FROM {history} WHERE status = 'won'") == 220000000
    assert "8 deals closed before they were created" in told(history)
    assert now(real("salesforce_dataloader_csv/success0413060133.csv")) == {"open": 7, "won": 2}
