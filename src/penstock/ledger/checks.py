"""Every fault of a history's data: how often, where, and what it distorts.

`CHECKS` is the plain list of all checks, errors and warnings and notes mixed, in the order in which a reader thinks of them;
`run` asks them. The checks stand in the `checks_*` modules by what they are about; their pieces in `violations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from penstock.ledger import (
    checks_close_dates,
    checks_dimensions,
    checks_evidence,
    checks_money,
    checks_order,
    checks_stages,
    checks_status,
    checks_times,
)
from penstock.ledger.instants import from_micros, iso
from penstock.ledger.violations import Check, CheckContext, Severity, complete, versions

__all__ = ["CHECKS", "Check", "CheckContext", "Example", "Finding", "Severity", "run", "to_dicts"]

CHECKS: Final[tuple[Check, ...]] = (
    *checks_order.CHECKS,
    *checks_times.CHECKS,
    *checks_status.CHECKS,
    *checks_money.CHECKS,
    *checks_close_dates.CHECKS,
    *checks_stages.CHECKS,
    *checks_dimensions.CHECKS,
    *checks_evidence.CHECKS,
)

EXAMPLES: Final = 5
SUBJECTS: Final = 20
_SEVERITIES: Final = ("error", "warning", "note")

# Sums are taken in two halves, so that no backend overflows or turns to floats, whatever the amounts are.
_HALF: Final = 10**9
# Queries are joined into larger ones, but not without end: planners take the square of their length.
_AT_ONCE: Final = 16


@dataclass(frozen=True)
class Example:
    """One violation: opportunity (None for a row without id, or a finding about no single one), instant, what is wrong."""

    opportunity_id: str | None
    at: datetime | None
    detail: str


@dataclass(frozen=True)
class Finding:
    """What one check found.

    count: violations (rows, or the dimensions, stages or instants concerned). opportunities: different ones among them.
    amount: minor units of the rows concerned by currency ('' where missing), missing amounts left out; a version counts each
    time it occurs. subjects: violations by field, dimension, stage, status or instant, the 20 commonest. examples: at most 5.
    """

    name: str
    severity: Severity
    title: str
    distorts: str
    remedy: str
    count: int
    opportunities: int
    amount: Mapping[str, int] = field(default_factory=dict)
    subjects: Mapping[str, int] = field(default_factory=dict)
    examples: Sequence[Example] = ()


def run(history: ir.Table, context: CheckContext, only: Iterable[str] | None = None) -> list[Finding]:
    """What the checks find in a canonical history, errors first, then warnings, then notes; within each in the list's order.

    only: names of the checks to run; all of them if None. Checks that find nothing are left out.
    Raises ValueError for an unknown name and for a history without the required columns.
    """
    chosen = _chosen(only)
    history = complete(history)
    with ExitStack() as stack:
        neighbours = None
        if any(check.reads == "versions" for check in chosen):
            neighbours = stack.enter_context(versions(history).cache())
        read = {"versions": neighbours, "history": history}
        tables = {check.name: check.find(read[check.reads], context) for check in chosen}
        sums = _by_name(_sums(table) for table in _named(tables))
        found = {name: table for name, table in tables.items() if name in sums}
        counts = _by_name(_opportunities(table) for table in _named(found))
        examples = _by_name(_examples(table) for table in _named(found))
    findings = [_finding(check, sums[check.name], counts, examples) for check in chosen if check.name in sums]
    return sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))


def to_dicts(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings for JSON: instants as `2026-01-01T00:00:00Z`, amounts in minor units by currency ('' where missing).

    Keys: name, severity, title, distorts, remedy, count, opportunities, amount, subjects, examples (opportunity_id, at, detail).
    """
    return [
        {
            "name": finding.name,
            "severity": finding.severity,
            "title": finding.title,
            "distorts": finding.distorts,
            "remedy": finding.remedy,
            "count": finding.count,
            "opportunities": finding.opportunities,
            "amount": dict(finding.amount),
            "subjects": dict(finding.subjects),
            "examples": [
                {"opportunity_id": one.opportunity_id, "at": None if one.at is None else iso(one.at), "detail": one.detail}
                for one in finding.examples
            ],
        }
        for finding in findings
    ]


def _chosen(only: Iterable[str] | None) -> list[Check]:
    if only is None:
        return list(CHECKS)
    names = set(only)
    unknown = sorted(names - {check.name for check in CHECKS})
    if unknown:
        known = ", ".join(check.name for check in CHECKS)
        raise ValueError(f"There is no check named {', '.join(unknown)}; there are {known}.")
    return [check for check in CHECKS if check.name in names]


def _named(tables: Mapping[str, ir.Table]) -> list[ir.Table]:
    return [table.mutate(name=ibis.literal(name)) for name, table in tables.items()]


def _sums(table: ir.Table) -> ir.Table:
    """Violations and money by subject and currency; no row where there is no violation."""
    low = table["amount"] % _HALF
    high = ((table["amount"] - low) / _HALF).round().cast("int64")
    return table.group_by("name", "subject", "currency").aggregate(
        rows=table.count(),
        priced=table["amount"].count(),
        low=low.sum().fill_null(0).cast("int64"),
        high=high.sum().fill_null(0).cast("int64"),
    )


def _opportunities(table: ir.Table) -> ir.Table:
    return table.group_by("name").aggregate(opportunities=table["opportunity_id"].nunique())


def _examples(table: ir.Table) -> ir.Table:
    ordered = table.order_by("opportunity_id", "effective_at", "detail").limit(EXAMPLES)
    return ordered.select("name", "opportunity_id", "effective_at", "detail")


def _by_name(queries: Iterable[ir.Table]) -> dict[str, list[dict[str, Any]]]:
    """The answers of all queries by the name of their check, asked a few at a time."""
    asked = list(queries)
    answers: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        joined = ibis.union(*some) if len(some) > 1 else some[0]
        for row in joined.to_pyarrow().to_pylist():
            answers.setdefault(row["name"], []).append(row)
    return answers


def _finding(
    check: Check,
    sums: Sequence[Mapping[str, Any]],
    counts: Mapping[str, Sequence[Mapping[str, Any]]],
    examples: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Finding:
    amount: dict[str, int] = {}
    subjects: dict[str, int] = {}
    for row in sums:
        currency = row["currency"] or ""
        if row["priced"]:
            amount[currency] = amount.get(currency, 0) + row["high"] * _HALF + row["low"]
        for subject in filter(None, (row["subject"] or "").split(",")):
            told = iso(from_micros(int(subject))) if check.subject_is_instant else subject
            subjects[told] = subjects.get(told, 0) + row["rows"]
    commonest = sorted(subjects.items(), key=lambda item: (-item[1], item[0]))[:SUBJECTS]
    shown = [_example(row) for row in examples[check.name]]
    return Finding(
        name=check.name,
        severity=check.severity,
        title=check.title,
        distorts=check.distorts,
        remedy=check.remedy,
        count=sum(row["rows"] for row in sums),
        opportunities=counts[check.name][0]["opportunities"],
        amount=dict(sorted(amount.items())),
        subjects=dict(commonest),
        examples=sorted(shown, key=lambda one: (one.opportunity_id or "", str(one.at or ""), one.detail)),
    )


def _example(row: Mapping[str, Any]) -> Example:
    at = row["effective_at"]
    return Example(row["opportunity_id"], None if at is None else from_micros(int(at)), row["detail"])
