"""The pair of Salesforce files tells the same story as the canonical history."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from penstock.demo import write_history, write_salesforce_export
from penstock.demo.salesforce import salesforce_id

Row = dict[str, str]

FIELDS = {
    "StageName": "stage",
    "Amount": "amount",
    "CloseDate": "close_date",
    "Probability": "probability",
    "Region__c": "region",
    "Team__c": "team",
    "Owner": "owner",
}


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], list[Row], list[Row]]:
    folder = tmp_path_factory.mktemp("export")
    write_history(folder / "history.csv")
    opportunities, changes = write_salesforce_export(folder / "salesforce")
    assert (opportunities.name, changes.name) == ("Opportunity.csv", "OpportunityFieldHistory.csv")
    return read(folder / "history.csv"), read(opportunities), read(changes)


def test_undoing_the_field_changes_gives_every_version_of_the_history(files: tuple[list[Row], list[Row], list[Row]]) -> None:
    history, opportunities, changes = files
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(history, key=lambda row: (row["recorded_at"], int(row["seq"]))):
        versions[salesforce_id("006", int(row["opportunity_id"][3:]))].append(row)
    undo: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for change in changes:
        if change["Field"] in FIELDS:
            undo[change["OpportunityId"]][change["CreatedDate"][:19]].append(change)
    assert {row["Id"] for row in opportunities} == set(versions)
    for opportunity in opportunities:
        now = {field: opportunity["Owner.Name" if field == "Owner" else field] for field in FIELDS}
        for version in reversed(versions[opportunity["Id"]]):
            assert now == {field: version[column] for field, column in FIELDS.items()}
            for change in undo[opportunity["Id"]][version["recorded_at"][:19]]:
                assert now[change["Field"]] == change["NewValue"]
                now[change["Field"]] = change["OldValue"]


def test_current_state_flags_follow_status(files: tuple[list[Row], list[Row], list[Row]]) -> None:
    history, opportunities, _ = files
    status = {salesforce_id("006", int(row["opportunity_id"][3:])): row["status"] for row in history}
    for row in opportunities:
        expected = {"open": (False, False), "removed": (False, False), "won": (True, True), "lost": (True, False)}[
            status[row["Id"]]
        ]
        assert (row["IsClosed"] == "true", row["IsWon"] == "true") == expected
        assert (row["IsDeleted"] == "true") == (status[row["Id"]] == "removed")


def test_ids_are_of_eighteen_characters_and_unique(files: tuple[list[Row], list[Row], list[Row]]) -> None:
    _, opportunities, changes = files
    for rows in (opportunities, changes):
        assert {len(row["Id"]) for row in rows} == {18}
        assert len({row["Id"] for row in rows}) == len(rows)
    assert len({(row["AccountId"], row["Account.Name"]) for row in opportunities}) == len(
        {row["AccountId"] for row in opportunities}
    )


def test_the_suffix_of_an_id_tells_its_capitals() -> None:
    # The published rule, by hand: "006Aq" has its capital in place 3 (8 -> I); the other two groups of five have none (A).
    assert salesforce_id("006", 12) == "006Aq0000000012IAA"
