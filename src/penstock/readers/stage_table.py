"""A table of stages as a person gives it: CSV or YAML."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from penstock.ledger.schema import STATUSES
from penstock.readers.faults import Fault, ReadError
from penstock.readers.fields import plain

_COLUMNS = ("stage", "order", "probability", "status", "counted", "forecast_category")
_NAMES = {
    "name": "stage",
    "stagename": "stage",
    "stageorder": "order",
    "forecastcategory": "forecast_category",
    "qualified": "counted",
}
_YES = {"true": True, "yes": True, "1": True, "y": True, "false": False, "no": False, "0": False, "n": False}
CATEGORIES = {
    "omitted": "omitted", "omit": "omitted", "pipeline": "pipeline", "bestcase": "best_case", "commit": "commit",
    "forecast": "commit", "closed": "closed", "notforecasted": "omitted",
}  # fmt: skip


@dataclass(frozen=True)
class GivenStage:
    """One row of the table; None where it says nothing. probability is in basis points."""

    name: str
    order: int | None = None
    probability: int | None = None
    status: str | None = None
    counted: bool | None = None
    forecast_category: str | None = None


def load_stages(path: Path) -> tuple[GivenStage, ...]:
    """Stages from a CSV or YAML file with columns stage, order, probability, status, counted, forecast_category.

    probability is a share (0.5), per cent (50) or text with a sign ("50%"). Raises ReadError with every fault.
    """
    try:
        written = path.read_text(encoding="utf-8-sig")
        rows: Any = (
            yaml.safe_load(written) if path.suffix.lower() in (".yaml", ".yml") else list(csv.DictReader(written.splitlines()))
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, csv.Error) as error:
        raise ReadError(
            [Fault(f"The table of stages {path} cannot be read: {error}", "It must be CSV or YAML.", str(path))]
        ) from error
    return stages_of(rows.get("stages", rows) if isinstance(rows, dict) else rows, str(path))


def stages_of(rows: Any, path: str) -> tuple[GivenStage, ...]:
    """Stages from a list of rows, or from `stage: status` or `stage: {order: …}` pairs. Raises ReadError with every fault."""
    if isinstance(rows, Mapping):
        rows = [{"stage": name, **(said if isinstance(said, Mapping) else {"status": said})} for name, said in rows.items()]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise ReadError([Fault(f"The table of stages {path} has no rows.", f"Columns: {', '.join(_COLUMNS)}.", path)])
    faults: list[Fault] = []
    cleaned = [_clean(row, at, path, faults) for at, row in enumerate(rows, 1)]
    shares = all(Decimal(p) <= 1 for row in cleaned if (p := row.get("probability")) and _is_number(p))
    stages = [_stage(row, at, path, shares, faults) for at, row in enumerate(cleaned, 1)]
    names = [stage.name for stage in stages]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.append(
            Fault(f"The table of stages {path} names a stage twice: {', '.join(twice)}.", "Keep one row of each.", path, "stage")
        )
    if faults:
        raise ReadError(faults)
    return tuple(stages)


def _clean(row: Mapping[Any, Any], at: int, path: str, faults: list[Fault]) -> dict[str, str]:
    known = {plain(name): name for name in _COLUMNS} | _NAMES
    cleaned = {}
    for key, value in row.items():
        name = known.get(plain(str(key)))
        if name is None and at == 1:
            what = f"The table of stages {path} has a column {key}, which means nothing here."
            faults.append(Fault(what, f"Columns: {', '.join(_COLUMNS)}.", path, str(key)))
        if name and value is not None and str(value).strip():
            cleaned[name] = str(value).strip()
    return cleaned


def _stage(row: dict[str, str], at: int, path: str, shares: bool, faults: list[Fault]) -> GivenStage:
    def wrong(column: str, must: str) -> None:
        what = f"The table of stages {path} has {row.get(column, 'nothing')!r} as {column} in row {at}; it must be {must}."
        faults.append(Fault(what, "Correct the table.", path, column, (at,), (row.get(column, ""),), 1))

    order, status, counted, category = row.get("order"), row.get("status"), row.get("counted"), row.get("forecast_category")
    if "stage" not in row:
        wrong("stage", "the name of a stage")
    if order is not None and not order.isdecimal():
        wrong("order", "a whole number from 1")
    if status is not None and status.lower() not in STATUSES:
        wrong("status", "open, won, lost or removed")
    if counted is not None and counted.lower() not in _YES:
        wrong("counted", "true or false")
    if category is not None and plain(category) not in CATEGORIES:
        wrong("forecast_category", "omitted, pipeline, best_case, commit or closed")
    points = _basis_points(row.get("probability"), shares)
    if points is not None and not 0 <= points <= 10000:
        wrong("probability", "from 0 to 100 %")
    return GivenStage(
        row.get("stage", ""),
        int(order) if order and order.isdecimal() else None,
        points,
        status.lower() if status else None,
        _YES.get(counted.lower()) if counted else None,
        CATEGORIES.get(plain(category)) if category else None,
    )


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _basis_points(value: str | None, shares: bool) -> int | None:
    if value is None:
        return None
    bare = value.removesuffix("%").strip()
    if not _is_number(bare):
        return -1
    return int((Decimal(bare) * (10000 if shares and not value.endswith("%") else 100)).to_integral_value())
