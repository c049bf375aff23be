"""What a user may say about a file beforehand, on the command line or in a YAML mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from penstock.readers.faults import Fault, ReadError
from penstock.readers.moments import ORDERS
from penstock.readers.numbers import MARKS

_KEYS = ("reader", "fields", "stages", "constants", "dimensions", "history", "timezone", "date_order", "decimal", "currency")


@dataclass(frozen=True)
class Options:
    """How to read a file, where it does not say so itself.

    reader: a shape or a recipe by name. mapping: role (a canonical field or what a shape needs) -> column.
    mapping_file: YAML with any of reader, fields, stages, constants, dimensions, history, timezone, date_order, decimal and
    currency; what is given here goes before it. stages: table of stages (CSV or YAML). history: the file of changes beside the
    file of today. timezone: of instants without one (IANA name). date_order: ymd, dmy or mdy. decimal: "." or ",". currency: ISO
    code of amounts that carry none. sheet: of a workbook. rounding: of amounts with too many decimals, half to even.
    extracted_at: when the file was made. rejects: rows that cannot be read go to this file,
    and the rest is read.
    constants: role or dimension -> its value in every row. dimensions: column -> name, if only these are to be kept.
    stage_rows: the `stages:` of a mapping. progress: told what is being done.
    Raises ReadError for a date_order or a decimal that there is not, whether or not the file needs one.
    """

    reader: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    mapping_file: Path | None = None
    stages: Path | None = None
    history: Path | None = None
    timezone: str = "UTC"
    date_order: str | None = None
    decimal: str | None = None
    currency: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    rounding: bool = False
    extracted_at: datetime | None = None
    rejects: Path | None = None
    progress: Callable[[str], None] | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[str, str] | None = None
    stage_rows: Any = None

    def __post_init__(self) -> None:
        faults = []
        if self.date_order is not None and self.date_order not in ORDERS:
            faults.append(Fault(f"{self.date_order!r} is no order of a date.", "Give --date-order dmy, mdy or ymd."))
        if self.decimal is not None and self.decimal not in MARKS:
            faults.append(Fault(f"{self.decimal!r} is no decimal mark.", "Give --decimal . or --decimal , ."))
        if faults:
            raise ReadError(faults)

    def say(self, what: str) -> None:
        """Tell of progress, if anyone listens."""
        if self.progress is not None:
            self.progress(what)

    def for_history(self) -> Options:
        """The same for the history beside a file: its rejected rows go to a file of their own."""
        if self.rejects is None or self.history is None:
            return self
        return replace(self, rejects=self.rejects.with_stem(f"{self.rejects.stem}-history"))


def with_mapping_file(options: Options) -> Options:
    """The options with what the mapping file says filled in. Raises ReadError for a file that is no mapping."""
    if options.mapping_file is None:
        return options
    path = options.mapping_file
    said = _load(path)
    history, timezone = said.get("history"), said.get("timezone")
    return replace(
        options,
        reader=options.reader or said.get("reader"),
        mapping={**_names(path, said, "fields"), **options.mapping},
        history=options.history or (path.parent / history if history else None),
        timezone=timezone if timezone and options.timezone == "UTC" else options.timezone,
        date_order=options.date_order or said.get("date_order"),
        decimal=options.decimal or said.get("decimal"),
        currency=options.currency or said.get("currency"),
        constants={**_names(path, said, "constants"), **options.constants},
        dimensions=options.dimensions if options.dimensions is not None else _dimensions(path, said),
        stage_rows=said.get("stages"),
    )


def _load(path: Path) -> dict[str, Any]:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ReadError([Fault(f"The mapping {path} cannot be read: {error}", "It must be a YAML file.", str(path))]) from error
    if not isinstance(said, dict):
        raise ReadError([Fault(f"The mapping {path} holds no keys.", f"Keys: {', '.join(_KEYS)}.", str(path))])
    strange = [str(key) for key in said if key not in _KEYS]
    if strange:
        what = f"The mapping {path} has keys that mean nothing here: {', '.join(strange)}."
        raise ReadError([Fault(what, f"Keys: {', '.join(_KEYS)}.", str(path))])
    return said


def _names(path: Path, said: dict[str, Any], key: str) -> dict[str, str]:
    pairs = said.get(key) or {}
    if not isinstance(pairs, dict):
        raise ReadError([Fault(f"`{key}` of the mapping {path} is not a list of `name: value` pairs.", "", str(path))])
    return {str(name): str(value) for name, value in pairs.items()}


def _dimensions(path: Path, said: dict[str, Any]) -> dict[str, str] | None:
    listed = said.get("dimensions")
    if listed is None:
        return None
    if isinstance(listed, dict):  # name: column
        return {str(column): str(name) for name, column in listed.items()}
    if isinstance(listed, list):
        return {str(column): "" for column in listed}
    raise ReadError([Fault(f"`dimensions` of the mapping {path} is neither a list nor `name: column` pairs.", "", str(path))])
