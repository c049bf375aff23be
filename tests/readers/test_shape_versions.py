"""Files with one row per version, canonical or close to it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from penstock.ledger.schema import CANONICAL
from tests.readers.reading import now, reading, real, refusal, rows, told, written


def test_a_canonical_file_comes_out_as_it_went_in(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        opportunity_id,effective_at,recorded_at,seq,status,stage,stage_order,amount,currency,close_date,created_at,qualified,probability,forecast_category,reconstructed_fields,unknown_fields,region
        D1,2026-01-05T09:00:00Z,2026-01-06T09:00:00Z,7,open,Proposal,2,1234.50,EUR,2026-03-31,2026-01-05T09:00:00Z,true,40,commit,"amount,region",,EMEA
        D1,2026-02-01T00:00:00+01:00,,8,won,Won,3,1300,EUR,2026-02-01,2026-01-05T09:00:00Z,true,100,closed,,probability,APAC
        """,
    )
    history = reading(path)
    columns = [name for name, *_ in history.con.execute(f"DESCRIBE {history.table}").fetchall()]
    assert columns == [*CANONICAL, "region"]
    assert history.dimensions == ("region",)
    assert rows(history, "*") == [
        ("D1", "2026-01-05 09:00", "2026-01-06 09:00", 7, "open", "Proposal", 2, 123450, "EUR", "2026-03-31", "2026-01-05 09:00",
         True, 4000, "commit", "amount,region", "", "EMEA"),
        ("D1", "2026-01-31 23:00", "2026-01-31 23:00", 8, "won", "Won", 3, 130000, "EUR", "2026-02-01", "2026-01-05 09:00",
         True, 10000, "closed", "", "probability", "APAC"),
    ]  # fmt: skip


def test_the_types_are_those_of_the_schema(tmp_path: Path) -> None:
    path = written(tmp_path, "opportunity_id,effective_at,status,amount\nD1,2026-01-01,open,10\n")
    history = reading(path)
    types = {name: kind for name, kind, *_ in history.con.execute(f"DESCRIBE {history.table}").fetchall()}
    assert types == {
        "opportunity_id": "VARCHAR", "effective_at": "TIMESTAMP", "recorded_at": "TIMESTAMP", "seq": "BIGINT",
        "status": "VARCHAR", "stage": "VARCHAR", "stage_order": "INTEGER", "amount": "BIGINT", "currency": "VARCHAR",
        "close_date": "DATE", "created_at": "TIMESTAMP", "qualified": "BOOLEAN", "probability": "INTEGER",
        "forecast_category": "VARCHAR",
        "reconstructed_fields": "VARCHAR", "unknown_fields": "VARCHAR",
    }  # fmt: skip


def test_ties_keep_the_order_of_the_file_and_statuses_come_from_stages(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        Deal ID,Effective At,Stage,Amount
        D1,2026-01-01,Discovery,100
        D1,2026-02-01,Proposal,90
        D1,2026-02-01,Closed Lost,80
        """,
    )
    history = reading(path)
    assert rows(history, "effective_at", "status", "amount") == [
        ("2026-01-01", "open", 10000),
        ("2026-02-01", "open", 9000),
        ("2026-02-01", "lost", 8000),
    ]
    assert {stage.name: (stage.order, stage.status) for stage in history.stages} == {
        "Discovery": (1, "open"), "Proposal": (2, "open"), "Closed Lost": (None, "lost"),
    }  # fmt: skip
    assert "There is no close date" in told(history, "unknown")


def test_a_parquet_file_with_types_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "history.parquet"
    duckdb.connect().execute(
        f"""COPY (SELECT 'D1' AS opportunity_id, TIMESTAMP '2026-01-01 10:00:00.5' AS effective_at, 'open' AS status,
        12.30::DECIMAL(18,2) AS amount, DATE '2026-03-01' AS close_date, 'EUR' AS currency) TO '{path}' (FORMAT parquet)"""
    )
    assert rows(reading(path), "opportunity_id", "effective_at::VARCHAR", "amount", "close_date", "currency") == [
        ("D1", "2026-01-01 10:00:00.5", 1230, "2026-03-01", "EUR")
    ]


def test_amounts_keep_the_decimals_of_their_currency(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        opportunity_id,effective_at,status,amount,currency
        D1,2026-01-01,open,1200,JPY
        D2,2026-01-01,open,1200.50,eur
        D3,2026-01-01,open,1234.567,KWD
        """,
    )
    assert rows(reading(path), "amount", "currency") == [(1200, "JPY"), (120050, "EUR"), (1234567, "KWD")]


def test_a_status_that_says_nothing_is_refused_with_its_values(tmp_path: Path) -> None:
    path = written(tmp_path, "opportunity_id,effective_at,status\nD1,2026-01-01,open\nD2,2026-01-01,on hold\n")
    fault = refusal(path).faults[0]
    assert "on hold (1 row)" in fault.what
    assert "--map status=COLUMN" in fault.remedy


def test_rows_without_an_id_are_refused_or_set_aside(tmp_path: Path) -> None:
    path = written(
        tmp_path, "opportunity_id,effective_at,status,amount\nD1,2026-01-01,open,5\n,2026-01-01,open,6\nD3,never,open,x\n"
    )
    faults = refusal(path).faults
    assert {(fault.column, tuple(fault.rows)) for fault in faults} == {
        ("opportunity_id", (2,)),
        ("effective_at", (3,)),
        ("amount", (3,)),
    }
    rejects = tmp_path / "rejects.csv"
    history = reading(path, rejects=rejects)
    assert rows(history, "opportunity_id", "amount") == [("D1", 500)]
    assert len(rejects.read_text(encoding="utf-8").splitlines()) == 3
    assert [note.count for note in history.notes if note.kind == "set_aside"] == [2]


def test_a_record_that_ended_without_another_row_was_removed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        id,stage_name,amount,_fivetran_start,_fivetran_end,_fivetran_active,is_closed,is_won
        D1,Proposal,10,2026-01-01 00:00:00,2026-02-01 00:00:00,false,false,false
        D2,Proposal,20,2026-01-01 00:00:00,2026-02-01 00:00:00,false,false,false
        D2,Closed Won,20,2026-02-01 00:00:00,9999-12-31 23:59:59,true,true,true
        """,
    )
    history = reading(path)
    assert history.recipe == "salesforce_synced"
    assert rows(history, "opportunity_id", "effective_at", "status") == [
        ("D1", "2026-01-01", "open"),
        ("D1", "2026-02-01", "removed"),
        ("D2", "2026-01-01", "open"),
        ("D2", "2026-02-01", "won"),
    ]


def test_a_synced_table_of_a_real_org_is_refused_for_its_probability_of_1000_percent() -> None:
    from tests.readers.reading import DATA

    faults = refusal(DATA / "salesforce_schema_seeds" / "sf_opportunity_history_data.csv").faults
    assert [fault.column for fault in faults] == ["probability"]
    assert "1000" in faults[0].values


def test_the_rest_of_that_table_is_read(tmp_path: Path) -> None:
    history = real("salesforce_schema_seeds/sf_opportunity_history_data.csv", rejects=tmp_path / "rejects.csv")
    assert set(now(history)) == {"removed"}
