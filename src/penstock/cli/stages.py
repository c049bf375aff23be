"""`penstock stages`: conversion, time in stage, win rates, cycle, velocity, slippage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import WRITING, Asked, company, output, source, view, window
from penstock.cli.options import command as shared_options
from penstock.cli.writing import deliver

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

NAME = "stages"


@shared_options(source, company, window, view, output)
def command(
    asked: Asked,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the funnel: .svg, .png, .html, .pdf or .json.", rich_help_panel=WRITING)
    ] = None,
    theme: Annotated[str, typer.Option(help="Of the chart: light or dark.", rich_help_panel=WRITING)] = "light",
) -> None:
    """Show how deals go through the stages: conversion, time in stage, win rates, cycle, age, velocity, slippage.

    Open deals are counted as such: a stage they still stand in is pending, and durations that still run are censored.
    """
    if chart is not None:
        from penstock.charts.save import check_path

        check_path(chart)
    history = asked.read()
    start, end = asked.period(history)
    report = history.stages(start, end, **asked.view()).to_dict()
    report |= {"currency": history.currencies.report, "minor_unit": history.currencies.minor_unit, "notes": list(history.notes)}
    if chart is not None:
        from penstock.charts.funnel import funnel_chart
        from penstock.charts.save import save
        from penstock.cli.numbers import chart_locale

        if report["by"]:
            raise ValueError("--chart draws the funnel of all deals together; leave out --by.")
        rows = [row for row in report["conversion"] if row["outcome"] is None or row["outcome"] == "open"]
        save(funnel_chart(rows, theme=theme, locale=chart_locale(asked.locale), window=report["window"]), chart)

    def table(console: Console) -> Iterator[RenderableType]:
        from penstock.cli.stages_table import stage_pieces

        yield from stage_pieces(report, history, asked)

    columns = ("section", *report["by"], "stage", "figure", "value")
    deliver(asked, history, table=table, json_form=lambda: report, csv_rows=lambda: csv_rows(report), csv_columns=columns)


def csv_rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One figure a row: section, group, stage, name, value."""
    sections = {name: report[name] for name in ("conversion", "time_in_stage", "sales_cycle", "age", "velocity", "slippage")}
    sections |= {f"win_rate_{name}": rows for name, rows in report["win_rate"].items()}
    for section, rows in sections.items():
        for row in rows:
            for name, value in row.items():
                if name not in ("group", "stage", "stage_order", "outcome", "curve", "survival"):
                    yield {"section": section, **row["group"], "stage": row.get("stage"), "figure": name, "value": value}
