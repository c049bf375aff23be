"""One made-up company as a canonical history for every database, and the questions that each must answer alike."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from penstock.ledger.moments import closings, first_counted, lifetimes
from penstock.ledger.net import net
from penstock.ledger.postings import postings
from penstock.ledger.question import Horizon, Question
from penstock.ledger.rates import RateTable
from penstock.ledger.slippage import slippage
from penstock.ledger.snapshot import deals, snapshot
from penstock.ledger.stage_conversion import conversion
from penstock.ledger.trend import trend
from penstock.ledger.valuation import Valuation
from penstock.ledger.velocity import opportunities
from penstock.ledger.waterfall import waterfall
from penstock.ledger.win_rates import cohort, period
from tests.ledger.tables import arrow
from tests.ledger.test_laws import EPOCH, company

DAY = 86_400_000_000
START, END = (int((EPOCH + timedelta(days=days)).timestamp()) * 1_000_000 for days in (20, 80))
FIRST = (date(2026, 1, 1) - date(1970, 1, 1)).days
HORIZON = Horizon(FIRST, FIRST + 365, FIRST + 90)
NEXT = Horizon(FIRST + 90, FIRST + 455, FIRST + 181)
WINDOW = Horizon(FIRST, FIRST + 90, FIRST + 90)
BY = ("region",)
DIMENSIONS = ("region", "owner")

# A dozen of these in one sum are beyond 2**53: a double would lose the last digits.
_LARGE = 899_999_999_999_997
_MARKS = ["", "", "", "amount", "close_date,region", "region", "probability", None]


def history() -> pa.Table:
    """The canonical history of a company with two currencies, large amounts, created_at, and marks of evidence."""
    chance = random.Random(3)
    versions = []
    for version in [*company(11), *(replace(other, opportunity_id=f"Z{other.opportunity_id}") for other in company(12))]:
        amount = _LARGE if chance.random() < 0.5 else version.amount
        order = {"a": 1, "b": 2}.get(version.stage or "")
        currency = chance.choice(["EUR", "EUR", "USD", "JPY"])
        versions.append(replace(version, amount=amount, stage_order=order, currency=currency))
    table = arrow(versions, DIMENSIONS)
    created = [None if chance.random() < 0.2 else at - timedelta(days=2) for at in table["effective_at"].to_pylist()]
    table = table.append_column("created_at", pa.array(created, pa.timestamp("us")))
    for name in ("reconstructed_fields", "unknown_fields"):
        table = table.append_column(name, pa.array([chance.choice(_MARKS) for _ in versions], pa.string()))
    return table.set_column(
        table.schema.get_field_index("effective_at"),
        "effective_at",
        # Odd microseconds, so that a database that rounds them is found out.
        pa.array([at + timedelta(microseconds=7) for at in table["effective_at"].to_pylist()], pa.timestamp("us")),
    )


def in_integers(table: pa.Table) -> pa.Table:
    """The same, with instants as microseconds and dates as days, as a database without exact timestamps holds it."""
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, pc.cast(table[field.name], pa.int64()))
        elif pa.types.is_date(field.type):
            table = table.set_column(place, field.name, pc.cast(table[field.name], pa.int32()))
    return table


def in_utc(table: pa.Table) -> pa.Table:
    """The same, with instants that carry their zone."""
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, pc.assume_timezone(table[field.name], "UTC"))
    return table


RATES = RateTable.from_rows(
    [
        {"currency": "USD", "fiscal_year": "2026", "rate": "0.9251"},
        {"currency": "JPY", "fiscal_year": "2026", "rate": "0.00615"},
        {"currency": "USD", "date": "2025-12-01", "rate": "0.95"},
        {"currency": "USD", "date": "2026-02-10", "rate": "0.8999"},
        {"currency": "JPY", "date": "2025-12-01", "rate": "0.0062"},
        {"currency": "JPY", "date": "2026-03-01", "rate": "0.0059"},
    ],
    to="EUR",
)
VALUATIONS = {
    "plan": Valuation("EUR", rates=RATES.plan_rates(("USD", "JPY"), 2026)),
    # A zone one hour ahead, two from April on.
    "dated": Valuation("EUR", dated=RATES, offsets=((0, 3_600_000_000), (END, 7_200_000_000))),
}


def question(**changed: Any) -> Question:
    return replace(Question(START, END, HORIZON, BY), **changed)


def _trend(movements: ir.Table, by: tuple[str, ...], rolling: bool) -> ir.Table:
    instants = [START + week * 7 * DAY for week in range(9)]
    moved = [Horizon(FIRST + shift, FIRST + shift + 90, FIRST + shift + 90) for shift in (0, 0, 0, 0, 30, 30, 60, 60, 60)]
    return trend(movements, instants, moved if rolling else [None] * 9, question(by=by))


Ask = Callable[[ir.Table], ir.Table]

# What every database is asked; Spark takes seconds for each, so these are few and cheap there.
MAIN: dict[str, Ask] = {
    "waterfall by region": lambda m: waterfall(m, question(), following=NEXT),
    "postings": lambda m: postings(m, question()),
    "snapshot at dated rates": lambda m: snapshot(m, START, question(valuation=VALUATIONS["dated"])),
    "deals": lambda m: deals(m, START, question(by=("region", "stage"))),
    "trend by region, rolling": lambda m: _trend(m, BY, True),
    "net": lambda m: net(m, question(), WINDOW),
    "conversion": lambda m: conversion(m, START, END, BY),
    "slippage at plan rates": lambda m: slippage(m, START, END, FIRST, FIRST + 90, BY, valuation=VALUATIONS["plan"]),
}

MORE: dict[str, Ask] = {
    "waterfall of all": lambda m: waterfall(m, question(by=(), horizon=None)),
    "waterfall as is": lambda m: waterfall(m, question(by=("region", "owner"), as_is=True), following=NEXT),
    "waterfall in deals": lambda m: waterfall(m, question(measure="count", by=("stage",)), following=NEXT),
    "waterfall deal by deal": lambda m: waterfall(m, question(by=("opportunity_id", "region"), measure="weighted", graded=False)),
    "waterfall at plan rates": lambda m: waterfall(m, question(valuation=VALUATIONS["plan"]), following=NEXT),
    "waterfall at dated rates": lambda m: waterfall(m, question(valuation=VALUATIONS["dated"], measure="weighted")),
    "postings in deals": lambda m: postings(m, question(measure="count", by=("owner", "region"), as_is=True)),
    "postings at dated rates": lambda m: postings(m, question(valuation=VALUATIONS["dated"], measure="weighted", horizon=None)),
    "snapshot of all": lambda m: snapshot(m, END, question(by=(), horizon=None)),
    "deals of all dates": lambda m: deals(m, START, question(horizon=None, by=())),
    "trend of all": lambda m: _trend(m, (), False),
    "trend by stage": lambda m: _trend(m, ("stage", "region"), False),
    "net at plan rates": lambda m: net(m, question(measure="weighted", valuation=VALUATIONS["plan"]), WINDOW),
    "net in deals": lambda m: net(m, question(measure="count", horizon=None), WINDOW),
    "conversion as known": lambda m: conversion(m, START, END, known_until=END + 5 * DAY),
    "closings at dated rates": lambda m: closings(m, START, END, BY, valuation=VALUATIONS["dated"]),
    "first counted": first_counted,
    "win rates of a period": lambda m: period(closings(m, START, END, BY), BY),
    "win rates of a cohort": lambda m: cohort(lifetimes(m, END, BY, valuation=VALUATIONS["plan"]), BY),
    "opportunities of velocity": lambda m: opportunities(m, START, END, BY),
}
