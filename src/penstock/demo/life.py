"""The life of one deal: its way through the stages, its amount, and what its owner believes about its close date.

A life is a list of changes in order of time; the first one, at birth, holds every column.
Nothing here knows of the end of the history: the company cuts lives off there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from penstock.demo.days import after_summer, at_desk, month_end, quarter_end, quarter_start, working_day


@dataclass(frozen=True)
class Stage:
    """A stage of the SaaS sales loop. probability: percent. share: of the sales cycle. passes: which part of deals moves on."""

    name: str
    order: int
    status: str
    probability: int
    category: str
    share: float = 0.0
    passes: float = 0.0


OPEN_STAGES: Final = (
    Stage("Identified", 1, "open", 10, "omitted", 0.14, 0.92),
    Stage("Qualified", 2, "open", 20, "pipeline", 0.24, 0.58),
    Stage("Free trial", 3, "open", 40, "pipeline", 0.32, 0.63),
    Stage("Closing", 4, "open", 50, "best_case", 0.20, 0.76),
    Stage("Commit", 5, "open", 95, "commit", 0.10, 0.85),
)
WON: Final = Stage("Won", 6, "won", 100, "closed")
LOST: Final = Stage("Lost", 7, "lost", 0, "omitted")

# Days from birth to win, median; and the annual amount in euros: median, spread (of its logarithm), rounded to.
CYCLE: Final = {"SMB": 52, "Mid-market": 108, "Enterprise": 195}
AMOUNT: Final = {"SMB": (6_500, 0.45, 100), "Mid-market": (24_000, 0.50, 500), "Enterprise": (92_000, 0.55, 1_000)}


@dataclass
class Change:
    """What became true at an instant, by column, as the file writes it; `recorded` where it became known later than that."""

    at: datetime
    values: dict[str, str]
    recorded: datetime | None = None


@dataclass
class Life:
    """A deal under way. `cents` is its annual amount now, `close` its expected close date.

    luck: from 0 to 1, drawn before birth; the deal moves on as long as the odds of having come so far are above it.
    Drawn evenly over deals, it keeps a small company's win rate near the one that the stages imply.
    """

    rng: Random
    segment: str
    born: date
    source: str
    growth: float
    luck: float
    odds: float = 1.0
    cents: int = 0
    close: date = date.min
    changes: list[Change] = field(default_factory=list)

    def live(self) -> list[Change]:
        """Everything that happens to the deal, from birth to its last closing."""
        rng = self.rng
        self.cents = first_amount(rng, self.segment, self.growth, self.source)
        waits_for_amount = rng.random() < 0.02
        stage, day = self._entry(), self.born
        # Reps are hopeful: the first close date is earlier than the usual cycle would have it.
        self.close = self._round_up(day + timedelta(days=round(CYCLE[self.segment] * rng.uniform(0.7, 1.25))))
        self._enter(day, OPEN_STAGES[stage], missing=waits_for_amount)
        for _ in range(3):
            day, won = self._close(stage, day)
            if won and rng.random() < 0.03:
                day = working_day(day + timedelta(days=rng.randint(10, 55)))
                stage = 3
            elif not won and rng.random() < 0.07:
                day = working_day(day + timedelta(days=rng.randint(20, 90)))
                stage = 1
            else:
                break
            self.luck, self.odds = rng.random(), 1.0
            self.close = self._round_up(day + timedelta(days=rng.randint(25, 70)))
            self._enter(day, OPEN_STAGES[stage], dates=True)
        return self.changes

    def _entry(self) -> int:
        if self.source == "upsell":
            return 1
        return 1 if self.source == "referral" and self.rng.random() < 0.4 else 0

    def _close(self, stage: int, day: date) -> tuple[date, bool]:
        """Takes the deal from where it is to won or lost; when, and whether it was won."""
        while True:
            self.odds *= OPEN_STAGES[stage].passes + (0.08 if self.source == "upsell" else 0.0)
            passes = self.luck < self.odds
            leaves = self._leaves(stage, day, lingers=not passes)
            last = passes and stage == len(OPEN_STAGES) - 1
            if last:
                leaves = self._quarter_end_push(day, leaves)
            self._mind_close_date(day, leaves, stage, last=last)
            if not passes or last:
                self.close = leaves if last or self.rng.random() < 0.8 else self.close
                self._enter(leaves, WON if last else LOST, dates=True)
                return leaves, last
            stage, day = self._next(stage), leaves
            self._renegotiate(stage)
            moved = self._reckon(day, stage)
            self._enter(day, OPEN_STAGES[stage], dates=moved)

    def _next(self, stage: int) -> int:
        """One stage on; large deals skip the trial now and then, and some deals fall back from closing to the trial."""
        roll = self.rng.random()
        if stage == 1 and self.segment == "Enterprise" and roll < 0.25:
            return 3
        return 2 if stage == 3 and roll < 0.06 else stage + 1

    def _leaves(self, stage: int, day: date, *, lingers: bool) -> date:
        days = CYCLE[self.segment] * OPEN_STAGES[stage].share * self.rng.lognormvariate(0.0, 0.5)
        if lingers:
            days *= self.rng.uniform(0.9, 2.4)
        return after_summer(self.rng, working_day(day + timedelta(days=max(1, round(days)))))

    def _quarter_end_push(self, day: date, signs: date) -> date:
        """Two thirds of what would be signed near a quarter's end, before or after it, is signed in its last days."""
        for end in (quarter_end(signs), quarter_start(signs) - timedelta(days=1)):
            near = abs((end - signs).days) <= (42 if end >= signs else 12)
            target = working_day(end - timedelta(days=int(self.rng.expovariate(1 / 4))), back=True)
            if near and target > day and self.rng.random() < 0.65:
                return target
        return signs

    def _mind_close_date(self, day: date, leaves: date, stage: int, *, last: bool) -> None:
        """Close dates that pass are moved on: mostly at once, sometimes only after weeks of being overdue."""
        if last and abs((self.close - leaves).days) > 12 and (leaves - day).days > 3:
            when = working_day(day + timedelta(days=(leaves - day).days // 2))
            if day < when < leaves:
                self.close = leaves + timedelta(days=self.rng.randint(-2, 6))
                self._note(when, {"close_date": self.close.isoformat()})
                day = when
        while self.close < leaves:
            late = self.rng.randint(-2, 2) if self.rng.random() < 0.75 else self.rng.randint(8, 40)
            when = working_day(max(self.close + timedelta(days=late), day + timedelta(days=1)))
            if when >= leaves:
                return
            pushed = max(when, self.close) + timedelta(days=self.rng.randint(20, 75 - 8 * stage))
            self.close, day = self._round_up(pushed), when
            self._note(when, {"close_date": self.close.isoformat()})

    def _reckon(self, day: date, stage: int) -> bool:
        """At a new stage the owner may think again about the close date; whether it moved."""
        if self.rng.random() > 0.4:
            return False
        left = CYCLE[self.segment] * sum(item.share for item in OPEN_STAGES[stage:]) * self.rng.uniform(0.8, 1.5)
        close = self._round_up(day + timedelta(days=max(5, round(left))))
        moved = abs((close - self.close).days) > 10
        self.close = close if moved else self.close
        return moved

    def _renegotiate(self, stage: int) -> None:
        """Scope grows or shrinks on the way; a discount is common at commitment."""
        step = AMOUNT[self.segment][2]
        if stage == 4 and self.rng.random() < 0.35:
            self.cents = rounded(self.cents * self.rng.uniform(0.84, 0.96), step)
        elif self.rng.random() < 0.3:
            self.cents = rounded(self.cents * self.rng.uniform(0.72, 1.38), step)

    def _round_up(self, day: date) -> date:
        """Half of all close dates are the end of a month or a quarter."""
        roll = self.rng.random()
        if roll < 0.3:
            return month_end(day)
        near = (quarter_end(day) - day).days < 45
        return quarter_end(day) if near and roll < 0.55 else day

    def _enter(self, day: date, stage: Stage, *, missing: bool = False, dates: bool = False) -> None:
        values = {
            "status": stage.status,
            "stage": stage.name,
            "stage_order": str(stage.order),
            "probability": str(stage.probability),
            "forecast_category": stage.category,
            "amount": "" if missing else euros(self.cents),
        }
        if stage.status == "open":
            values["qualified"] = "true" if stage.order >= 2 else "false"
        if dates or not self.changes:
            values["close_date"] = self.close.isoformat()
        self._note(day, values)

    def _note(self, day: date, values: dict[str, str]) -> None:
        self.changes.append(Change(at_desk(self.rng, day), values))


def first_amount(rng: Random, segment: str, growth: float, source: str) -> int:
    """An annual amount in cents: log-normal by segment, rounded as people round; some small deals are priced by the seat."""
    median, spread, step = AMOUNT[segment]
    size = 0.6 if source == "upsell" else 1.0
    if segment == "SMB" and rng.random() < 0.15:
        return rng.randint(6, 40) * 12 * rng.choice((1490, 2490, 3990))
    return rounded(100 * median * size * growth * rng.lognormvariate(0.0, spread), step)


def rounded(cents: float, step: int) -> int:
    """To the nearest `step` euros, at least one of them."""
    return max(1, round(cents / (100 * step))) * 100 * step


def euros(cents: int) -> str:
    """12500.00"""
    return f"{cents // 100}.{cents % 100:02d}"
