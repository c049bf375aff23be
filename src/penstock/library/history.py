"""`History`: a history of opportunities, and the questions that can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import ibis.expr.types as ir

from penstock.ledger.calendar import FiscalCalendar, Quarter
from penstock.ledger.checks import CheckContext, Finding
from penstock.ledger.checks import run as run_checks
from penstock.ledger.engine import dimensions_of
from penstock.ledger.instants import from_micros, to_micros
from penstock.ledger.movements import group_columns
from penstock.ledger.question import Question
from penstock.ledger.rates import RateTable
from penstock.ledger.snapshot import deals as snapshot_deals
from penstock.library import net, pipeline, steps, trends
from penstock.library.currencies import Currencies, RateKind
from penstock.library.figures import Net, Snapshot, Trend
from penstock.library.postings import Postings
from penstock.library.store import kept_movements
from penstock.library.validity import require_valid
from penstock.library.view import (
    HorizonChoice,
    Moment,
    Period,
    View,
    ViewOptions,
    day_of,
    horizon_at,
    instant,
    period,
    quarter_period,
    to_day,
)
from penstock.library.waterfall import Waterfall
from penstock.readers.faults import Note

if TYPE_CHECKING:
    from penstock.ledger.stages import StageReport


class History:
    """Every version of every opportunity, as an Ibis table in the canonical form (`penstock.ledger.schema`).

    table: the history. calendar: fiscal calendar and time zone. currency: of the reports; rates, rate: how money in other
    currencies is brought into it. notes: what a reader assumed or could not tell, in English, shown with every figure; remarks:
    the same, of which a reader's own (`readers.faults.Note`) can be said in other languages.
    scratch: the table's DuckDB is there for this history alone, so that tables may be left in it.
    kept: the table's movements, where they are kept already (`library.store`); then the table is held to be valid.
    Raises ValueError for a history that breaks the schema, naming rows.
    """

    def __init__(
        self,
        table: ir.Table,
        *,
        calendar: FiscalCalendar | None = None,
        currency: str | None = None,
        rates: RateTable | None = None,
        rate: RateKind = "plan",
        notes: Sequence[str | Note] = (),
        reader: str = "",
        stages: Sequence[Any] = (),
        scratch: bool = False,
        kept: ir.Table | None = None,
    ) -> None:
        self.table = table
        self.calendar = calendar or FiscalCalendar()
        self.remarks = tuple(notes)
        self.notes = tuple(note if isinstance(note, str) else note.what for note in notes)
        self.reader = reader
        self.stage_table = tuple(stages)
        self._scratch = scratch
        self.dimensions = dimensions_of(table)
        if kept is None:
            require_valid(table)
        self._asked = (currency, rates, rate)
        self._kept: dict[int | None, ir.Table] = {} if kept is None else {None: kept}

    @cached_property
    def currencies(self) -> Currencies:
        """The currencies of the history and of its reports."""
        found: tuple[str, ...] = ()
        if "currency" in self.table.columns:
            codes = self.table.select("currency").distinct().to_pyarrow()["currency"].to_pylist()
            found = tuple(sorted(code for code in codes if code))
        currency, rates, rate = self._asked
        return Currencies(found, currency, rates, rate)

    @cached_property
    def span(self) -> tuple[datetime, datetime] | None:
        """First and last effective_at, UTC; None for a history without rows."""
        m = self.movements()
        row = m.aggregate(first=m.begins.min(), last=m.begins.max()).to_pyarrow().to_pylist()[0]
        return None if row["first"] is None else (from_micros(row["first"]), from_micros(row["last"]))

    @cached_property
    def dated(self) -> bool:
        """Whether any version has a close date."""
        m = self.movements()
        return bool(m.aggregate(known=m.after_close.notnull().any()).to_pyarrow().to_pylist()[0]["known"])

    @cached_property
    def marked(self) -> bool:
        """Whether any value was reconstructed or is unknown."""
        m = self.movements()
        marks = (m.after_reconstructed != 0) | (m.after_unknown != 0)
        return bool(m.aggregate(marked=marks.any()).to_pyarrow().to_pylist()[0]["marked"])

    @cached_property
    def stage_orders(self) -> dict[str, int]:
        """Each stage's place, the lowest it has in the history."""
        m = self.movements()
        found = m.filter(m.after_stage.notnull(), m.after_stage_order.notnull())
        rows = found.group_by("after_stage").agg(place=found.after_stage_order.min()).to_pyarrow().to_pylist()
        return {row["after_stage"]: row["place"] for row in rows}

    def movements(self, known_at: Moment | None = None) -> ir.Table:
        """The movements of the history (`ledger.movements`), computed once; known_at: as known then."""
        key = None if known_at is None else to_micros(instant(known_at, self.calendar))
        if key not in self._kept:
            self._kept[key] = kept_movements(self.table, key, temporary=not self._scratch)
        return self._kept[key]

    def kept_tables(self) -> list[tuple[int | None, ir.Table]]:
        """The tables of movements made so far, by the moment of knowledge in microseconds (None: now)."""
        return list(self._kept.items())

    @property
    def latest_quarter(self) -> Quarter:
        """The fiscal quarter of the history's last change. Raises ValueError for a history without rows."""
        if self.span is None:
            raise ValueError("The history has no rows, so there is no latest quarter. Name a window.")
        return self.calendar.quarter_of(self.calendar.local_date(self.span[1]))

    def quarter(self, text: str) -> tuple[date, date]:
        """The first day of a fiscal quarter such as 2026Q1 and the first day after it."""
        quarter = self.calendar.parse_quarter(text)
        return quarter.start, quarter.end

    def period(self, start: Moment | str, end: Moment | None = None) -> Period:
        """A window: from start to end, or a fiscal quarter by name."""
        if end is None:
            return quarter_period(self.calendar.parse_quarter(str(start)), self.calendar)
        return period(start, end, self.calendar)

    def question(self, window: Period, view: View, day: date | None = None) -> Question:
        """What a view asks of the ledger over a window; the horizon and plan rates are those of `day` (the window's first)."""
        seen_from = day or window.first
        for name in view.by:
            if name != "opportunity_id" and name not in group_columns(self.movements(view.known_at)):
                known = ", ".join(sorted(group_columns(self.movements(view.known_at))))
                raise ValueError(f"There is no dimension {name!r} to split by. There are: {known}.")
        movements = self.movements(view.known_at)
        today = day_of(view.known_at, self.calendar) if view.known_at else self._today()
        return Question(
            window.start,
            window.end,
            horizon=horizon_at(seen_from, self.horizon_choice(view), self.calendar),
            by=tuple(dict.fromkeys(view.by)),
            as_is=view.as_is,
            measure=view.measure,
            valuation=self.currencies.valuation(seen_from, self.calendar, movements, today),
            graded=self.marked,
        )

    def horizon_choice(self, view: View) -> HorizonChoice:
        """The horizon asked for; by default four quarters, or all close dates where the history has none."""
        return view.horizon or ("4q" if self.dated else "all")

    def _today(self) -> date:
        return self.calendar.local_date(self.span[1]) if self.span else date(1970, 1, 1)

    def waterfall(
        self, start: Moment, end: Moment | None = None, *, prove: bool = True, **view: Unpack[ViewOptions]
    ) -> Waterfall:
        """The six elements of a window [start, end), or of the fiscal quarter named by `start`; `view` as of `View`.

        prove: also find the residual of every single deal. Raises TieOutError, naming deals, if any residual is not zero.
        """
        return pipeline.waterfall(self, self.period(start, end), View.of(view), prove=prove)

    def postings(
        self,
        start: Moment,
        end: Moment | None = None,
        *,
        element: str | None = None,
        line: str | None = None,
        group: Mapping[str, str | None] | None = None,
        **view: Unpack[ViewOptions],
    ) -> Postings:
        """The postings of a window: all, or those of one element, line or group (dimension -> value)."""
        found = steps.postings(self, self.period(start, end), View.of(view), element=element, line=line, group=group)
        return replace(found, notes=self.notes)

    def net(self, start: Moment, end: Moment | None = None, **view: Unpack[ViewOptions]) -> Net:
        """Each deal compared at the two ends of the window only, with one label."""
        return net.net(self, self.period(start, end), View.of(view))

    def snapshot(self, at: Moment, **view: Unpack[ViewOptions]) -> Snapshot:
        """Open pipeline just before `at`, with the overdue beside it."""
        return pipeline.snapshot(self, instant(at, self.calendar), View.of(view))

    def deals(self, at: Moment, **view: Unpack[ViewOptions]) -> ir.Table:
        """The open and qualified deals just before `at` (`ledger.snapshot.deals`), lazily: the drill under a snapshot."""
        moment = instant(at, self.calendar)
        seen = View.of(view)
        window = period(moment, moment, self.calendar)
        question = self.question(window, seen, self.calendar.local_date(moment))
        return snapshot_deals(self.movements(seen.known_at), window.start, question)

    def trend(
        self, start: Moment, end: Moment, *, every: str = "week", instants: Sequence[Moment] = (), **view: Unpack[ViewOptions]
    ) -> Trend:
        """Open pipeline at the start of every day, week, month or quarter of a window and at its end, or at given instants."""
        return trends.trend(self, start, end, View.of(view), every=every, instants=instants)

    def stages(self, start: Moment, end: Moment | None = None, **view: Unpack[ViewOptions]) -> StageReport:
        """Stage conversion, time in stage, win rates, cycle, age, velocity, slippage over a window."""
        from penstock.ledger.stages import summary as stage_summary

        window, seen = self.period(start, end), View.of(view)
        question = self.question(window, seen)
        return stage_summary(
            self.movements(seen.known_at),
            window.start,
            window.end,
            by=seen.by,
            first_day=to_day(window.first),
            end_day=to_day(window.last),
            as_is=seen.as_is,
            valuation=question.valuation,
        )

    def check(self, *, now: Moment | None = None, only: Sequence[str] | None = None) -> list[Finding]:
        """Every fault of the data. now: what counts as today (the history's last instant by default)."""
        at = instant(now, self.calendar) if now is not None else (self.span[1] if self.span else from_micros(0))
        context = CheckContext(
            now=at,
            timezone=self.calendar.timezone,
            minor_unit=self.minor_unit_or_default,
            stages=tuple(stage.name for stage in self.stage_table),
        )
        return run_checks(self.table, context, only=only)

    @property
    def minor_unit_or_default(self) -> int:
        """Digits of the report's currency; 2 where the history has several and none was asked for."""
        return self.currencies.minor_unit if self.currencies.corporate or len(self.currencies.found) < 2 else 2

    def with_options(self, **changes: Any) -> History:
        """The same history seen with another calendar, currency, rates or rate."""
        currency, rates, rate = self._asked
        options = {"calendar": self.calendar, "currency": currency, "rates": rates, "rate": rate} | changes
        return History(
            self.table, notes=self.remarks, reader=self.reader, stages=self.stage_table, scratch=self._scratch, **options
        )

    def write(self, path: str | Path) -> None:
        """Write the canonical history to a file, CSV or Parquet by its suffix; amounts in major units."""
        from penstock.library.writing import write_history

        write_history(self.table, Path(path))
