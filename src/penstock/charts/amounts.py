"""Money and counts as charts show them: minor units in, words in the reader's locale out. They are divided here only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal, get_currency_symbol

MINUS, NARROW_SPACE, HARD_SPACE = "\u2212", "\u202f", "\u00a0"

SUFFIXES = {
    "en": {3: "k", 6: "M", 9: "bn"},
    "fr": {3: "k", 6: "M", 9: "Md"},
    "it": {3: "k", 6: "Mln", 9: "Mld"},
}
# From here on thousands are shortened; below, a figure is short enough to stand whole.
SHORTEN_FROM = Decimal(10_000)


@dataclass(frozen=True)
class Amounts:
    """How one chart shows its figures.

    locale: a Babel locale, e.g. "en", "fr", "it". currency: ISO 4217 code, or "" for counts and money without a currency.
    exponent: digits of the minor unit (0 for counts). power: the unit of the whole chart, 0, 3, 6 or 9.
    """

    locale: str
    currency: str
    exponent: int
    power: int

    @classmethod
    def of(cls, figures: Mapping[str, Any], minors: Iterable[int], locale: str) -> Amounts:
        """For figures with the keys measure, currency and minor_unit, of which `minors` are to be shown in one unit."""
        counts = figures.get("measure") == "count"
        currency = "" if counts or figures.get("currency") in (None, "", "XXX") else str(figures["currency"])
        exponent = 0 if counts else int(figures.get("minor_unit") or 0)
        largest = max((abs(minor) for minor in minors), default=0)
        return cls(locale, currency, exponent, _power(_major(largest, exponent)))

    def major(self, minor: int) -> float:
        """The place of a figure on a scale. For drawing only: what is written comes from `short` and `exact`."""
        return float(_major(minor, self.exponent))

    def exact(self, minor: int, *, sign: bool = False) -> str:
        """Every digit: "1,234.50", "−0.05"; with `sign` also "+1,234.50"."""
        return _signed(minor, self._plain(_major(abs(minor), self.exponent), self.exponent), sign)

    def exact_money(self, minor: int, *, sign: bool = False) -> str:
        """Every digit and the currency's code: "1,234.50 EUR"; a count stays bare."""
        return HARD_SPACE.join(part for part in (self.exact(minor, sign=sign), self.currency) if part)

    def short(self, minor: int, *, sign: bool = False) -> str:
        """In the chart's unit with one decimal: "2.1 M". What would be less than a tenth of it is shown in its own: "85 k"."""
        value = _major(abs(minor), self.exponent)
        power = self.power if value * 10 >= Decimal(1).scaleb(self.power) else _power(value)
        scaled = value.scaleb(-power)
        digits = self._digits(scaled, power)
        text = self._plain(scaled, digits)
        return _signed(minor, text + self._suffix(power), sign)

    def axis(self, minors: Sequence[int]) -> list[str]:
        """The levels of a value axis: one unit, as many decimals as the levels need, a bare "0"."""
        scaled = [_major(abs(minor), self.exponent).scaleb(-self.power) for minor in minors]
        digits = max((-int(value.normalize().as_tuple().exponent) for value in scaled if value), default=0)
        suffix = self._suffix(self.power)
        texts = [self._plain(value, max(0, digits)) + suffix if value else "0" for value in scaled]
        return [_signed(minor, text, sign=False) for minor, text in zip(minors, texts, strict=True)]

    def money(self, minor: int, *, sign: bool = False) -> str:
        """`short` with the currency's symbol: "2.1 M €", in English "$2.1 M"."""
        if not self.currency:
            return self.short(minor, sign=sign)
        symbol = get_currency_symbol(self.currency, locale=parsed(self.locale))
        # English puts its own signs before the figure; the euro and codes stand after it, as everywhere in Europe.
        if self.locale.startswith("en") and self.currency != "EUR" and not symbol.isalpha():
            return _signed(minor, symbol + self.short(abs(minor)), sign)
        return self.short(minor, sign=sign) + HARD_SPACE + symbol

    def _suffix(self, power: int) -> str:
        suffix = SUFFIXES[parsed(self.locale).language].get(power, "")
        return NARROW_SPACE + suffix if suffix else ""

    def _digits(self, scaled: Decimal, power: int) -> int:
        if power:
            # Beside millions, "58 k" says enough.
            return 1 if scaled < (Decimal("99.95") if power == self.power else Decimal("9.95")) else 0
        # Small money keeps its cents unless it has none to show.
        return self.exponent if scaled < 1000 and scaled != scaled.to_integral_value() else 0

    def _plain(self, value: Decimal, digits: int) -> str:
        rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(rounded, format=pattern, locale=parsed(self.locale))


def parsed(locale: str) -> Locale:
    """The Babel locale of "en", "en-GB" or "en_GB"; ValueError if there is none of that name."""
    try:
        return Locale.parse(locale.replace("-", "_"))
    except UnknownLocaleError as error:
        raise ValueError(f"there is no locale {locale!r}; give one such as en, fr, it or en-GB") from error


def percent(part: int, whole: int, locale: str) -> str:
    """A share in whole per cent. Never "0 %" for something nor "100 %" for not quite all: then "<1 %" and ">99 %"."""
    if whole == 0:
        return "–"
    value = Decimal(part * 100) / Decimal(whole)
    rounded = value.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    gap = NARROW_SPACE if locale.startswith("fr") else ""
    if 0 < value < 1 and rounded == 0:
        return f"<1{gap}%"
    if 99 < value < 100 and rounded == 100:
        return f">99{gap}%"
    return f"{rounded}{gap}%"


def _major(minor: int, exponent: int) -> Decimal:
    return Decimal(minor).scaleb(-exponent)


def _power(value: Decimal) -> int:
    if value < SHORTEN_FROM:
        return 0
    # What would round up to "1,000 k" is already a million.
    return next(power for power in (9, 6, 3) if value >= Decimal("0.9995").scaleb(power))


def _signed(minor: int, text: str, sign: bool) -> str:
    return (MINUS if minor < 0 else "+" if sign and minor > 0 else "") + text
