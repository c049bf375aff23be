"""The invented company as Salesforce exports it: its opportunities as they are now, and the history of their tracked fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from penstock.demo.company import Deal, found_company
from penstock.demo.people import OWNERS

# Column of the canonical history -> field of Opportunity whose changes are tracked.
_TRACKED: Final = {
    "stage": "StageName",
    "amount": "Amount",
    "close_date": "CloseDate",
    "probability": "Probability",
    "forecast_category": "ForecastCategoryName",
    "owner": "Owner",
    "region": "Region__c",
    "team": "Team__c",
}
_FIXED: Final = {
    "source": "LeadSource",
    "segment": "Segment__c",
    "role": "Generating_Role__c",
    "product": "Product__c",
    "industry": "Industry__c",
}
_CATEGORIES: Final = {
    "omitted": "Omitted",
    "pipeline": "Pipeline",
    "best_case": "Best Case",
    "commit": "Commit",
    "closed": "Closed",
}

_OPPORTUNITY: Final = (
    *("Id", "IsDeleted", "Name", "AccountId", "Account.Name", "Owner.Name", "StageName", "Amount", "CurrencyIsoCode"),
    *("Probability", "CloseDate", "IsClosed", "IsWon", "ForecastCategoryName", "LeadSource", "Region__c", "Team__c"),
    *("Segment__c", "Generating_Role__c", "Product__c", "Industry__c", "CreatedDate", "LastModifiedDate", "SystemModstamp"),
)
_FIELD_HISTORY: Final = ("Id", "IsDeleted", "OpportunityId", "Field", "OldValue", "NewValue", "CreatedById", "CreatedDate")


def write_salesforce_export(folder: Path, *, seed: int = 7, deals: int = 400) -> tuple[Path, Path]:
    """Writes Opportunity.csv and OpportunityFieldHistory.csv into the folder, making it if need be; their paths.

    The company is the one that `write_history` writes with the same seed and number of deals. As in Salesforce, a value at
    birth is told only by the old value of the first change (or by the current value), a change counts from the moment it was
    made, so a late correction stands there at its recording, and nothing but the stage says whether a deal counts. Unlike there,
    an owner's change is one row, by name; Salesforce adds a second one with the ids.
    """
    folder.mkdir(parents=True, exist_ok=True)
    company = found_company(seed, deals)
    accounts = list(dict.fromkeys(deal.account.name for deal in company))
    opportunities, history = folder / "Opportunity.csv", folder / "OpportunityFieldHistory.csv"
    _write(opportunities, _OPPORTUNITY, (_opportunity(deal, accounts.index(deal.account.name)) for deal in company))
    changes = sorted((row for deal in company for row in _field_history(deal)), key=lambda row: row["CreatedDate"])
    _write(history, _FIELD_HISTORY, (row | {"Id": salesforce_id("017", number)} for number, row in enumerate(changes, 1)))
    return opportunities, history


def salesforce_id(prefix: str, number: int) -> str:
    """An 18-character id: prefix, instance and number, then the three letters that tell the capitals of the first fifteen."""
    short = f"{prefix}Aq{number:010d}"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (short[:5], short[5:10], short[10:])
    return short + "".join(letters[sum(1 << place for place, char in enumerate(chunk) if char.isupper())] for chunk in chunks)


def _write(path: Path, columns: Sequence[str], rows: Iterator[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _opportunity(deal: Deal, account: int) -> dict[str, str]:
    changes = sorted(deal.changes, key=lambda change: change.recorded or change.at)
    state: dict[str, str] = {}
    for change in changes:
        state |= change.values
    touched = _instant(changes[-1].recorded or changes[-1].at)
    closed = state["stage"] in ("Won", "Lost")
    return (
        {field: _said(column, state[column]) for column, field in _TRACKED.items() if column != "owner"}
        | {field: state[column] for column, field in _FIXED.items()}
        | {
            "Id": _opportunity_id(deal),
            "IsDeleted": _boolean(state["status"] == "removed"),
            "Name": f"{deal.account.name} {state['product']}",
            "AccountId": salesforce_id("001", 1 + account),
            "Account.Name": deal.account.name,
            "Owner.Name": state["owner"],
            "CurrencyIsoCode": "EUR",
            "IsClosed": _boolean(closed),
            "IsWon": _boolean(state["stage"] == "Won"),
            "CreatedDate": _instant(min(change.at for change in changes)),
            "LastModifiedDate": touched,
            "SystemModstamp": touched,
        }
    )


def _field_history(deal: Deal) -> Iterator[dict[str, str]]:
    """A row per tracked field that changed; the birth is a row of its own, without values."""
    state: dict[str, str] = {}
    for change in sorted(deal.changes, key=lambda change: change.recorded or change.at):
        by = _owner_id(change.values.get("owner") or state["owner"])
        row = {"OpportunityId": _opportunity_id(deal), "IsDeleted": "false", "CreatedById": by}
        row["CreatedDate"] = _instant(change.recorded or change.at)
        if not state:
            yield row | {"Field": "created", "OldValue": "", "NewValue": ""}
        else:
            for column, value in change.values.items():
                old = state.get(column, "")
                if old != value and column in _TRACKED:
                    yield row | {"Field": _TRACKED[column], "OldValue": _said(column, old), "NewValue": _said(column, value)}
        state |= change.values


def _said(column: str, value: str) -> str:
    return _CATEGORIES[value] if column == "forecast_category" else value


def _opportunity_id(deal: Deal) -> str:
    return salesforce_id("006", int(deal.opportunity_id.removeprefix("AQ-")))


def _owner_id(name: str) -> str:
    return salesforce_id("005", 1 + [owner.name for owner in OWNERS].index(name))


def _instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _boolean(value: bool) -> str:
    return "true" if value else "false"
