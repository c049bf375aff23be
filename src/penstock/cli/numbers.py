"""Numbers, dates and words for people, in their locale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from penstock.charts.labels import PHRASES
from penstock.cli import words
from penstock.ledger.money import NO_CURRENCY, to_major
from penstock.readers.faults import Note

MINUS = "−"


def locale_of(asked: str | None) -> str:
    """The locale asked for, else the system's, else English. Raises ValueError for one that there is not."""
    from babel import Locale, UnknownLocaleError, default_locale

    if asked is None:
        try:
            return str(Locale.parse(default_locale("LC_MONETARY") or default_locale() or "en"))
        except (UnknownLocaleError, ValueError, TypeError):
            return "en"
    try:
        return str(Locale.parse(asked, sep="-" if "-" in asked else "_"))
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"There is no locale {asked!r}. Give one such as en, fr or it_CH.") from None


def chart_locale(asked: str | None) -> str:
    """The locale for a chart: the one asked for, else the system's where charts speak its language, else English."""
    locale = locale_of(asked)
    return locale if asked is not None or locale.partition("_")[0] in PHRASES else "en"


@dataclass(frozen=True)
class Numbers:
    """How a report's figures are written: in money with `exponent` digits, or as counts. whole: rounded to major units."""

    locale: str
    exponent: int
    counts: bool = False
    whole: bool = False

    @property
    def rounded(self) -> Numbers:
        """The same in whole major units, for narrow screens."""
        return replace(self, whole=True)

    def figure(self, minor: int) -> str:
        """A figure of the report's measure."""
        return self.count(minor) if self.counts else self.money(minor)

    def money(self, minor: int) -> str:
        """Money without its currency, exact unless `whole`."""
        from babel.numbers import format_decimal

        digits = f".{'0' * self.exponent}" if self.exponent and not self.whole else ""
        return _signed(format_decimal(Decimal(to_major(minor, self.exponent)), format=f"#,##0{digits}", locale=self.locale))

    def count(self, number: int) -> str:
        """A whole number."""
        from babel.numbers import format_decimal

        return _signed(format_decimal(number, format="#,##0", locale=self.locale))

    def percent(self, share: float | None) -> str:
        """A share of one, with one digit; a dash where there is none."""
        from babel.numbers import format_percent

        return "–" if share is None else _signed(format_percent(share, format="#,##0.0 %", locale=self.locale))

    def days(self, days: float | None) -> str:
        """A length in days, with one digit; a dash where there is none."""
        from babel.numbers import format_decimal

        return "–" if days is None else _signed(format_decimal(days, format="#,##0.0", locale=self.locale))

    def day(self, day: date) -> str:
        """A date."""
        from babel.dates import format_date

        return str(format_date(day, format="d MMM y", locale=self.locale))

    def moment(self, iso: str, timezone: str) -> str:
        """An ISO instant in the company's zone; without the time where that is midnight."""
        from babel.dates import format_datetime

        from penstock.ledger.instants import time_zone

        local = datetime.fromisoformat(iso).astimezone(time_zone(timezone))
        pattern = "d MMM y" if (local.hour, local.minute, local.second) == (0, 0, 0) else "d MMM y HH:mm"
        return str(format_datetime(local.replace(tzinfo=None), format=pattern, locale=self.locale))

    def say(self, key: str, count: int = 0, /, **values: str) -> str:
        """The words of a key (`cli.words`) in the locale's language; count: chooses between one and many, and is {count}."""
        return words.said(key, self.locale, count, **{"count": self.count(count), **values})

    def line(self, name: str) -> str:
        """A line of the waterfall, or a label of the net view."""
        return words.line(name, self.locale)

    def heading(self, element: str) -> str:
        """A short name of an element."""
        return words.heading(element, self.locale)

    def group(self, group: Mapping[str, Any]) -> str:
        """A group's values as a heading."""
        return " · ".join(self.say("blank") if value is None else str(value) for value in group.values())

    def unit(self, measure: str, currency: str) -> str:
        """What figures of a measure are in."""
        if measure == "count":
            return self.say("unit.count")
        return currency if currency != NO_CURRENCY else self.say("unit.unknown")

    def notes(self, remarks: Sequence[str | Note]) -> list[str]:
        """What a reader noted, in the locale's language; but for missing amounts, which are told before the figures."""
        return [self.note(note) for note in remarks if not without_amounts(note)]

    def note(self, note: str | Note) -> str:
        """One note, in the locale's language if a reader made it."""
        return note if isinstance(note, str) else note.said(words.language(self.locale), self.count)


def without_amounts(note: str | Note) -> bool:
    """Whether a note says that no amounts were found: then all money is zero, and that is to be said before the figures."""
    return isinstance(note, Note) and note.key in ("no_amount", "no_amount_but")


def _signed(text: str) -> str:
    return text.replace("-", MINUS)
