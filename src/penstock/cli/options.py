"""Options that several commands share, each declared once. A command takes whole sets of them (`command`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.choices import require_known
from penstock.cli.refusals import refusals

if TYPE_CHECKING:
    from penstock.library import History
    from penstock.library.view import ViewOptions

READING = "Reading the file"
VIEWING = "Seeing the figures"
WRITING = "Writing the answer"


def source(
    path: Annotated[Path, typer.Argument(help="A file of opportunities: CSV, TSV, Parquet or XLSX.", show_default=False)],
    history: Annotated[
        Path | None, typer.Option(help="The file of changes beside a file of today.", rich_help_panel=READING)
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(
            help="versions, field_changes, stage_history, snapshots, event_log or current_state; found out if absent.",
            rich_help_panel=READING,
        ),
    ] = None,
    map: Annotated[
        list[str] | None, typer.Option(help="field=column; repeat it.", metavar="FIELD=COLUMN", rich_help_panel=READING)
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="A YAML file of the same and more, for odd files.", rich_help_panel=READING)
    ] = None,
    stages: Annotated[
        Path | None,
        typer.Option(help="A table of stages: stage, order, probability, status, counted.", rich_help_panel=READING),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of days, and of times that have none.", rich_help_panel=READING)] = "UTC",
    date_order: Annotated[
        str | None, typer.Option(help="ymd, dmy or mdy, where dates can be read in two ways.", rich_help_panel=READING)
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="The decimal sign, . or , where amounts can be read in two ways.", rich_help_panel=READING)
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of text files, if not found out.", rich_help_panel=READING)] = None,
    delimiter: Annotated[str | None, typer.Option(help="Of text files, if not found out.", rich_help_panel=READING)] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook, if it has several.", rich_help_panel=READING)] = None,
    round: Annotated[
        bool, typer.Option("--round", help="Round amounts with too many decimals, half to even.", rich_help_panel=READING)
    ] = False,
    extracted_at: Annotated[
        str | None, typer.Option(help="When the file was made, for rows that tell no date.", rich_help_panel=READING)
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="Put rows that cannot be read into this file, with the reason, and read the rest.", rich_help_panel=READING
        ),
    ] = None,
    memory_limit: Annotated[
        str | None, typer.Option(help="Such as 4GB; what does not fit goes to disk.", rich_help_panel=READING)
    ] = None,
    threads: Annotated[int | None, typer.Option(help="How many to use.", min=1, rich_help_panel=READING)] = None,
) -> None:
    """Where the history comes from."""


def company(
    fiscal_start: Annotated[
        int, typer.Option(help="Month in which the fiscal year begins.", min=1, max=12, rich_help_panel=VIEWING)
    ] = 1,
    calendar: Annotated[
        str,
        typer.Option(
            help="months, 4-4-5, 4-5-4 or 5-4-4; then :weekday, :nearest or :last, and :end to name years by their end.",
            rich_help_panel=VIEWING,
        ),
    ] = "months",
    currency: Annotated[
        str | None, typer.Option(help="Of the report, and of amounts that carry none.", rich_help_panel=VIEWING)
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(help="Rates to it: currency, rate, and date or fiscal_year.", rich_help_panel=VIEWING),
    ] = None,
    rate: Annotated[str, typer.Option(help="plan, dated or current.", rich_help_panel=VIEWING)] = "plan",
) -> None:
    """The company's calendar and money."""


def window(
    from_: Annotated[
        str | None, typer.Option("--from", help="Start of the window: a date or an instant.", rich_help_panel=VIEWING)
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="Its end; what happens at it is no longer in it.", rich_help_panel=VIEWING)
    ] = None,
    quarter: Annotated[
        str | None, typer.Option(help="A fiscal quarter instead, such as 2026Q1.", rich_help_panel=VIEWING)
    ] = None,
) -> None:
    """Which time."""


def view(
    by: Annotated[list[str] | None, typer.Option(help="Split by this column; repeat it.", rich_help_panel=VIEWING)] = None,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Group by today's values instead of as they were.", rich_help_panel=VIEWING)
    ] = False,
    measure: Annotated[str, typer.Option(help="amount, weighted or count.", rich_help_panel=VIEWING)] = "amount",
    horizon: Annotated[
        str | None,
        typer.Option(
            help="Close dates that count: 4q (this quarter and the next three) or all. [default: 4q, or all without close dates]",
            rich_help_panel=VIEWING,
        ),
    ] = None,
    horizon_from: Annotated[str | None, typer.Option(help="First close date that counts.", rich_help_panel=VIEWING)] = None,
    horizon_to: Annotated[str | None, typer.Option(help="First one that no longer counts.", rich_help_panel=VIEWING)] = None,
    known_at: Annotated[str | None, typer.Option(help="Only what was recorded up to then.", rich_help_panel=VIEWING)] = None,
) -> None:
    """How figures are seen."""


def output(
    format: Annotated[str, typer.Option(help="table, json or csv.", rich_help_panel=WRITING)] = "table",
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of the screen.", rich_help_panel=WRITING)] = None,
    locale: Annotated[
        str | None,
        typer.Option(help="Language and numbers of tables and charts: en, fr, it.", rich_help_panel=WRITING),
    ] = None,
) -> None:
    """How the answer is given."""


@dataclass(frozen=True)
class Asked:
    """The values of the shared options of one call."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def read(self) -> History:
        """Read the file that the options of `source` describe."""
        from penstock.cli.reading import read_history

        return read_history(self)

    def period(self, history: History) -> tuple[Any, Any]:
        """Start and end of the window; by default the fiscal quarter of the history's last change."""
        if self.quarter and (self.from_ or self.to):
            raise ValueError("Give either --quarter, or --from and --to.")
        if bool(self.from_) != bool(self.to):
            raise ValueError("Give both --from and --to, or a --quarter.")
        if self.from_:
            return self.from_, self.to
        return history.quarter(self.quarter or str(history.latest_quarter))

    def view(self) -> ViewOptions:
        """The options of how figures are seen."""
        return {
            "by": [name for given in self.by or () for name in given.split(",") if name],
            "as_is": self.as_is,
            "measure": self.measure,
            "horizon": self._horizon(),
            "known_at": self.known_at,
        }

    def _horizon(self) -> Any:
        ends = (self.horizon_from, self.horizon_to)
        if any(ends):
            if not all(ends):
                raise ValueError("Give both --horizon-from and --horizon-to.")
            if self.horizon is not None:
                raise ValueError("Give either --horizon, or --horizon-from and --horizon-to.")
            return ends
        return self.horizon


def command(*sets: Callable[..., None]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function into a command that also takes the options of `sets`, as its first argument, an `Asked`."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        shared = [parameter for taken in sets for parameter in _parameters(taken)]
        own = _parameters(function)[1:]
        names = [parameter.name for parameter in shared]

        def run(**values: Any) -> None:
            with refusals():
                require_known(values)
                function(Asked({name: values.pop(name) for name in names}), **values)

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        required = [p for p in (*shared, *own) if p.default is inspect.Parameter.empty]
        optional = [p for p in (*shared, *own) if p.default is not inspect.Parameter.empty]
        run.__signature__ = inspect.Signature([*required, *optional])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in (*required, *optional)}
        return run

    return decorate


def _parameters(function: Callable[..., None]) -> list[inspect.Parameter]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    return [p.replace(kind=keyword) for p in inspect.signature(function, eval_str=True).parameters.values()]
