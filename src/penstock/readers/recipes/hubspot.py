"""HubSpot: deals, their property history, the synced stage table. No old values; instants may be epoch milliseconds."""

from __future__ import annotations

from penstock.readers.recipes.recipe import Recipe

PROPERTY_HISTORY = Recipe(
    name="hubspot_property_history",
    shape="field_changes",
    what="a HubSpot deal property history",
    signs=(("deal_id", "deal id", "objectid", "hs_object_id"), ("name", "property", "property_name"), "value", "timestamp"),
    requires=("opportunity_id", "field", "new_value", "changed_at"),
    columns={
        "opportunity_id": ("deal_id", "object_id", "hs_object_id"),
        "field": ("name", "property_name", "property"),
        "old_value": (),
        "new_value": ("value",),
        "changed_at": ("timestamp",),
    },
    tracked={
        "dealstage": "stage",
        "deal_pipeline_stage_id": "stage",
        "amount": "amount",
        "closedate": "close_date",
        "createdate": "created_at",
        "deal_currency_code": "currency",
        "hs_deal_stage_probability": "probability",
        "hs_forecast_category": "forecast_category",
        "hs_manual_forecast_category": "forecast_category",
        "hs_is_closed": "is_closed",
        "hs_is_closed_won": "is_won",
        "hubspot_owner_id": "owner",
        "pipeline": "pipeline",
    },
)

STAGES_ENTERED = Recipe(
    name="hubspot_stages_entered",
    shape="versions",
    what="a synced HubSpot table of the stages deals entered",
    signs=("deal_id", "value", "_fivetran_start"),
    requires=("opportunity_id", "effective_at", "stage"),
    columns={"opportunity_id": ("deal_id",), "effective_at": ("date_entered", "_fivetran_start"), "stage": ("value",)},
)

DEAL = Recipe(
    name="hubspot",
    shape="current_state",
    what="a HubSpot deal file",
    signs=(
        ("deal_id", "record_id", "hs_object_id"),
        ("dealstage", "deal_stage", "property_dealstage", "deal_pipeline_stage_id"),
        ("createdate", "create_date", "property_createdate"),
    ),
    requires=("opportunity_id", "stage"),
    columns={
        "opportunity_id": ("deal_id", "record_id", "hs_object_id"),
        "stage": ("dealstage", "deal_stage", "property_dealstage", "deal_pipeline_stage_id"),
        "amount": ("amount", "property_amount"),
        "close_date": ("closedate", "close_date", "property_closedate"),
        "created_at": ("createdate", "create_date", "property_createdate"),
        "modified_at": ("hs_lastmodifieddate", "last_modified_date", "property_hs_lastmodifieddate"),
        "currency": ("deal_currency_code", "currency", "property_deal_currency_code"),
        "probability": ("hs_deal_stage_probability", "deal_probability", "property_hs_deal_stage_probability"),
        "is_won": ("hs_is_closed_won", "is_closed_won", "property_hs_is_closed_won"),
        "is_closed": ("hs_is_closed", "is_deal_closed", "property_hs_is_closed"),
        "forecast_category": ("hs_manual_forecast_category", "forecast_category", "property_hs_manual_forecast_category"),
    },
)

RECIPES = (PROPERTY_HISTORY, STAGES_ENTERED, DEAL)
