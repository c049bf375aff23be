"""The files of the real data, where they are: each loads, or is refused with a reason."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from penstock.readers.columns import boolean_sql, date_sql, instant_sql, integer_sql, looks_like, money_sql, probability_sql
from penstock.readers.faults import ReadError
from penstock.readers.files import load
from penstock.readers.sheet import Sheet
from tests.readers.sheets import connect, faults, rows, typed


@pytest.fixture
def loader(shared_data: Path) -> Path:
    return shared_data / "salesforce_dataloader_csv"


def _typing(sheet: Sheet, name: str) -> tuple[str, int]:
    """The form of a column and how many values it gives; 0 where the typing is refused."""
    form = looks_like(sheet, name)
    reads = {"instant": instant_sql, "date": date_sql, "boolean": boolean_sql}
    try:
        if form in ("number", "money"):
            return form, len(typed(sheet, money_sql(sheet, name).sql))
        return form, len(typed(sheet, reads[form](sheet, name))) if form in reads else sheet.rows
    except ReadError as refused:
        named = all(fault.what and fault.remedy and fault.column == name for fault in refused.faults)
    assert named
    return form, 0


def test_every_file_of_the_loader_is_read_and_typed(loader: Path) -> None:
    files = sorted(loader.glob("*.csv"))
    assert len(files) == 50
    refused = {}
    for path in files:
        sheet = load(connect(), path)
        for name in sheet.columns:
            form, read = _typing(sheet, name)
            if read != sheet.rows:
                refused[path.name, name] = form
    assert refused == REFUSED


# It names two zones: Z, and three hours west of it.
REFUSED = {("dateWithTimeZone.csv", "DATE"): "instant"}


def test_byte_order_marks_make_no_difference(loader: Path) -> None:
    plain = load(connect(), loader / "csvtext.csv")
    marked = sorted(loader.glob("csvtext_BOM_*.csv"))
    assert len(marked) == 5
    for path in marked:
        sheet = load(connect(), path)
        assert (sheet.columns, rows(sheet)) == (plain.columns, rows(plain)), path.name


def test_separators_quotes_and_spaces_of_the_loader(loader: Path) -> None:
    assert rows(load(connect(), loader / "csvSeparator.csv")) == [
        (1, "col11", "col12!somev1", "col13"),
        (2, "col21", "col22!somev2", "col23"),
    ]
    assert [row[1] for row in rows(load(connect(), loader / "csvEscapedQuotes.csv"))] == [
        '"The Best" Account',
        'The "Best" Account',
    ]
    contact = rows(load(connect(), loader / "insertTaskWithContactAsWhoCsv.csv"))[0][2]
    assert contact == "contactFor@PolymorphicMappingOfTask.com"
    assert load(connect(), loader / "20kRows.csv").rows == 20_000
    assert load(connect(), loader / "hardDeleteEmptyCsvFileTemplate.csv").rows == 0
    assert "windows-1252" in load(connect(), loader / "accountData.csv").notes[0].what


def test_time_zones_of_the_loader(loader: Path) -> None:
    sheet = load(connect(), loader / "timeZoneFormatTesting.csv")
    instants = typed(sheet, instant_sql(sheet, "Date"))
    assert instants[:2] == [datetime(2009, 7, 14, 18, 14, 45), datetime(2009, 7, 14, 6, 14, 45)]
    assert instants[:6] == instants[6:]
    wrong = load(connect(), loader / "timeZoneFormatTestingWithErrors.csv")
    (fault,) = faults(lambda: instant_sql(wrong, "Date"))
    assert (fault.rows, fault.count) == ([2, 3], 2)
    zoned = load(connect(), loader / "dateWithTimeZone.csv")
    assert faults(lambda: instant_sql(zoned, "DATE"))[0].count == 2
    batches = load(connect(), loader / "insertAccountWithMultipleBatchesCSV.csv")
    assert faults(lambda: instant_sql(batches, "CustomDateTime"))[0].values == ["wrongdate"]


def test_opportunities_of_the_loader(loader: Path) -> None:
    sheet = load(connect(), loader / "opportunityData.csv")
    closed = typed(sheet, date_sql(sheet, "CLOSEDATE"))
    assert (min(closed), len(closed)) == (date(2005, 11, 9), 38)
    assert min(typed(sheet, instant_sql(sheet, "CREATEDDATE"))) == datetime(2006, 6, 15, 20, 47, 7)
    assert set(typed(sheet, probability_sql(sheet, "PROBABILITY"))) <= {0, 1000, 2000, 5000, 6000, 7500, 9000, 10_000}
    assert 10_000_000 in typed(sheet, money_sql(sheet, "AMOUNT").sql)
    assert set(typed(sheet, boolean_sql(sheet, "ISWON"))) == {True, False}
    assert set(typed(sheet, integer_sql(sheet, "FISCALYEAR"))) == {2005, 2006}


def test_zoho(shared_data: Path) -> None:
    sheet = load(connect(), shared_data / "zoho_crm" / "Potentials.csv")
    assert typed(sheet, instant_sql(sheet, "Created Time"))[0] == datetime(2021, 4, 15, 0, 2)
    money = money_sql(sheet, "Amount")
    assert typed(sheet, money.sql)[0] == 2_270_000
    assert money.currencies == {"$": sum(value is not None for value in typed(sheet, '"Amount"'))}


def test_salesforce_export(shared_data: Path) -> None:
    sheet = load(connect(), shared_data / "salesforce_org_export" / "OpportunityHistory.csv")
    assert typed(sheet, instant_sql(sheet, "CreatedDate"))[0] == datetime(2026, 2, 23, 20, 55)
    assert typed(sheet, date_sql(sheet, "CloseDate"))[0] == date(2021, 1, 27)


def test_bpi_dirty_pipeline_and_obvience(shared_data: Path) -> None:
    bpi = load(connect(), shared_data / "bpi_2012" / "BPI_Challenge_2012.csv.gz")
    assert bpi.rows == 262_200
    assert typed(bpi, instant_sql(bpi, "time:timestamp"))[0] == datetime(2011, 9, 30, 22, 38, 44, 546000)
    dirty = load(connect(), shared_data / "dirty_pipeline_2015" / "sales_pipeline.csv")
    # The 1,000 deals, and far below them a row that holds one stray figure.
    assert (dirty.rows, dirty.blank_rows, rows(dirty)[-1][0], dirty.columns[-1]) == (1001, 4840, 3763, "column_13")
    assert Counter(typed(dirty, probability_sql(dirty, "Probability")))[6500] > 0
    assert typed(dirty, date_sql(dirty, "Reporting Date"))[0] == date(2015, 1, 1)
    facts = load(connect(), shared_data / "obvience_tracking" / "Fact.csv")
    assert typed(facts, instant_sql(facts, "EstimatedCloseDate"))[0] == datetime(2015, 11, 20, 10, 59)
