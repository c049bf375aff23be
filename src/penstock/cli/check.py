"""`penstock check`: every fault of the data, and what it distorts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import VIEWING, Asked, company, output, source
from penstock.cli.options import command as shared_options
from penstock.cli.writing import deliver

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.ledger.checks import Finding
    from penstock.library import History

NAME = "check"
FOUND_ERRORS = 1
_MARKS = {"error": ("✗", "red"), "warning": ("●", "yellow"), "note": ("·", "dim")}


@shared_options(source, company, output)
def command(
    asked: Asked,
    now: Annotated[
        str | None, typer.Option(help="What counts as today; the last change if absent.", rich_help_panel=VIEWING)
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only the check of this name; repeat it.", rich_help_panel=VIEWING)
    ] = None,
) -> None:
    """List every fault of the data, with counts, examples, and what it distorts.

    Ends with exit code 1 if there are errors: faults with which figures can be wrong, not only incomplete.
    """
    from penstock.ledger.checks import to_dicts

    history = asked.read()
    findings = history.check(now=now, only=only or None)

    def table(console: Console) -> Iterator[RenderableType]:
        yield from pieces(history, findings, asked.locale)

    def rows() -> Iterator[dict[str, Any]]:
        for finding in to_dicts(findings):
            for example in finding["examples"] or [{"opportunity_id": None, "at": None, "detail": None}]:
                yield {
                    **{name: value for name, value in finding.items() if name not in ("examples", "amount", "subjects")},
                    **example,
                }

    deliver(
        asked,
        table=table,
        json_form=lambda: {"findings": to_dicts(findings), "notes": list(history.notes), "reader": history.reader},
        csv_rows=rows,
    )
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(FOUND_ERRORS)


def pieces(history: History, findings: Sequence[Finding], locale: str | None) -> Iterator[RenderableType]:
    """What the reader noted, then each finding with its counts, what it distorts, what to do, and examples."""
    from rich.padding import Padding
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of

    numbers = Numbers(locale_of(locale), history.minor_unit_or_default)
    versions = history.table.count().to_pyarrow().as_py()
    deals = history.table.opportunity_id.nunique().to_pyarrow().as_py()
    yield Text(
        f"{numbers.count(deals)} opportunities, {numbers.count(versions)} versions, read as {history.reader or 'versions'}",
        style="bold",
    )
    for note in history.notes:
        yield Text(f"· {note}", style="dim")
    for finding in findings:
        mark, style = _MARKS[finding.severity]
        many = "opportunity" if finding.opportunities == 1 else "opportunities"
        where = f", in {numbers.count(finding.opportunities)} {many}" if finding.opportunities else ""
        yield Text(f"\n{mark} {finding.title}: {numbers.count(finding.count)}{where}", style=style)
        yield Padding(Text(f"Distorts: {finding.distorts}"), (0, 0, 0, 2))
        yield Padding(Text(f"Mend: {finding.remedy}"), (0, 0, 0, 2))
        for example in finding.examples:
            at = "" if example.at is None else f" {numbers.moment(example.at.isoformat(), history.calendar.timezone)}"
            yield Padding(Text(f"{example.opportunity_id or '–'}{at}: {example.detail}", style="dim"), (0, 0, 0, 4))
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in _MARKS}
    yield Text(
        f"\n{counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes."
        if findings
        else "\nNo fault was found.",
        style="bold",
    )
