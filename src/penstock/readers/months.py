"""Names of months in English, French, German, Italian and Spanish, in lower case without accents."""

from __future__ import annotations

_NAMES = (
    "january jan janvier janv januar jaenner janner gennaio gen enero ene",
    "february feb fevrier fevr fev februar febbraio febrero",
    "march mar mars marz maerz mrz marzo",
    "april apr avril avr aprile abril abr",
    "may mai maggio mag mayo",
    "june jun juin juni giugno giu junio",
    "july jul juillet juil juli luglio lug julio",
    "august aug aout agosto ago",
    "september sep sept septembre settembre set septiembre",
    "october oct octobre oktober okt ottobre ott octubre",
    "november nov novembre noviembre",
    "december dec decembre dezember dez dicembre dic diciembre",
)
MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}


def month_sql(word: str) -> str:
    """SQL: the number of the month of a word (lower case, no accents), NULL where it is none."""
    pairs = ", ".join(f"'{name}': {number}" for name, number in MONTHS.items())
    return f"(MAP {{{pairs}}})[{word}]"
