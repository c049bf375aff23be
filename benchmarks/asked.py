"""What every contender is asked, and how its answer is written down, so that answers can be held side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

QUESTIONS: Final = {
    "waterfall": "Quarter waterfall by region",
    "trend": "104-week trend by stage",
    "conversion": "Stage conversion over a year",
}

# The history is [STARTS, ENDS). The quarter's horizon is itself and the three after it.
STARTS: Final = date(2023, 4, 1)
ENDS: Final = date(2026, 4, 1)
QUARTER: Final = (date(2026, 1, 1), date(2026, 4, 1))
HORIZON: Final = (date(2026, 1, 1), date(2027, 1, 1))
COHORT: Final = (date(2025, 1, 1), date(2026, 1, 1))

# Thursdays at midnight UTC, the last being the quarter's first day, so that a weekly snapshot table can answer, too.
WEEKS: Final = tuple(date(2026, 1, 1) - timedelta(weeks=back) for back in reversed(range(104)))

STAGES: Final = ("Identified", "Qualified", "Free trial", "Closing", "Commit", "Won", "Lost")
# Places of the stages that count as pipeline; a deal that is only identified does not.
COUNTED: Final = range(2, 6)

# Waterfall: {region: [starting, ending]}; trend: {stage: sum of the 104 weeks}; conversion: {counted stage: [entered, passed]}.
# Money in minor units.
Answer = dict[str, list[int]]


def micros(day: date) -> int:
    """Midnight UTC of the day, in microseconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days
