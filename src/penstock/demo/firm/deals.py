"""Deals as they are entered: their lives with what people write beside them: next steps, budget, competitors, lost reasons."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from penstock.demo.company import Deal, found_company
from penstock.demo.days import at_desk, is_working
from penstock.demo.firm.staff import CAST

COMPETITORS: Final = ("Weirworks", "Sluicebox", "Torrent Suite", "Millrace", "in-house tools")
_LOST: Final = {"price": 26, "no decision": 30, "competitor": 22, "missing feature": 12, "timing": 10}
_STEPS: Final = (
    "Call the champion back",
    "Send the revised quote",
    "Book the demo with operations",
    "Walk through the security questions",
    "Get the finance director to the table",
    "Agree on the success plan",
    "Follow up on the trial",
    "Confirm the start date",
    "Share the return-on-investment sheet",
    "Ask for a reference call",
    "Review the contract with procurement",
    "Check in after the holidays",
)
# Days between two looks of an owner at a deal.
_EVERY: Final = {"SMB": 7, "Mid-market": 10, "Enterprise": 13}


@dataclass
class Version:
    """What became true of a deal at an instant: the fields that changed."""

    at: datetime
    values: dict[str, Any]


@dataclass
class FirmDeal:
    """A deal with its versions in order of time. stage: place in the pipeline, from 1, in `values`."""

    deal: Deal
    name: str
    versions: list[Version] = field(default_factory=list)

    @property
    def born(self) -> datetime:
        return self.versions[0].at

    @property
    def ends(self) -> datetime:
        return self.versions[-1].at

    def last(self, name: str) -> Any:
        """The present value of a field."""
        return next((version.values[name] for version in reversed(self.versions) if name in version.values), None)

    def days(self) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
        """Each version's instant with everything that was true from it on."""
        state: dict[str, Any] = {}
        for version in self.versions:
            state = state | version.values
            yield version.at, state


def firm_deals(seed: int, count: int, start: date, now: datetime) -> list[FirmDeal]:
    """Every deal of the firm from `start` up to `now`, in order of birth."""
    rng = Random(seed + 1)
    found = []
    for deal in found_company(seed, count, start, now.date() + timedelta(days=1), CAST):
        made = _firm_deal(rng, deal, now)
        if made is not None:
            found.append(made)
    return found


def _firm_deal(rng: Random, deal: Deal, now: datetime) -> FirmDeal | None:
    changes = sorted((change for change in deal.changes if change.at < now), key=lambda change: change.at)
    if not changes or "stage" not in changes[0].values:
        return None
    versions = [Version(change.at, _values(change.values)) for change in changes]
    first = versions[0].values
    made = FirmDeal(deal, f"{first['account']}: {first['product']}", versions)
    _qualify(rng, made)
    _close(rng, made)
    for version in _steps(rng, made, now):
        insort(made.versions, version, key=lambda one: one.at)
    return made


def _values(row: Mapping[str, str]) -> dict[str, Any]:
    """A change of the file as fields: money in cents, days as days."""
    values: dict[str, Any] = {
        name: row[name] for name in ("owner", "account", "region", "segment", "industry", "product") if name in row
    }
    if "stage_order" in row:
        values["stage"] = int(row["stage_order"])
    if "amount" in row:
        values["amount"] = round(float(row["amount"]) * 100) if row["amount"] else None
    if "close_date" in row:
        values["close_date"] = date.fromisoformat(row["close_date"])
    if "source" in row:
        values |= {"source": row["source"], "generating_role": row["role"].lower()}
        values["kind"] = "expansion" if row["source"] == "upsell" else "new"
    if row.get("status") == "removed":
        values["removed"] = True
    return values


def _qualify(rng: Random, made: FirmDeal) -> None:
    """Budget, authority, need and timeline are filled by the time a deal is qualified; a competitor is met later."""
    for version in made.versions:
        stage = version.values.get("stage", 0)
        if 2 <= stage <= 6 and made.last("budget") is None:
            quarter = (version.at.month + 2) // 3 % 4 + 1
            version.values |= {
                "budget": rng.choice(("Approved for this year", "Part of the operations budget", "To be released next quarter")),
                "authority": rng.choice(("Operations decides, finance signs", "Board above 50k", "Plant manager")),
                "need": rng.choice(
                    ("Replaces spreadsheets", "One view over all sites", "Audit by the regulator", "Too much downtime")
                ),
                "timeline": f"Live by Q{quarter}",
            }
        if stage == 4 and rng.random() < 0.45:
            version.values["competitors"] = rng.sample(COMPETITORS, rng.choice((1, 1, 2)))


def _close(rng: Random, made: FirmDeal) -> None:
    for version in made.versions:
        if version.values.get("stage") == 7:
            reason = rng.choices(tuple(_LOST), tuple(_LOST.values()))[0]
            version.values["lost_reason"] = reason
            if reason == "competitor":
                version.values["lost_to"] = rng.choice(COMPETITORS[:4])


def _steps(rng: Random, made: FirmDeal, now: datetime) -> Iterator[Version]:
    """The owner writes down the next step as long as the deal is open, more or less regularly."""
    closed = made.last("stage") in (6, 7) or made.last("removed")
    day = made.born.date()
    until = made.ends if closed else now
    segment = made.versions[0].values["segment"]
    while True:
        day += timedelta(days=max(2, round(_EVERY[segment] * rng.uniform(0.5, 1.5))))
        if day >= until.date():
            return
        at = at_desk(rng, day)
        if is_working(day) and at < until:
            on = day + timedelta(days=rng.randint(2, 14))
            yield Version(at, {"next_step": rng.choice(_STEPS), "next_step_on": on})
