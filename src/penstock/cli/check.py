"""`penstock check`: every fault of the data, and what it distorts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.options import VIEWING, WRITING, Asked, company, output, source
from penstock.cli.options import command as shared_options
from penstock.cli.writing import deliver

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.ledger.checks import Finding
    from penstock.library import History

NAME = "check"
FOUND = 1
# From the gravest on.
_MARKS = {"error": ("✗", "red"), "warning": ("●", "yellow"), "note": ("·", "dim")}
_COLUMNS = (
    "name", "severity", "title", "distorts", "remedy", "count", "opportunities", "opportunity_id", "at", "detail",
)  # fmt: skip


@shared_options(source, company, output)
def command(
    asked: Asked,
    now: Annotated[
        str | None, typer.Option(help="What counts as today; the last change if absent.", rich_help_panel=VIEWING)
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only the check of this name; repeat it.", rich_help_panel=VIEWING)
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            help="End with exit code 1 from this severity on: error, warning or note; or never.", rich_help_panel=WRITING
        ),
    ] = "error",
) -> None:
    """List every fault of the data, with counts, examples, and what it distorts.

    Errors are faults with which figures can be wrong, warnings distort a figure, notes are worth knowing. Ends with exit code 1
    if one of the severity of --fail-on, or a graver one, was found. A file with faults for which nothing can be reckoned, such
    as a row without an id or a date that does not exist, is refused instead, with exit code 2 and every fault listed.
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
        history,
        table=table,
        json_form=lambda: {"findings": to_dicts(findings), "notes": list(history.notes), "reader": history.reader},
        csv_rows=rows,
        csv_columns=_COLUMNS,
    )
    if any(finding.severity in _as_grave_as(fail_on) for finding in findings):
        raise typer.Exit(FOUND)


def _as_grave_as(severity: str) -> list[str]:
    """The severities from the gravest to this one; none for never."""
    severities = list(_MARKS)
    return severities[: severities.index(severity) + 1] if severity in severities else []


def pieces(history: History, findings: Sequence[Finding], locale: str | None) -> Iterator[RenderableType]:
    """What the reader noted, then each finding with its counts, what it distorts, what to do, and examples."""
    from rich.padding import Padding
    from rich.text import Text

    from penstock.cli.numbers import Numbers, locale_of, without_amounts
    from penstock.readers.wording import worded

    numbers = Numbers(locale_of(locale), history.minor_unit_or_default)
    versions = history.table.count().to_pyarrow().as_py()
    deals = history.table.opportunity_id.nunique().to_pyarrow().as_py()
    held = [
        worded("{count} [opportunity|opportunities]", deals, count=numbers.count(deals)),
        worded("{count} [version|versions]", versions, count=numbers.count(versions)),
    ]
    yield Text(f"{', '.join(held)}, read as {history.reader or 'versions'}", style="bold")
    for remark in history.remarks:
        if not without_amounts(remark):
            yield Text(f"· {remark if isinstance(remark, str) else remark.what}", style="dim")
    for finding in findings:
        mark, style = _MARKS[finding.severity]
        concerned = worded(
            ", in {count} [opportunity|opportunities]", finding.opportunities, count=numbers.count(finding.opportunities)
        )
        where = concerned if finding.opportunities else ""
        yield Text(f"\n{mark} {finding.title}: {numbers.count(finding.count)}{where}", style=style)
        yield Padding(Text(f"Distorts: {finding.distorts}"), (0, 0, 0, 2), expand=False)
        yield Padding(Text(f"Mend: {finding.remedy}"), (0, 0, 0, 2), expand=False)
        for example in finding.examples:
            at = "" if example.at is None else f" {numbers.moment(example.at.isoformat(), history.calendar.timezone)}"
            yield Padding(Text(f"{example.opportunity_id or '–'}{at}: {example.detail}", style="dim"), (0, 0, 0, 4), expand=False)
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in _MARKS}
    tally = ", ".join(worded(f"{{count}} [{severity}|{severity}s]", count) for severity, count in counts.items())
    yield Text(f"\n{tally}." if findings else "\nNo fault was found.", style="bold")
