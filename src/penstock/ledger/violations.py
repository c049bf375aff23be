"""What a check is, and the table of versions that the checks look at.

A check is a question to a history whose answer is a table of violations. This module holds the pieces that every check is
made of; the checks themselves stand in the `checks_*` modules, one idea each, and `checks` lists and runs them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal

import ibis
import ibis.expr.types as ir

from penstock.ledger import instants, schema
from penstock.ledger.engine import days, dimensions_of, flag, micros

Severity = Literal["error", "warning", "note"]

DAY: Final = 86_400_000_000
_UNITS: Final = (("days", DAY), ("hours", 3_600_000_000), ("minutes", 60_000_000), ("seconds", 1_000_000))

# Versions that differ in nothing but these are the same version twice.
_BOOKKEEPING: Final = ("opportunity_id", "effective_at", "recorded_at", "seq", "reconstructed_fields", "unknown_fields")


@dataclass(frozen=True)
class CheckContext:
    """What the checks must know beside the history.

    now: the instant that counts as the present (aware). timezone: where `today` is; also the people's time zone.
    minor_unit: decimals of an amount whose currency is missing. stages: the names of the given table of stages, empty
    where none was given. seq_from_rows: the file had no `seq`, so ties were broken by the order of its rows.
    Raises ValueError for a `now` without a zone and for an unknown time zone.
    """

    now: datetime
    timezone: str = "UTC"
    minor_unit: int = 2
    stages: tuple[str, ...] = ()
    seq_from_rows: bool = False

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError(f"now ({self.now}) has no time zone; give an aware instant, such as 2026-02-14T09:00Z.")
        instants.time_zone(self.timezone)

    @property
    def now_micros(self) -> int:
        """Now in microseconds since 1970-01-01T00:00Z."""
        return instants.to_micros(self.now)

    @property
    def today(self) -> int:
        """Today in the time zone, in days since 1970-01-01."""
        return (instants.local_date(self.now, self.timezone) - date(1970, 1, 1)).days

    @property
    def westmost_offset(self) -> int:
        """The least the zone's clocks are ahead of UTC during the year, in microseconds: no local date is earlier."""
        zone = instants.time_zone(self.timezone)
        months = (datetime(self.now.year, month, 1, tzinfo=UTC) for month in range(1, 13))
        offsets = (month.astimezone(zone).utcoffset() for month in months)
        return min(int(offset.total_seconds()) * 1_000_000 for offset in offsets if offset is not None)


Find = Callable[[ir.Table, CheckContext], ir.Table]


@dataclass(frozen=True)
class Check:
    """One question to the data.

    name: its stable key. severity: error (a figure cannot be trusted), warning (a figure is distorted), note (worth knowing).
    title, distorts, remedy: sentences for the user. find: history and context in, violations out, as `violations` makes them.
    reads: "versions" when `find` looks at versions beside their neighbours, "history" when it reads rows as they stand.
    subject_is_instant: the subject of its violations is an instant in microseconds.
    """

    name: str
    severity: Severity
    title: str
    distorts: str
    remedy: str
    find: Find
    reads: Literal["versions", "history"] = "versions"
    subject_is_instant: bool = False


def complete(history: ir.Table) -> ir.Table:
    """The history with every canonical column there, null where it was absent; ValueError when a required one is."""
    missing = [name for name in schema.REQUIRED if name not in history.columns]
    if missing:
        raise ValueError(f"The history has no column {', '.join(missing)}; it has {', '.join(history.columns)}.")
    absent = {name: ibis.null(dtype) for name, dtype in schema.CANONICAL.items() if name not in history.columns}
    return history.mutate(**absent) if absent else history


def blank(text: ir.Value) -> ir.Value:
    """Whether there is no text, or nothing but white space."""
    return text.isnull() | (text.strip() == "")


def listed(fields: ir.Value, name: str) -> ir.Value:
    """Whether the comma-joined `fields` name the field."""
    return (ibis.literal(",") + fields.fill_null("") + ",").contains(f",{name},")


def versions(history: ir.Table) -> ir.Table:
    """One row per version that can be placed (it has an id and an instant), what came before it beside it.

    Out: opportunity_id · effective_at, recorded, created (microseconds UTC) · seq · seq_assumed (nothing but the order of the
    rows told it) · status, stage, stage_order, pipeline, amount, currency, probability, forecast_category · qualified (true
    where absent) · close_date · close (days since 1970-01-01) · version (0 is the first) · last · next_at · tied, tied_seq (same
    instant; same instant and seq as the version before) · previous_ status, stage, stage_order, amount, close, created ·
    opened, counted (a version so far was open; was open and qualified) · same_as_previous.
    A table that this function made is returned as it is.
    """
    if "same_as_previous" in history.columns:
        return history
    history = complete(history)
    placed = _placed(history)
    fields = [name for name in placed.columns if name.startswith("is_")]
    # Beyond instant and seq only so that equal data give equal findings, whatever the order of the rows.
    order = [placed[name] for name in ("effective_at", "seq", "recorded", "stage_order", "amount", "close", "probability")]
    order.append(ibis.cases(*((placed.status == name, at) for at, name in enumerate(schema.STATUSES)), else_=-1))
    line = ibis.window(group_by=placed.opportunity_id, order_by=order)
    so_far = ibis.cumulative_window(group_by=placed.opportunity_id, order_by=order)
    version = ibis.row_number().over(line)
    previous_at, previous_seq = placed.effective_at.lag().over(line), placed.seq.lag().over(line)
    next_at = placed.effective_at.lead().over(line)
    unchanged = [placed[name].identical_to(placed[name].lag().over(line)) for name in fields]
    before = ("status", "stage", "stage_order", "amount", "close", "created")
    is_open = placed.status == "open"
    seen = placed.mutate(
        version=version,
        last=next_at.isnull(),
        next_at=next_at,
        tied=(placed.effective_at == previous_at).fill_null(False),
        tied_seq=((placed.effective_at == previous_at) & (placed.seq == previous_seq)).fill_null(False),
        opened=flag(is_open).max().over(so_far) == 1,
        counted=flag(is_open & placed.qualified).max().over(so_far) == 1,
        same_as_previous=ibis.and_(version > 0, *unchanged),
        **{f"previous_{name}": placed[name].lag().over(line) for name in before},
    )
    return seen.drop(*fields)


def _placed(history: ir.Table) -> ir.Table:
    """The rows that have an id and an instant, in whole numbers; every comparable field once more as `is_…`."""
    sound = history.filter(~blank(history["opportunity_id"]) & history["effective_at"].notnull())
    compared = [name for name in sound.columns if name not in _BOOKKEEPING]
    assumed = listed(sound["reconstructed_fields"], "seq") | listed(sound["unknown_fields"], "seq")
    kept = ("status", "stage", "stage_order", "amount", "currency", "probability", "forecast_category", "close_date")
    return sound.select(
        opportunity_id=sound["opportunity_id"],
        effective_at=micros(sound, "effective_at"),
        recorded=micros(sound, "recorded_at").fill_null(micros(sound, "effective_at")),
        created=micros(sound, "created_at"),
        seq=sound["seq"].fill_null(0),
        seq_assumed=assumed | sound["seq"].isnull(),
        qualified=sound["qualified"].fill_null(True),
        close=days(sound),
        pipeline=sound["pipeline"].cast("string") if "pipeline" in dimensions_of(sound) else ibis.null("string"),
        **{name: sound[name] for name in kept},
        **{f"is_{name}": sound[name] for name in compared},
    )


def violations(rows: ir.Table, detail: ir.Value, subject: ir.Value | str = "") -> ir.Table:
    """Each of the rows as a violation.

    Out: opportunity_id · effective_at (microseconds UTC) · detail · subject (the field, dimension, stage or status that it is
    about, or '') · amount, currency of the row.
    """
    return rows.select(
        opportunity_id=rows["opportunity_id"],
        effective_at=micros(rows, "effective_at"),
        detail=_text(detail),
        subject=_text(subject),
        amount=rows["amount"].cast("int64"),
        currency=rows["currency"].cast("string"),
    )


def about(rows: ir.Table, detail: ir.Value, subject: ir.Value | str, at: ir.Value | None = None) -> ir.Table:
    """Each of the rows as a violation that no single opportunity has: a dimension's, a stage's, an instant's."""
    return rows.select(
        opportunity_id=ibis.null("string"),
        effective_at=ibis.null("int64") if at is None else at,
        detail=_text(detail),
        subject=_text(subject),
        amount=ibis.null("int64"),
        currency=ibis.null("string"),
    )


def nothing(history: ir.Table) -> ir.Table:
    """No violations."""
    return violations(complete(history).filter(ibis.literal(False)), ibis.literal(""))


def phrase(template: str, *values: ir.Value) -> ir.Value:
    """The template with each {} replaced by a value as text; a missing value reads 'nothing'."""
    parts = template.split("{}")
    text: ir.Value = ibis.literal(parts[0])
    for value, part in zip(values, parts[1:], strict=True):
        text = text + value.cast("string").fill_null("nothing") + part
    return text


def decimal_text(whole: ir.Value, places: ir.Value | int) -> ir.Value:
    """A whole number as text with so many decimals, exactly: cut from its digits, never divided."""
    digits = whole.cast("string").replace("-", "")
    width = ibis.literal(places, "int32") if isinstance(places, int) else places
    padded = ibis.ifelse(digits.length() > width, digits, (ibis.literal("0000") + digits).right(width + 1))
    cut = padded.length() - width
    fraction = ibis.ifelse(width > 0, ibis.literal(".") + padded.substr(cut, width), "")
    return ibis.ifelse(whole < 0, "-", "") + padded.substr(0, cut) + fraction


def percent(probability: ir.Value) -> ir.Value:
    """A probability in basis points as text: 8500 reads 85.00 %."""
    return decimal_text(probability, 2) + " %"


def span(time: ir.Value) -> ir.Value:
    """A length of time in microseconds as text, in the largest unit that it holds two of; its fraction is dropped."""
    cases = []
    for name, length in _UNITS:
        whole = ((time - time % length) / length).round().cast("int64")
        cases.append((time >= 2 * length, whole.cast("string") + f" {name}"))
    return ibis.cases(*cases, else_=ibis.literal("less than two seconds"))


def _text(value: ir.Value | str) -> ir.Value:
    return ibis.literal(value) if isinstance(value, str) else value.cast("string")
