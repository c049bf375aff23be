"""The words of tables for people, in English, French and Italian: one module per language, and the charts' own where they serve.

Machine-readable forms, options and refusals are in English throughout.
"""

from __future__ import annotations

from typing import Final

from penstock.charts import labels
from penstock.cli.words import english, french, italian
from penstock.readers.wording import worded

LANGUAGES: Final = {"en": english.WORDS, "fr": french.WORDS, "it": italian.WORDS}


def language(locale: str) -> str:
    """The language that tables of a locale are in: its own, or English where there are no words for it."""
    code = locale.partition("_")[0]
    return code if code in LANGUAGES else "en"


def said(key: str, locale: str, count: int, /, **values: str) -> str:
    """The words of a key, with [one|many] chosen by `count` and each {name} filled in."""
    code = language(locale)
    sentence = LANGUAGES[code].get(key)
    return worded(labels.PHRASES[code][key] if sentence is None else sentence, count, code, **values)


def line(name: str, locale: str) -> str:
    """A line of the waterfall or a label of the net view: as charts call it, in small letters."""
    code = language(locale)
    for key in (f"line.{name}", f"label.{name}"):
        if key in LANGUAGES[code]:
            return LANGUAGES[code][key]
    drawn = labels.ELEMENTS[code][name]
    return drawn[:1].lower() + drawn[1:]


def heading(name: str, locale: str) -> str:
    """A short name of an element, as charts call it."""
    return labels.ELEMENTS[language(locale)][name]
