"""Which shape a file has, by its columns; and what is said of files that are no opportunities."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.readers.fields import snake
from tests.readers.reading import DATA, now, reading, refusal, rows, written

OPPORTUNITIES = {"opportunityData.csv", "success0413060133.csv"}


@pytest.mark.parametrize(
    ("columns", "row", "recipe"),
    [
        ("Id,StageName,Amount,CloseDate,CreatedDate", "A,Open,5,2026-02-01,2026-01-01", "salesforce"),
        ("ID,STAGENAME,AMOUNT,CLOSEDATE,CREATEDDATE", "A,Open,5,2026-02-01,2026-01-01", "salesforce"),
        ("Record ID,Deal Stage,Amount,Close Date,Create Date", "A,Open,5,2026-02-01,2026-01-01", "hubspot"),
        ("id,stage_id,value,currency,status,add_time", "7,2,5,EUR,open,2026-01-01", "pipedrive"),
        ("Deal - ID,Deal - Stage,Deal - Value,Deal - Deal created,Deal - Status", "7,Two,5,2026-01-01,Open", "pipedrive"),
        ("Record Id,Deal Name,Stage,Closing Date,Amount,Created Time", "A,Big,Open,2026-02-01,5,2026-01-01", "zoho"),
        ("Opportunity_ID,Sales_Stage,Deal Size,Created On", "A,Open,5,2026-01-01", "current_state"),
    ],
)
def test_products_are_known_by_their_columns(tmp_path: Path, columns: str, row: str, recipe: str) -> None:
    history = reading(written(tmp_path, f"{columns}\n{row}\n"))
    assert history.recipe == recipe
    assert rows(history, "status", "amount", "created_at") == [("open", 500, "2026-01-01")]


def test_two_columns_that_fit_are_asked_about(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Deal Value,Contract Value,Created\nA,Open,1,2,2026-01-01\n")
    fault = refusal(path).faults[0]
    assert "Deal Value, Contract Value" in fault.what
    assert '--map amount="Deal Value"' in fault.remedy
    assert rows(reading(path, mapping={"amount": "contract value"}), "amount") == [(200,)]


def test_a_mapped_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Amount,Created\nA,Open,1,2026-01-01\n")
    fault = refusal(path, mapping={"amount": "Betrag"}).faults[0]
    assert "Betrag" in fault.what
    assert "Deal ID, Stage, Amount, Created" in fault.remedy


def test_a_field_that_is_none_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Amount,Created\nA,Open,1,2026-01-01\n")
    fault = refusal(path, mapping={"prize": "Amount"}).faults[0]
    assert "prize" in fault.what
    assert "amount" in fault.remedy


def test_a_reader_may_be_named_and_says_what_it_misses(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Amount,Created\nA,Open,1,2026-01-01\n")
    assert "effective_at" in refusal(path, reader="versions").faults[0].what
    assert "versions" in refusal(path, reader="spreadsheet").faults[0].remedy


def test_a_mapping_file_says_it_all(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Nummer;Phase;Wert;Angelegt;Region;Notiz\n7;Angebot;1.200,50;05.01.2026;Nord;x\n8;Gewonnen;10,00;25.01.2026;Süd;y\n",
    )
    mapping = written(
        tmp_path,
        """
        reader: current_state
        fields: {opportunity_id: Nummer, stage: Phase, amount: Wert, created_at: Angelegt}
        stages: {Angebot: open, Gewonnen: won}
        constants: {currency: EUR, company: North}
        dimensions: {area: Region}
        """,
        "mapping.yaml",
    )
    history = reading(path, mapping_file=mapping)
    assert history.dimensions == ("area", "company")
    assert rows(history, "opportunity_id", "status", "amount", "currency", "area", "company")[0] == (
        "7", "open", 120050, "EUR", "Nord", "North",
    )  # fmt: skip


def test_a_mapping_file_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Amount,Created\nA,Open,1,2026-01-01\n")
    fault = refusal(path, mapping_file=written(tmp_path, "feelds: {a: b}\n", "mapping.yaml")).faults[0]
    assert "feelds" in fault.what
    assert "fields" in fault.remedy


def test_other_columns_are_dimensions_in_snake_case(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Amount,Created,Lead Source,OwnerId\nA,Open,1,2026-01-01,Web,7\n")
    assert reading(path).dimensions == ("lead_source", "owner")
    assert [snake(name) for name in ("Lead Source", "OwnerId", "LeadID", "Opp Close Date_Simulated", "Größe")] == [
        "lead_source", "owner_id", "lead_id", "opp_close_date_simulated", "größe",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.name for path in (DATA / "salesforce_dataloader_csv").glob("*.csv")) or ["none"])
def test_every_file_of_the_official_loader_is_read_or_refused_with_a_reason(name: str) -> None:
    path = DATA / "salesforce_dataloader_csv" / name
    if not path.exists():
        pytest.skip("the real data are not here")
    if name in OPPORTUNITIES:
        assert now(reading(path))
        return
    assert all(fault.what.endswith(".") and fault.remedy for fault in refusal(path).faults)


@pytest.mark.parametrize(
    "name",
    [
        "salesforce_raw_export/Task.csv", "salesforce_raw_export/Case.csv", "salesforce_raw_export/Lead.csv",
        "salesforce_raw_export/Campaign.csv", "salesforce_org_export/OpportunityHistoryGroup.csv", "zoho_crm/Calls.csv",
        "olist_funnel/olist_marketing_qualified_leads_dataset.csv", "salesforce_schema_seeds/sf_account_history_data.csv",
        "hubspot_schema_seeds/company_property_history_data.csv", "hubspot_schema_seeds/deal_pipeline_stage_data.csv",
        "obvience_tracking/SalesStage.csv",
    ],
)  # fmt: skip
def test_files_of_other_things_are_refused_naming_their_columns(name: str) -> None:
    fault = refusal(DATA / name).faults[0]
    assert "stage" in fault.what
    assert "Columns here: " in fault.remedy
    assert "--map stage=COLUMN" in fault.remedy
