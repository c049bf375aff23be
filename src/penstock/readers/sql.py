"""The little SQL grammar that readers share: names, texts, and lists of fields as marks."""

from __future__ import annotations

from collections.abc import Mapping


def quoted(name: str) -> str:
    """A name as DuckDB wants it in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal in SQL."""
    return "'" + value.replace("'", "''") + "'"


def marks(conditions: Mapping[str, str]) -> str:
    """SQL for the comma-joined names of the fields whose condition holds. conditions: field -> SQL boolean ("TRUE", "FALSE" too)."""
    by_condition: dict[str, list[str]] = {}
    for field, condition in conditions.items():
        if condition != "FALSE":
            by_condition.setdefault(condition, []).append(field)
    parts = [
        text(",".join(fields)) if condition == "TRUE" else f"CASE WHEN {condition} THEN {text(','.join(fields))} END"
        for condition, fields in by_condition.items()
    ]
    return f"concat_ws(',', {', '.join(parts)})" if parts else "''"
