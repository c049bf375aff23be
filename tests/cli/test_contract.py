"""The machine-readable form, key by key: names, types and signs as the issue fixes them. Further keys may be there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli import files
from tests.cli.running import penstock

QUARTER = ("--quarter", "2026Q1", "--format", "json")

ELEMENTS = dict.fromkeys(("starting", "new", "change", "won", "lost", "ending", "residual"), int)
LINES = dict.fromkeys(
    (
        "increase", "decrease", "pulled_in", "pushed_out", "pulled_out", "reopened", "restored", "removed", "transferred_in",
        "transferred_out", "currency", "probability", "booked", "reversed",
    ),
    int,
)  # fmt: skip
PARTS = {"this_quarter": int, "next_three": int}
GROUP: dict[str, Any] = {
    "group": dict,
    **ELEMENTS,
    "lines": LINES,
    "counts": {**ELEMENTS, "lines": LINES},
    "parts": {"starting": PARTS, "ending": PARTS},
    "overdue": {"starting": int, "ending": int},
}
WATERFALL: dict[str, Any] = {
    "window": {"start": str, "end": str},
    "horizon": {"start": str, "end": str},
    "measure": str,
    "currency": str,
    "minor_unit": int,
    "grouping": str,
    "by": [str],
    "groups": [GROUP],
    "total": GROUP,
    "roll": {"entering": int, "overdue": int, "next_starting": int},
    "evidence": {"observed": int, "reconstructed": int, "unknown": int},
}
POSTING = {
    "opportunity_id": str, "at": str, "element": str, "line": str, "amount": int, "group": dict,
    "before": (dict, type(None)), "after": dict,
}  # fmt: skip
SNAPSHOT_GROUP = {"group": dict, "amount": int, "weighted": int, "count": int}


def faults(value: Any, contract: Any, where: str = "$") -> list[str]:
    """Where a value departs from the contract: keys that are missing, values of another type (true is no integer)."""
    if isinstance(contract, dict):
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        missing = [f"{where}.{key} is missing" for key in contract.keys() - value.keys()]
        return missing + [
            fault for key in contract.keys() & value.keys() for fault in faults(value[key], contract[key], f"{where}.{key}")
        ]
    if isinstance(contract, list):
        if not isinstance(value, list) or not value:
            return [f"{where} is no list, or an empty one"]
        return [fault for place, entry in enumerate(value) for fault in faults(entry, contract[0], f"{where}[{place}]")]
    right = isinstance(value, contract) and not (contract is int and isinstance(value, bool))
    return [] if right else [f"{where} is {value!r}"]


@pytest.fixture(scope="module")
def waterfall(given: Path) -> Any:
    """The first quarter by region."""
    return penstock("waterfall", given / "history.csv", *QUARTER, "--by", "region").form


def test_keys_and_types_of_a_waterfall(waterfall: Any):
    assert faults(waterfall, WATERFALL) == []


def test_values_of_a_waterfall(waterfall: Any):
    assert waterfall["window"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}
    assert waterfall["horizon"] == {"start": "2026-01-01", "end": "2027-01-01"}
    head = {name: waterfall[name] for name in ("measure", "currency", "minor_unit", "grouping", "by")}
    assert head == {"measure": "amount", "currency": "EUR", "minor_unit": 2, "grouping": "as_was", "by": ["region"]}
    assert {name: waterfall["total"][name] for name in files.TOTAL} == files.TOTAL
    found = {group["group"]["region"]: {name: group[name] for name in files.EMEA} for group in waterfall["groups"]}
    assert found == {"AMER": files.AMER, "EMEA": files.EMEA}
    amer, emea = waterfall["groups"]
    assert {name: money for name, money in amer["lines"].items() if money} == {"transferred_in": 500000}
    assert {name: money for name, money in emea["lines"].items() if money} == {
        "increase": 1000000, "transferred_out": -500000, "booked": -10000000,
    }  # fmt: skip
    assert {name: count for name, count in emea["counts"].items() if count and name != "lines"} == {
        "starting": 3, "change": -1, "won": -1, "ending": 1,
    }  # fmt: skip
    assert waterfall["total"]["parts"] == {
        "starting": {"this_quarter": 10000000, "next_three": 8500050},
        "ending": {"this_quarter": 2000000, "next_three": 6500050},
    }
    assert waterfall["total"]["overdue"] == {"starting": 700000, "ending": 700000}
    assert waterfall["roll"] == {"entering": 100000, "overdue": 2000000, "next_starting": 6600050}
    # Gross: 185,000.50 at the start, then 20,000 new, 10,000 more, 5,000 out and in, 100,000 won, 30,000 lost.
    assert waterfall["evidence"] == {"observed": 35500050, "reconstructed": 0, "unknown": 0}


def test_every_group_adds_up(waterfall: Any):
    for group in (*waterfall["groups"], waterfall["total"]):
        for figures in (group, group["counts"]):
            assert figures["residual"] == 0
            made = figures["starting"] + figures["new"] + figures["change"] + figures["won"] + figures["lost"]
            assert made == figures["ending"]
            booked = {"booked", "reversed"}
            assert sum(figures["lines"][line] for line in booked) == figures["won"]
            assert sum(money for line, money in figures["lines"].items() if line not in booked) == figures["change"]


def test_the_horizon_of_all_close_dates_is_null(given: Path):
    form = penstock("waterfall", given / "history.csv", *QUARTER, "--horizon", "all").form
    assert faults(form, WATERFALL | {"horizon": type(None), "by": list}) == []
    assert form["total"]["ending"] == 8500050 + 700000 + 100000  # with the overdue deal and the one beyond
    assert form["groups"][0]["group"] == {}


def test_other_views_are_named(given: Path):
    form = penstock("waterfall", given / "history.csv", *QUARTER, "--measure", "count", "--as-is", "--by", "region").form
    assert (form["measure"], form["grouping"]) == ("count", "as_is")
    assert {group["group"]["region"]: group["ending"] for group in form["groups"]} == {"AMER": 2, "EMEA": 1}
    assert {group["group"]["region"]: group["starting"] for group in form["groups"]} == {"AMER": 2, "EMEA": 2}


def test_postings(given: Path):
    form = penstock("postings", given / "history.csv", *QUARTER, "--by", "region").form
    assert faults(form, {"postings": [POSTING], "total": int}) == []
    shown = [(p["opportunity_id"], p["element"], p["line"], p["amount"], p["group"]["region"]) for p in form["postings"]]
    assert shown == [
        ("O3", "new", "new", 2000000, "AMER"),
        ("O1", "won", "booked", -10000000, "EMEA"),
        ("O6", "change", "transferred_out", -500000, "EMEA"),
        ("O6", "change", "transferred_in", 500000, "AMER"),
        ("O2", "change", "increase", 1000000, "EMEA"),
        ("O4", "lost", "lost", -3000000, "AMER"),
    ]
    assert form["total"] == files.TOTAL["ending"] - files.TOTAL["starting"]
    born, won = form["postings"][:2]
    assert born["at"] == "2026-01-15T08:00:00Z"
    assert born["before"] is None
    assert born["after"] == {
        "status": "open", "qualified": True, "stage": "Discovery", "amount": 2000000, "currency": "EUR",
        "close_date": "2026-03-31", "probability": 2000, "forecast_category": None, "region": "AMER", "owner": "Ada",
    }  # fmt: skip
    assert (won["before"]["status"], won["before"]["close_date"], won["after"]["status"]) == ("open", "2026-03-15", "won")


@pytest.mark.parametrize("command", ["postings", "waterfall"])
def test_net(given: Path, command: str):
    form = penstock(command, given / "history.csv", *QUARTER, "--net").form
    assert faults(form, {"deals": [{"opportunity_id": str, "label": str, "amount": int}]}) == []
    assert {deal["opportunity_id"]: (deal["label"], deal["amount"]) for deal in form["deals"]} == {
        "O1": ("won", -10000000), "O4": ("lost", -3000000), "O3": ("new", 2000000), "O2": ("increase", 1000000),
        "O6": ("none", 0),
    }  # fmt: skip


def test_snapshot(given: Path):
    form = penstock("snapshot", given / "history.csv", "--at", "2026-02-14T09:00Z", "--by", "stage", "--format", "json").form
    total = {name: kind for name, kind in SNAPSHOT_GROUP.items() if name != "group"}
    assert faults(form, {"at": str, "groups": [SNAPSHOT_GROUP], "total": total}) == []
    assert form["at"] == "2026-02-14T09:00:00Z"
    found = [(g["group"]["stage"], g["amount"], g["weighted"], g["count"]) for g in form["groups"]]
    assert found == [("Discovery", 2500000, 500000, 2), ("Proposal", 8000050, 4000025, 2)]
    assert {name: form["total"][name] for name in total} == {"amount": 10500050, "weighted": 4500025, "count": 4}


def test_trend(given: Path):
    form = penstock("trend", given / "history.csv", "--monthly", *QUARTER, "--by", "owner").form
    point = {"at": str, "groups": [SNAPSHOT_GROUP], "total": {"amount": int, "weighted": int, "count": int}}
    assert faults(form, {"points": [point], "currency": str, "minor_unit": int, "by": [str]}) == []
    assert [(p["at"], p["total"]["amount"]) for p in form["points"]] == [
        ("2026-01-01T00:00:00Z", 18500050),
        ("2026-02-01T00:00:00Z", 20500050),
        ("2026-03-01T00:00:00Z", 11500050),
        ("2026-04-01T00:00:00Z", 6600050),  # seen with the horizon of the second quarter
    ]


def test_check(given: Path):
    form = penstock("check", given / "history.csv", "--format", "json").form
    (overdue,) = (finding for finding in form["findings"] if finding["name"] == "overdue")
    assert (overdue["severity"], overdue["count"], overdue["opportunities"]) == ("warning", 1, 1)
    assert overdue["examples"][0]["opportunity_id"] == "O5"
    assert overdue["distorts"]
    assert overdue["remedy"]


def test_money_without_decimals_is_still_an_integer(given: Path, tmp_path: Path):
    yen = files.write(
        tmp_path,
        "yen.csv",
        files.HISTORY.replace(".00,EUR", ",JPY").replace("50000.50,EUR", "50001,JPY").replace("60000.50,EUR", "60001,JPY"),
    )
    form = penstock("waterfall", yen, *QUARTER).form
    assert (form["currency"], form["minor_unit"], form["total"]["ending"]) == ("JPY", 0, 85001)
