"""Cases in YAML (tests/cases): what a file says, made into versions, a question and the figures expected of it.

Everything is read as text, so that no amount passes through a float; a key that means nothing is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from penstock.ledger.calendar import FiscalCalendar, parse_instant
from penstock.ledger.rates import RateTable
from tests.ledger.oracle import Version

DIMENSIONS = ("region", "owner")
DIGITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
NOTHING = "none"

_CASE = {"history", "ask", "expect", "also", "calendar", "fiscal_start", "timezone", "currency", "rates", "rate"}
_ROW = {"deal", "at", "known", "seq", "status", "amount", "currency", "close", "qualified", "probability", "stage", "order"}
_ASK = {"quarter", "from", "to", "at", "by", "as_is", "measure", "horizon", "known_at"}
EXPECTED = {
    "elements", "lines", "counts", "groups", "postings", "net", "parts", "overdue", "overdue_deals", "roll", "snapshot", "deals",
    "window", "horizon", "refused",
}  # fmt: skip
_START = Version(
    "A", parse_instant("2026-01-01", "UTC"), 0, "open", 100_00, date(2026, 3, 31), dims={"region": None, "owner": None}
)


class CaseError(Exception):
    """A case that is not written as cases are."""


@dataclass(frozen=True)
class Question:
    """One question of a case, as written, and the figures expected."""

    ask: Mapping[str, Any]
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A history, how it is to be seen, and the questions asked of it."""

    versions: Sequence[Version]
    options: Mapping[str, Any]
    digits: int
    questions: Sequence[Question]


def load(path: Path) -> Case:
    """The case in a file. CaseError for a key that means nothing, a missing comment, and a case that expects nothing."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith("# "):
        raise CaseError("The first line must be a comment that says what the case shows.")
    said = yaml.load(text, Loader=yaml.BaseLoader)
    _only("the case", said, _CASE)
    calendar = FiscalCalendar.parse(
        said.get("calendar", "months"), start_month=int(said.get("fiscal_start", 1)), timezone=said.get("timezone", "UTC")
    )
    currency = said.get("currency", "EUR")
    options: dict[str, Any] = {"calendar": calendar, "currency": currency, "rate": said.get("rate", "plan")}
    if "rates" in said:
        options["rates"] = RateTable.from_rows(said["rates"], to=currency)
    versions = _versions(said["history"], calendar.timezone)
    questions = [
        _question(said, {"ask", "expect"} & said.keys()),
        *(_question(also, also.keys()) for also in said.get("also", [])),
    ]
    return Case(versions, options, DIGITS[currency], questions)


def minor(text: str, digits: int) -> int:
    """An amount in major units as whole minor units."""
    scaled = Decimal(text).scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise CaseError(f"{text} has a part of a minor unit.")
    return int(scaled)


def figures(said: Mapping[str, str], digits: int) -> dict[str, int]:
    """Named amounts in minor units, zeros left out."""
    found = {name: minor(text, digits) for name, text in said.items()}
    return {name: figure for name, figure in found.items() if figure}


def blank(text: str | None) -> str | None:
    """A written value; `none` is a blank."""
    return None if text is None or text == NOTHING else text


def _question(said: Mapping[str, Any], keys: Any) -> Question:
    _only("a question", dict.fromkeys(keys), {"ask", "expect"})
    ask, expect = said.get("ask") or {}, said.get("expect") or {}
    _only("ask", ask, _ASK)
    _only("expect", expect, EXPECTED)
    if not ask or not expect:
        raise CaseError("A case must ask something and expect something.")
    if "lines" in expect and "elements" not in expect:
        raise CaseError("Lines are expected together with the elements they are under.")
    if "elements" in expect:
        _require_sums(expect["elements"] or {}, expect.get("lines") or {})
    return Question(ask, expect)


def _require_sums(elements: Mapping[str, str], lines: Mapping[str, str]) -> None:
    """The figures reached by hand must themselves tie out, elements to the ending and lines to their elements."""
    found = {name: Decimal(text) for name, text in elements.items()}
    under = {"won": ("booked", "reversed"), "change": tuple(name for name in lines if name not in ("booked", "reversed"))}
    sums = {element: sum(Decimal(lines.get(name, 0)) for name in names) for element, names in under.items()}
    ending = found.pop("ending", Decimal(0))
    if sum(found.values()) != ending or any(found.get(element, 0) != total for element, total in sums.items()):
        raise CaseError(f"The expected figures do not add up: {dict(elements)}, {dict(lines)}.")


def _versions(rows: Sequence[Mapping[str, str]], timezone: str) -> list[Version]:
    """One version a row; what a row leaves out stays as in the row of the same deal above it."""
    above: dict[str, Version] = {}
    versions = []
    for number, row in enumerate(rows, start=1):
        _only(f"row {number} of the history", row, _ROW | set(DIMENSIONS))
        deal = row.get("deal", "A")
        version = _version(above.get(deal, replace(_START, opportunity_id=deal)), row, number, timezone)
        above[deal] = version
        versions.append(version)
    return versions


def _version(above: Version, row: Mapping[str, str], number: int, timezone: str) -> Version:
    at = parse_instant(row["at"], timezone)
    currency = row.get("currency", above.currency or "EUR")
    changed: dict[str, Any] = {
        "effective_at": at,
        "recorded_at": parse_instant(row["known"], timezone) if "known" in row else at,
        "seq": int(row.get("seq", number)),
        "currency": currency,
    }
    changed |= {name: row[name] for name in ("status",) if name in row}
    if "amount" in row:
        changed["amount"] = None if blank(row["amount"]) is None else minor(row["amount"], DIGITS[currency])
    if "close" in row:
        changed["close_date"] = None if blank(row["close"]) is None else date.fromisoformat(row["close"])
    if "qualified" in row:
        changed["qualified"] = {"yes": True, "no": False}[row["qualified"]]
    if "probability" in row:
        changed["probability"] = minor(row["probability"], 2)
    if "stage" in row:
        changed["stage"] = blank(row["stage"])
    if "order" in row:
        changed["stage_order"] = int(row["order"])
    changed["dims"] = above.dims | {name: blank(row[name]) for name in DIMENSIONS if name in row}
    return replace(above, **changed)


def _only(what: str, said: Mapping[str, Any], known: set[str]) -> None:
    strange = [key for key in said if key not in known]
    if strange:
        raise CaseError(f"In {what}: {', '.join(strange)} means nothing. There are: {', '.join(sorted(known))}.")
