"""Logs of field changes, with the file of today beside them and alone."""

from __future__ import annotations

from pathlib import Path

from tests.readers.reading import DATA, reading, refusal, rows, told, written

TODAY = """
Id,StageName,Amount,CloseDate,IsClosed,IsWon,CreatedDate,LastModifiedDate,OwnerId,Region__c
006A,Closed Won,120,2026-03-15,true,true,2026-01-01T08:00:00Z,2026-03-15T10:00:00Z,005X,EMEA
006B,Prospecting,50,2026-06-30,false,false,2026-01-02T08:00:00Z,2026-01-02T08:00:00Z,005Y,APAC
"""
LOG = """
Id,OpportunityId,Field,OldValue,NewValue,CreatedDate
1,006A,created,,,2026-01-01T08:00:00Z
2,006A,Amount,100,110,2026-02-01T09:00:00Z
3,006A,StageName,Prospecting,Proposal,2026-02-01T09:00:00Z
4,006A,Amount,110,120,2026-03-01T09:00:00Z
5,006A,StageName,Proposal,Closed Won,2026-03-15T10:00:00Z
6,006A,CloseDate,2026-03-31,2026-03-15,2026-03-15T10:00:00Z
"""


def test_salesforce_field_history_beside_the_opportunity_file(tmp_path: Path) -> None:
    history = reading(written(tmp_path, TODAY, "opportunity.csv"), history=written(tmp_path, LOG, "history.csv"))
    assert (history.reader, history.recipe) == ("field_changes", "salesforce_field_history")
    assert history.dimensions == ("owner", "region_c")
    columns = (
        "opportunity_id",
        "effective_at",
        "status",
        "stage",
        "amount",
        "close_date",
        "owner",
        "region_c",
        "reconstructed_fields",
    )
    assert rows(history, *columns) == [
        ("006A", "2026-01-01 08:00", "open", "Prospecting", 10000, "2026-03-31", "005X", "EMEA", "owner,region_c"),
        ("006A", "2026-02-01 09:00", "open", "Proposal", 11000, "2026-03-31", "005X", "EMEA", "owner,region_c"),
        ("006A", "2026-03-01 09:00", "open", "Proposal", 12000, "2026-03-31", "005X", "EMEA", "owner,region_c"),
        ("006A", "2026-03-15 10:00", "won", "Closed Won", 12000, "2026-03-15", "005X", "EMEA", ""),
        ("006B", "2026-01-02 08:00", "open", "Prospecting", 5000, "2026-06-30", "005Y", "APAC", ""),
    ]


def test_the_two_files_may_be_named_in_snake_case(tmp_path: Path) -> None:
    today = written(tmp_path, TODAY.replace("StageName", "stage_name").replace("CloseDate", "close_date"), "opportunity.csv")
    log = LOG.replace(
        "OpportunityId,Field,OldValue,NewValue,CreatedDate", "opportunity_id,field,old_value,new_value,created_date"
    )
    history = reading(today, history=written(tmp_path, log, "history.csv"))
    assert [row[0] for row in rows(history, "amount")] == [10000, 11000, 12000, 12000, 5000]


def test_a_log_alone_tells_what_it_mentions(tmp_path: Path) -> None:
    history = reading(written(tmp_path, LOG))
    assert rows(history, "effective_at", "status", "stage", "amount", "created_at") == [
        ("2026-01-01 08:00", "open", "Prospecting", 10000, "2026-01-01 08:00"),
        ("2026-02-01 09:00", "open", "Proposal", 11000, "2026-01-01 08:00"),
        ("2026-03-01 09:00", "open", "Proposal", 12000, "2026-01-01 08:00"),
        ("2026-03-15 10:00", "won", "Closed Won", 12000, "2026-01-01 08:00"),
    ]
    assert "The log stands alone" in told(history, "unknown")


def test_clearing_a_field_is_a_change(tmp_path: Path) -> None:
    log = LOG + "7,006A,Amount,120,,2026-04-01T09:00:00Z\n"
    history = reading(written(tmp_path, log))
    assert rows(history, "effective_at", "amount")[-1] == ("2026-04-01 09:00", None)


def test_what_today_says_beyond_the_log_comes_as_one_more_version(tmp_path: Path) -> None:
    today = TODAY.replace("006A,Closed Won,120,", "006A,Closed Won,125,").replace(
        "2026-03-15T10:00:00Z,005X", "2026-03-20T10:00:00Z,005X"
    )
    history = reading(written(tmp_path, today, "opportunity.csv"), history=written(tmp_path, LOG, "history.csv"))
    last = rows(history, "opportunity_id", "effective_at", "status", "amount", "reconstructed_fields")[4]
    assert last == ("006A", "2026-03-20 10:00", "won", 12500, "effective_at")
    assert "1 deal is today not as the log left it" in told(history)


def test_a_deleted_record_is_removed(tmp_path: Path) -> None:
    today = (
        TODAY.replace("IsWon,", "IsWon,IsDeleted,")
        .replace("true,true,2026", "true,true,false,2026")
        .replace("false,false,2026", "false,false,true,2026")
    )
    history = reading(written(tmp_path, today, "opportunity.csv"), history=written(tmp_path, LOG, "history.csv"))
    assert rows(history, "opportunity_id", "status")[-2:] == [("006B", "open"), ("006B", "removed")]


def test_hubspot_property_history_with_epoch_milliseconds(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        deal_id,name,value,timestamp
        77,dealstage,appointmentscheduled,1767225600000
        77,amount,1000,1767225600000
        77,closedate,1774915200000,1767225600000
        77,pipeline,default,1767225600000
        77,amount,1500,1769904000000
        77,dealstage,closedwon,1772323200000
        """,
    )
    history = reading(path)
    assert history.recipe == "hubspot_property_history"
    assert rows(history, "effective_at", "status", "amount", "close_date", "pipeline") == [
        ("2026-01-01", "open", 100000, "2026-03-31", "default"),
        ("2026-02-01", "open", 150000, "2026-03-31", "default"),
        ("2026-03-01", "won", 150000, "2026-03-31", "default"),
    ]


def test_pipedrive_change_log_leaves_out_what_is_not_of_deals(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        object,item_id,field_key,old_value,new_value,log_time
        deal,5,stage_id,1,2,2026-01-10 10:00:00
        person,5,value,1,2,2026-01-11 10:00:00
        deal,5,value,100,250,2026-02-10 10:00:00
        deal,5,status,open,won,2026-02-11 10:00:00
        """,
    )
    history = reading(path)
    assert history.recipe == "pipedrive_change_log"
    assert rows(history, "effective_at", "status", "stage", "amount") == [
        ("2026-01-10 10:00", "open", "2", 10000),
        ("2026-02-10 10:00", "open", "2", 25000),
        ("2026-02-11 10:00", "won", "2", 25000),
    ]


def test_salesforce_logs_a_change_of_owner_twice_and_it_counts_once(tmp_path: Path) -> None:
    log = (
        LOG
        + "7,006A,Owner,Ann Old,Bob New,2026-02-15T09:00:00Z\n"
        + "8,006A,Owner,005000000000001AAA,005000000000002AAA,2026-02-15T09:00:00Z\n"
    )
    today = TODAY.replace("005X", "005000000000002AAA")
    by_id = reading(written(tmp_path, today, "opportunity.csv"), history=written(tmp_path, log, "history.csv"))
    assert [row[0] for row in rows(by_id, "owner")][:5] == ["005000000000001AAA"] * 2 + ["005000000000002AAA"] * 3
    alone = reading(written(tmp_path, log, "history.csv"))
    assert [row[0] for row in rows(alone, "owner")] == ["Ann Old"] * 2 + ["Bob New"] * 3


def test_a_field_of_the_log_may_be_mapped(tmp_path: Path) -> None:
    log = LOG.replace(",Amount,", ",ACV__c,")
    today = TODAY.replace("Amount", "ACV__c")
    history = reading(
        written(tmp_path, today, "opportunity.csv"), history=written(tmp_path, log, "history.csv"), mapping={"amount": "ACV__c"}
    )
    assert [row[0] for row in rows(history, "amount")] == [10000, 11000, 12000, 12000, 5000]


def test_a_log_of_nothing_known_is_refused_with_the_names_it_has() -> None:
    fault = refusal(DATA / "hubspot_schema_seeds" / "deal_property_history_data.csv").faults[0]
    assert "none of the fields it tells of is the stage" in fault.what
    assert "ky4p2Nx3U/ctHYnc+rKWvg==" in fault.remedy


def test_where_log_and_today_disagree_each_version_has_its_own_stages_status(tmp_path: Path) -> None:
    today = TODAY.replace("006A,Closed Won,120,2026-03-15,true,true", "006A,Proposal,120,2026-03-15,false,false")
    history = reading(written(tmp_path, today, "opportunity.csv"), history=written(tmp_path, LOG, "history.csv"))
    assert rows(history, "opportunity_id", "status", "stage")[3:5] == [
        ("006A", "won", "Closed Won"),
        ("006A", "open", "Proposal"),
    ]


def test_a_log_without_rows_is_refused(tmp_path: Path) -> None:
    empty = LOG.strip().splitlines()[0] + "\n"
    assert "no rows" in refusal(written(tmp_path, empty)).faults[0].what
