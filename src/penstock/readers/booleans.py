"""Columns of yes and no."""

from __future__ import annotations

from penstock.readers.faults import ReadError
from penstock.readers.findings import ask, fault_of, known
from penstock.readers.quoting import literal
from penstock.readers.sheet import Sheet

_WORDS = {
    "yes": "true t yes y 1 1.0 on oui vrai sì si sí vero ja j wahr sim verdadeiro x ✓ ✔ ☑",
    "no": "false f no n 0 0.0 off non faux falso nein falsch não nao ☐ ✗",
}
YES, NO = frozenset(_WORDS["yes"].split()), frozenset(_WORDS["no"].split())
MARKS = frozenset({"x", "✓", "✔", "☑"})


def within(words: frozenset[str]) -> str:
    """SQL: a list of strings for IN."""
    return f"({', '.join(literal(word) for word in sorted(words))})"


def boolean_sql(sheet: Sheet, column: str) -> str:
    """SQL that reads a column as BOOLEAN: true and false, yes and no (in six languages), 1 and 0, t and f, whatever the case.

    A blank is NULL; only where marks (x, ✓) are the one thing in the column is a blank false. Raises ReadError with the rows of
    all other words.
    """
    text = known(sheet, column)
    word = f"lower({text})"
    where = f"{text} IS NOT NULL AND {word} NOT IN {within(YES | NO)}"
    what = "Column {column}: {count} [value is|values are] neither yes nor no."
    fault = fault_of(sheet, column, where, what, "Write true or false, or set these rows aside with --rejects.")
    if fault:
        raise ReadError([fault])
    found = {str(row[0]) for row in ask(sheet, f"DISTINCT {word}", f"{text} IS NOT NULL")}
    if found and found <= MARKS:
        return f"({text} IS NOT NULL)"
    return f"CASE WHEN {word} IN {within(YES)} THEN true WHEN {word} IN {within(NO)} THEN false END"
