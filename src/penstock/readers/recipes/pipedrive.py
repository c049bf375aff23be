"""Pipedrive: deals as exported or from the interface, and their change log."""

from __future__ import annotations

from penstock.readers.recipes.recipe import Recipe

CHANGE_LOG = Recipe(
    name="pipedrive_change_log",
    shape="field_changes",
    what="a Pipedrive change log",
    signs=("field_key", "new_value", ("log_time", "timestamp", "change_time", "time")),
    requires=("opportunity_id", "field", "new_value", "changed_at"),
    columns={
        "opportunity_id": ("deal_id", "item_id", "object_id", "id"),
        "field": ("field_key",),
        "old_value": ("old_value",),
        "new_value": ("new_value",),
        "changed_at": ("log_time", "timestamp", "change_time", "time"),
        "object": ("object", "item_type", "object_type"),
    },
    tracked={
        "stage_id": "stage",
        "stage": "stage",
        "value": "amount",
        "currency": "currency",
        "status": "status",
        "expected_close_date": "close_date",
        "probability": "probability",
        "add_time": "created_at",
        "user_id": "owner",
        "pipeline_id": "pipeline_id",
    },
    only={"object": ("deal", "deals")},
)

DEAL = Recipe(
    name="pipedrive",
    shape="current_state",
    what="a Pipedrive deal file",
    signs=(("stage_id", "deal_stage", "stage"), ("value", "deal_value"), ("add_time", "deal_deal_created", "deal_created")),
    requires=("opportunity_id", "stage"),
    columns={
        "opportunity_id": ("id", "deal_id"),
        "stage": ("stage_name", "deal_stage", "stage", "stage_id"),
        "amount": ("value", "deal_value"),
        "currency": ("currency", "deal_currency_of_value", "deal_currency"),
        "status": ("status", "deal_status"),
        "created_at": ("add_time", "deal_deal_created", "deal_created"),
        "modified_at": ("update_time", "deal_update_time"),
        "close_date": ("expected_close_date", "deal_expected_close_date"),
        "closed_at": ("close_time", "deal_deal_closed_on"),
        "won_at": ("won_time", "deal_won_time"),
        "lost_at": ("lost_time", "deal_lost_time"),
        "probability": ("probability", "deal_probability"),
    },
)

RECIPES = (CHANGE_LOG, DEAL)
