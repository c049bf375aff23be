"""The drill: the postings behind a figure, with the deal, the moment, and what it was before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from penstock.ledger import schema
from penstock.ledger.engine import dimension_column
from penstock.library.figures import named_beside
from penstock.library.view import from_day

if TYPE_CHECKING:
    import pandas as pd

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = {
    schema.UNQUALIFIED: "open",
    schema.OPEN: "open",
    schema.WON: "won",
    schema.LOST: "lost",
    schema.REMOVED: "removed",
}


def iso_micros(micros: int) -> str:
    """Microseconds as ISO 8601 in UTC, without a fraction where it is zero."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Postings:
    """Postings of a window, lazily. table: as of `ledger.postings`, filtered and in order; measure, currency: of `posted`.

    notes: what the data could not tell.
    """

    table: ir.Table
    by: tuple[str, ...]
    dimensions: tuple[str, ...]
    measure: str
    currency: str
    minor_unit: int
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each posting: opportunity_id, at, element, line, amount (minor units, signed), group, before, after.

        before and after: the versions on either side (status, qualified, stage, amount and currency in its own money,
        close_date, probability in basis points, dimensions); before is None at birth.
        """
        fields = (*_FIELDS, *map(dimension_column, self._dimension_names()))
        names = [f"{side}_{name}" for side in ("before", "after") for name in fields]
        groups = [f"group_{name}" for name in self.by]
        wanted = ["opportunity_id", "at", "seq", "step", "element", "line", "posted", *groups, *names]
        for batch in self.table.select(*wanted).order_by("at", "opportunity_id", "seq", "step").to_pyarrow_batches():
            for row in batch.to_pylist():
                yield {
                    "opportunity_id": row["opportunity_id"],
                    "at": iso_micros(row["at"]),
                    "element": row["element"],
                    "line": row["line"],
                    "amount": row["posted"],
                    "group": {name: row[f"group_{name}"] for name in self.by},
                    "before": self._image(row, "before"),
                    "after": self._image(row, "after"),
                }

    @property
    def total(self) -> int:
        """The sum of all postings."""
        return int(self.table.posted.sum().fill_null(0).to_pyarrow().as_py())

    def to_dict(self) -> dict[str, Any]:
        """The machine-readable form that `--format json` prints."""
        postings = list(self.rows())
        return {
            "measure": self.measure,
            "currency": self.currency,
            "minor_unit": self.minor_unit,
            "postings": postings,
            "total": sum(posting["amount"] for posting in postings),
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """The postings as a frame, before and after spread over columns before_<field> and after_<field>."""
        import pandas as pd

        return pd.DataFrame([flat(row) for row in self.rows()], columns=flat_columns(self))

    @property
    def image_fields(self) -> tuple[str, ...]:
        """What `before` and `after` hold of a version, in order."""
        return ("status", "qualified", "amount", "currency", "close_date", "probability", *self._dimension_names())

    def _dimension_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.dimensions if name != "currency")

    def _image(self, row: Mapping[str, Any], side: str) -> dict[str, Any] | None:
        state, close = row[f"{side}_state"], row[f"{side}_close"]
        if state == schema.NONE:
            return None
        told = (
            _STATUS[state],
            state != schema.UNQUALIFIED,
            row[f"{side}_amount"],
            row[f"{side}_currency"],
            None if close is None else from_day(close).isoformat(),
            row[f"{side}_probability"],
            *(row[f"{side}_{dimension_column(name)}"] for name in self._dimension_names()),
        )
        return dict(zip(self.image_fields, told, strict=True))


_OWN = ("opportunity_id", "at", "element", "line", "amount")
_FIELDS = ("state", "amount", "currency", "close", "probability")


def flat(posting: Mapping[str, Any]) -> dict[str, Any]:
    """A posting as one level of columns: group values by dimension name, before_<field> and after_<field>."""
    row = {name: posting[name] for name in _OWN}
    row |= named_beside(row, {name: value for name, value in posting["group"].items() if name != "opportunity_id"})
    fields = list(posting["after"])
    for side in ("before", "after"):
        image = posting[side] or dict.fromkeys(fields)
        row |= {f"{side}_{name}": image[name] for name in fields}
    return row


def flat_columns(found: Postings) -> list[str]:
    """The columns of `flat`, also where there is no posting."""
    image = dict.fromkeys(found.image_fields)
    return list(flat(dict.fromkeys(_OWN) | {"group": dict.fromkeys(found.by), "before": image, "after": image}))
