"""Salesforce: Opportunity, OpportunityHistory, OpportunityFieldHistory; in CamelCase, capitals or snake_case, and synced."""

from __future__ import annotations

from penstock.readers.recipes.recipe import Recipe

_STATE = {
    "stage": ("stage_name",),
    "amount": ("amount",),
    "currency": ("currency_iso_code",),
    "close_date": ("close_date",),
    "probability": ("probability",),
    "forecast_category": ("forecast_category", "forecast_category_name"),
    "is_won": ("is_won",),
    "is_closed": ("is_closed",),
    "is_deleted": ("is_deleted",),
}

FIELD_HISTORY = Recipe(
    name="salesforce_field_history",
    shape="field_changes",
    what="a Salesforce OpportunityFieldHistory file",
    signs=("opportunity_id", "field", "new_value", "created_date"),
    requires=("opportunity_id", "field", "new_value", "changed_at"),
    columns={
        "opportunity_id": ("opportunity_id",),
        "field": ("field",),
        "old_value": ("old_value",),
        "new_value": ("new_value",),
        "changed_at": ("created_date",),
    },
    tracked={
        "StageName": "stage",
        "Stage": "stage",
        "Amount": "amount",
        "CurrencyIsoCode": "currency",
        "CloseDate": "close_date",
        "Close Date": "close_date",
        "Probability": "probability",
        "Probability (%)": "probability",
        "ForecastCategory": "forecast_category",
        "ForecastCategoryName": "forecast_category",
        "IsWon": "is_won",
        "IsClosed": "is_closed",
        "created": "birth",
        "opportunityCreatedFromLead": "birth",
    },
)

HISTORY = Recipe(
    name="salesforce_history",
    shape="stage_history",
    what="a Salesforce OpportunityHistory file",
    signs=("opportunity_id", "stage_name", "created_date"),
    requires=("opportunity_id", "effective_at", "stage"),
    columns={
        **_STATE,
        "opportunity_id": ("opportunity_id",),
        "effective_at": ("created_date",),
        "created_at": (),
        "modified_at": (),
        "previous_amount": ("prev_amount",),
        "previous_close_date": ("prev_close_date",),
    },
)

SYNCED = Recipe(
    name="salesforce_synced",
    shape="versions",
    what="a synced Salesforce opportunity table in history mode",
    signs=("_fivetran_start", "stage_name", "id"),
    requires=("opportunity_id", "effective_at", "stage"),
    columns={**_STATE, "opportunity_id": ("id",), "effective_at": ("_fivetran_start",), "created_at": ("created_date",)},
)

OPPORTUNITY = Recipe(
    name="salesforce",
    shape="current_state",
    what="a Salesforce Opportunity file",
    signs=("stage_name", "close_date"),
    requires=("stage",),
    columns={
        **_STATE,
        "opportunity_id": ("id", "opportunity_id", "opportunity_id_18"),
        "stage_order": ("stage_sort_order",),
        "created_at": ("created_date",),
        "modified_at": ("last_modified_date", "system_modstamp"),
        "status": (),
    },
)

RECIPES = (FIELD_HISTORY, HISTORY, SYNCED, OPPORTUNITY)
