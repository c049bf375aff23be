"""Nobody's product: each shape by the usual names of its columns."""

from __future__ import annotations

from penstock.readers.recipes.recipe import Recipe

FIELD_CHANGES = Recipe(
    name="field_changes",
    shape="field_changes",
    what="a log of field changes",
    requires=("opportunity_id", "field", "new_value", "changed_at"),
    columns={"created_at": (), "status": (), "stage": (), "amount": ()},
    tracked={
        "status": "status",
        "stage": "stage",
        "stage_name": "stage",
        "deal_stage": "stage",
        "sales_stage": "stage",
        "amount": "amount",
        "value": "amount",
        "deal_value": "amount",
        "currency": "currency",
        "close_date": "close_date",
        "expected_close_date": "close_date",
        "closing_date": "close_date",
        "probability": "probability",
        "forecast_category": "forecast_category",
        "created": "birth",
    },
)

EVENT_LOG = Recipe(
    name="event_log",
    shape="event_log",
    what="an event log (case, activity, time)",
    requires=("opportunity_id", "activity", "effective_at"),
    columns={
        "opportunity_id": ("case:concept:name", "case id", "case", "opportunity_id", "deal_id"),
        "effective_at": ("time:timestamp", "timestamp", "event time", "time", "effective_at"),
        "stage": (),
        "status": (),
    },
)

SNAPSHOTS = Recipe(
    name="snapshots",
    shape="snapshots",
    what="a series of snapshots",
    requires=("opportunity_id", "snapshot_at", "stage|status|is_won"),
    columns={"snapshot_at": ("snapshot_date", "snapshot", "snapshot_at", "snapshot_week", "snapshot_day", "as_of", "as_of_date",
                             "week_ending", "report_date", "reporting_date")},
)  # fmt: skip

VERSIONS = Recipe(
    name="versions",
    shape="versions",
    what="a history with one row per version",
    requires=("opportunity_id", "effective_at", "stage|status"),
)

STAGE_HISTORY = Recipe(
    name="stage_history",
    shape="stage_history",
    what="a history of stages",
    requires=("opportunity_id", "effective_at", "stage"),
    columns={"effective_at": ("effective_at", "changed_at", "created_date", "created_at", "timestamp"), "created_at": ()},
)

CURRENT_STATE = Recipe(
    name="current_state",
    shape="current_state",
    what="a file of opportunities as they are now",
    requires=("stage|status|is_won|won_at",),
    columns={
        "created_at": (
            "created_at", "created", "created_date", "create_date", "created_time", "created_on", "creation_date", "date_created",
            "engage_date", "opened_at", "open_date", "opened_on", "opened", "reporting_date", "start_date",
        ),
    },
)  # fmt: skip

RECIPES = (FIELD_CHANGES, SNAPSHOTS, EVENT_LOG, VERSIONS, STAGE_HISTORY, CURRENT_STATE)
