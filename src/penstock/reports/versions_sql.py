"""The versions of opportunities as the ledger wants them: one SELECT, alike on SQLite and PostgreSQL.

Instants come as microseconds since 1970 and days as text, so that nothing depends on how a driver reads either. Texts are never
null (empty instead), since a driver that sees only nulls at first guesses a column's type wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

TABLE = "crm_opportunityversion"

# Dimension -> what it is in SQL, over v (the version), s (its stage), p (its pipeline). People and records are named by id,
# since names change; `labels` says what they are called.
DIMENSIONS = {
    "pipeline": "p.key",
    "owner": "v.owner_id",
    "team": "v.team_id",
    "account": "v.account_id",
    "campaign": "v.campaign_id",
    "product": "v.product_id",
    "source": "v.source",
    "generating_role": "v.generating_role",
    "kind": "v.kind",
    "region": "v.region",
    "country": "v.country",
    "segment": "v.segment",
    "industry": "v.industry",
    "lost_reason": "v.lost_reason",
}
_INSTANTS = ("effective_at", "recorded_at", "created_at")
_NUMBERS = ("stage_order", "amount", "probability")
_TEXTS = ("status", "currency", "forecast_category", "reconstructed_fields", "unknown_fields")

# The columns of `select` that hold whole numbers; the others hold text.
INTEGERS = frozenset(("seq", "xid", "opportunity_id", "qualified", *_INSTANTS, *_NUMBERS))


def empty(custom: Sequence[str]) -> pa.Table:
    """No rows, in the columns of `select`."""
    texts = (*_TEXTS, "stage", "close_date", *DIMENSIONS, *(f"custom_{key}" for key in custom))
    fields = [pa.field(name, pa.int64()) for name in sorted(INTEGERS)] + [pa.field(name, pa.string()) for name in texts]
    return pa.schema(fields).empty_table()


def select(vendor: str, custom: Sequence[str], where: str) -> str:
    """The SELECT. custom: keys of custom fields that are dimensions. where: a condition over v."""
    instant, text = (_postgres_micros, _postgres_text) if vendor == "postgresql" else (_sqlite_micros, _sqlite_text)
    xid = "v.xid" if vendor == "postgresql" else "0"
    columns = ["v.id AS seq", f"{xid} AS xid", "v.opportunity_id AS opportunity_id"]
    columns += [f"{instant('v.' + name)} AS {name}" for name in _INSTANTS]
    columns += [f"v.{name} AS {name}" for name in _NUMBERS]
    columns += [f"{text('v.' + name)} AS {name}" for name in _TEXTS]
    columns += [f"{text('s.key')} AS stage", f"{text('v.close_date')} AS close_date"]
    columns.append("CASE WHEN v.qualified THEN 1 ELSE 0 END AS qualified")
    columns += [f"{text(source)} AS {name}" for name, source in DIMENSIONS.items()]
    columns += [f"{text(_custom(vendor, key))} AS custom_{key}" for key in custom]
    tables = f"{TABLE} v JOIN crm_stage s ON s.id = v.stage_id JOIN crm_pipeline p ON p.id = v.pipeline_id"
    return f"SELECT {', '.join(columns)} FROM {tables} WHERE {where} ORDER BY v.id"


def typed(custom: Sequence[str]) -> str:
    """A select list for DuckDB that brings the rows of `select` into the canonical form (`ledger.schema`)."""
    columns = ["opportunity_id::VARCHAR AS opportunity_id"]
    columns += [f"make_timestamp({name}) AS {name}" for name in _INSTANTS]
    columns += ["seq::BIGINT AS seq", "amount::BIGINT AS amount", "qualified = 1 AS qualified"]
    columns += [f"{name}::INTEGER AS {name}" for name in ("stage_order", "probability")]
    columns += [f"{name}::VARCHAR AS {name}" for name in ("reconstructed_fields", "unknown_fields")]
    columns.append("nullif(close_date, '')::DATE AS close_date")
    texts = ("status", "currency", "forecast_category", "stage", *DIMENSIONS, *(f"custom_{key}" for key in custom))
    columns += [f"nullif({name}, '')::VARCHAR AS {name}" for name in texts]
    return ", ".join(columns)


def _sqlite_micros(column: str) -> str:
    # Django writes 2026-11-22 09:30:00, with six digits of a second where they are not all zero.
    seconds = f"CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER) * 1000000"
    return f"{seconds} + CAST(substr(substr({column}, 21) || '000000', 1, 6) AS INTEGER)"


def _postgres_micros(column: str) -> str:
    return f"(EXTRACT(EPOCH FROM {column}) * 1000000)::bigint"


def _sqlite_text(column: str) -> str:
    return f"CAST(coalesce({column}, '') AS TEXT)"


def _postgres_text(column: str) -> str:
    return f"coalesce(({column})::text, '')"


def _custom(vendor: str, key: str) -> str:
    return f"v.custom ->> '{key}'" if vendor == "postgresql" else f"json_extract(v.custom, '$.\"{key}\"')"
