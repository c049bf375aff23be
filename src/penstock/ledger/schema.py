"""The columns of a history and what each must hold.

A *history* is one row per version of an opportunity, everything the opportunity was from `effective_at` on.
This is its shape as an Ibis table (the canonical history, written by `penstock convert` and made by every reader):

| column | Ibis type | holds |
|---|---|---|
| opportunity_id | string, not null | which opportunity |
| effective_at | timestamp, not null | when the version became true, UTC, microseconds |
| recorded_at | timestamp | when it became known; `effective_at` where absent |
| seq | int64 | breaks ties at one instant, larger is later |
| status | string, not null | open, won, lost or removed |
| stage | string | its stage by name |
| stage_order | int32 | the stage's place in its pipeline, from 1 |
| amount | int64 | minor units of `currency`; null is "not filled in" |
| currency | string | ISO 4217 code |
| close_date | date | expected, or actual once closed |
| created_at | timestamp | when the opportunity was created, UTC |
| qualified | boolean | has reached the pipeline's first counted stage; true where absent |
| probability | int32 | basis points, 0 to 10000 |
| forecast_category | string | omitted, pipeline, best_case, commit or closed |
| reconstructed_fields | string | names of the fields of this row that were reconstructed, joined by commas |
| unknown_fields | string | names of the fields of this row that nothing could tell, joined by commas |

Every further column is a dimension: a string, as it was in that version.
"""

from __future__ import annotations

from typing import Final

STATUSES: Final = ("open", "won", "lost", "removed")

REQUIRED: Final = ("opportunity_id", "effective_at", "status")

CANONICAL: Final[dict[str, str]] = {
    "opportunity_id": "string",
    "effective_at": "timestamp(6)",
    "recorded_at": "timestamp(6)",
    "seq": "int64",
    "status": "string",
    "stage": "string",
    "stage_order": "int32",
    "amount": "int64",
    "currency": "string",
    "close_date": "date",
    "created_at": "timestamp(6)",
    "qualified": "boolean",
    "probability": "int32",
    "forecast_category": "string",
    "reconstructed_fields": "string",
    "unknown_fields": "string",
}

# A version's state: what the rule table of the definitions needs to know of it, apart from its close date.
NONE, UNQUALIFIED, OPEN, WON, LOST, REMOVED = range(6)
CLOSED: Final = (WON, LOST)

# `ends` of a version that has not been followed by another one.
FOREVER: Final = 2**63 - 1
