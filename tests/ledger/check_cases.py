"""Tiny histories for the tests of the checks: a clean one, and how to build others from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from penstock.ledger import checks
from penstock.ledger.schema import CANONICAL

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
CONTEXT = checks.CheckContext(now=NOW)

Row = dict[str, Any]


def at(day: str, hour: int = 9) -> datetime:
    """The hour of the day, as a canonical history holds instants: UTC without a zone."""
    return datetime.fromisoformat(day) + timedelta(hours=hour)


def version(opportunity_id: str | None, day: str, **fields: Any) -> Row:
    """An open, faultless version of an opportunity from 09:00 of the day on, with the given fields changed."""
    instant = fields.get("effective_at") or (at(day) if day else None)
    usual: Row = {
        "opportunity_id": opportunity_id,
        "effective_at": instant,
        "recorded_at": instant,
        "seq": 0,
        "status": "open",
        "stage": "Proposal",
        "stage_order": 2,
        "amount": 100_000,
        "currency": "EUR",
        "close_date": date(2026, 6, 30),
        "created_at": at("2026-01-05"),
        "qualified": True,
        "probability": 5000,
        "forecast_category": "pipeline",
        "reconstructed_fields": "",
        "unknown_fields": "",
        "region": "EMEA",
    }
    return usual | fields


def won(opportunity_id: str, day: str, **fields: Any) -> Row:
    """A version won on the day, faultless."""
    usual = {"status": "won", "stage": "Closed Won", "stage_order": 6, "probability": 10_000, "forecast_category": "closed"}
    return version(opportunity_id, day, **(usual | {"close_date": date.fromisoformat(day)} | fields))


def lost(opportunity_id: str, day: str, **fields: Any) -> Row:
    """A version lost on the day, faultless."""
    usual = {"status": "lost", "stage": "Closed Lost", "stage_order": 7, "probability": 0, "forecast_category": "omitted"}
    return version(opportunity_id, day, **(usual | {"close_date": date.fromisoformat(day)} | fields))


def clean() -> list[Row]:
    """Three opportunities as they should be: one open, one won, one lost, each with a past."""
    early = {"stage": "Discovery", "stage_order": 1, "probability": 2000}
    return [
        version("open-1", "2026-01-05", **early),
        version("open-1", "2026-02-02"),
        version("won-1", "2026-01-05", amount=250_000, close_date=date(2026, 2, 27), **early),
        version("won-1", "2026-01-20", amount=260_000, close_date=date(2026, 2, 27)),
        won("won-1", "2026-02-20", amount=260_000),
        version("lost-1", "2026-01-05", region="APAC", **early),
        lost("lost-1", "2026-02-10", region="APAC"),
    ]


def history(rows: Iterable[Row]) -> ir.Table:
    """The rows as an Ibis table with the canonical types; what is no canonical column is a dimension."""
    rows = list(rows)
    schema = CANONICAL | {name: "string" for row in rows for name in row if name not in CANONICAL}
    columns = {name: [row.get(name) for row in rows] for name in schema}
    return ibis.memtable(columns, schema=schema)


def findings(rows: Iterable[Row], *names: str, context: checks.CheckContext = CONTEXT) -> dict[str, checks.Finding]:
    """What the checks (all of them, if none is named) find in the rows, by name."""
    return {finding.name: finding for finding in checks.run(history(rows), context, only=names or None)}
