"""The page of definitions and the program hold the same rules, lines and labels, and each term can be linked to."""

from __future__ import annotations

import re

import pytest

from penstock.ledger.net import LABELS
from penstock.ledger.postings import LINES, RULES
from penstock.ledger.schema import CANONICAL
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
TERMS = (
    *("instant", "window", "version", "effective-and-recorded", "ties", "canonical-history", "minor-unit", "rate", "measure"),
    *("weighted", "dimension", "as-was", "as-is", "horizon", "qualified", "in-the-pipeline", "overdue", "beyond", "snapshot"),
    *("posting", "the-rule-table", "the-six-elements", "starting-pipeline", "new", "change-in-value", "closed-won"),
    *("closed-lost", "ending-pipeline", "residual", "roll", "plan", "evidence", "the-net-view", "stage-conversion", "win-rate"),
    *("time-in-stage", "sales-cycle", "age", "velocity", "slippage"),
)
_ROW = re.compile(r"^\| \d \| .*\| `(\w+) · ([\w ]+)` \|.*\| (before|after) \|$", re.MULTILINE)


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as they are made where it is shown."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_the_rule_table_is_that_of_the_program() -> None:
    on_the_page = [(element, line.replace(" ", "_"), side) for element, line, side in _ROW.findall(PAGE)]
    assert on_the_page == [(rule.element, rule.line, rule.side) for rule in RULES]


@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_its_anchor(term: str) -> None:
    assert term in anchors(PAGE)


@pytest.mark.parametrize("line", LINES)
def test_each_line_is_explained(line: str) -> None:
    word = line.replace("_", " ").removesuffix(" in").removesuffix(" out") if "transferred" in line else line.replace("_", " ")
    explained = PAGE[PAGE.index("### Change in value") : PAGE.index("### Ending pipeline")]
    assert re.search(word, explained, re.IGNORECASE)


def test_the_net_labels_stand_in_their_order() -> None:
    section = PAGE[PAGE.index("## The net view") :]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(LABELS)


@pytest.mark.parametrize("column", CANONICAL)
def test_each_canonical_column_is_explained(column: str) -> None:
    table = PAGE[PAGE.index("### Canonical history") : PAGE.index("## Money")]
    assert f"`{column}`" in table


def test_links_into_pages_lead_to_a_heading() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([\w-]+)\)", text):
            aimed = (page.parent / target) if target else page
            if aimed.suffix == ".md" and anchor not in anchors(aimed.read_text(encoding="utf-8")):
                broken.append(f"{page.name}: {target}#{anchor}")
    assert not broken
