"""Marks on a version: which of its fields were reconstructed, which nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.readers.quoting import literal


def marks(conditions: Mapping[str, str]) -> str:
    """SQL for the comma-joined names of the fields whose condition holds. conditions: field -> SQL boolean."""
    by_condition: dict[str, list[str]] = {}
    for field, condition in conditions.items():
        if condition != "FALSE":
            by_condition.setdefault(condition, []).append(field)
    parts = [
        literal(",".join(fields)) if condition == "TRUE" else f"CASE WHEN {condition} THEN {literal(','.join(fields))} END"
        for condition, fields in by_condition.items()
    ]
    return f"concat_ws(',', {', '.join(parts)})" if parts else "''"
