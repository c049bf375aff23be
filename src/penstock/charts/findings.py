"""What a chart says in words: titles that state the finding, subtitles that say what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from penstock.charts.amounts import HARD_SPACE, Amounts, percent
from penstock.charts.dates import day_words, instant_words, window_words
from penstock.charts.labels import PHRASES, language, phrase
from penstock.charts.stack import Trend


def waterfall_title(figures: Mapping[str, Any], amounts: Amounts) -> str:
    """ "Pipeline grew by 1.2 M € to 6.4 M €: 2.1 M new, 0.8 M won, 0.3 M lost"."""
    total, locale = figures["total"], amounts.locale
    moves = {key: int(total[key]) for key in ("new", "change", "won", "lost")}
    starting, ending = int(total["starting"]), int(total["ending"])
    if not (starting or ending or any(moves.values())):
        return phrase("nothing", locale)
    parts = [_part(key, amount, amounts) for key, amount in moves.items() if amount]
    head = movement(str(figures.get("measure", "amount")), starting, ending, amounts)
    return head + (phrase("colon", locale) + ", ".join(parts) if parts else "")


def movement(measure: str, first: int, last: int, amounts: Amounts) -> str:
    """From one level to another: "Pipeline fell by 85 k € to 1.2 M €"."""
    key = "held" if first == last else "grew" if last > first else "fell"
    if first == 0 and last > 0:
        key = "from_nothing"
    elif last == 0:
        key = "to_nothing" if first > 0 else "nothing_left" if first == 0 else key
    by = amounts.money(abs(last - first))
    return phrase(key, amounts.locale, subject=subject(measure, amounts.locale), by=by, to=worded(last, amounts, measure))


def trend_title(figures: Mapping[str, Any], trend: Trend, amounts: Amounts) -> str:
    """ "Pipeline grew by 1.2 M € to 6.4 M €; Negotiation moved most, +0.8 M"."""
    measure, locale = str(figures.get("measure", "amount")), amounts.locale
    (start, first), (end, last) = trend.totals[0], trend.totals[-1]
    days = {"start": instant_words(start, locale), "end": instant_words(end, locale)}
    if not trend.layers:
        return phrase("trend.empty", locale, **days)
    if start == end:
        return phrase("at_once", locale, subject=subject(measure, locale), to=worded(last, amounts, measure), **days)
    if first == last:
        head = phrase("trend.held", locale, subject=subject(measure, locale), to=worded(last, amounts, measure))
    else:
        head = movement(measure, first, last, amounts)
    moved = [(layer.amounts[-1] - layer.amounts[0], layer.name) for layer in trend.layers]
    by, group = max(moved, key=lambda pair: abs(pair[0]))
    if len(moved) < 2 or by == 0:
        return head
    return f"{head}; {phrase('moved_most', locale, group=group, by=amounts.short(by, sign=True))}"


def trend_subtitle(figures: Mapping[str, Any], trend: Trend, amounts: Amounts) -> list[str]:
    """From when to when, of what close dates, what was measured."""
    locale = amounts.locale
    start, end = (instant_words(moment, locale) for moment in (trend.totals[0][0], trend.totals[-1][0]))
    facts = [f"{start} – {end}" if start != end else start]
    if "horizon" in figures:
        facts.append(horizon_words(figures["horizon"], locale))
    facts.append(measure_words(figures, amounts) + by_words(figures, locale))
    return [" · ".join(facts), *evidence_words(figures.get("evidence"), locale)]


def subject(measure: str, locale: str) -> str:
    """What the measure is of: "Pipeline", "Weighted pipeline"."""
    known = PHRASES[language(locale)]
    return known.get(f"subject.{measure}", known["subject.amount"])


def worded(minor: int, amounts: Amounts, measure: str) -> str:
    """Short money, or a number of deals with the word for it."""
    if measure != "count":
        return amounts.money(minor)
    return phrase("deals.one" if abs(minor) == 1 else "deals.many", amounts.locale, n=amounts.short(minor))


def waterfall_subtitle(figures: Mapping[str, Any], amounts: Amounts, *, shaded: bool) -> list[str]:
    """Window, horizon, definition and residual; then, where there is any, what is overdue and what the money rests on."""
    locale = amounts.locale
    measured = [measure_words(figures, amounts), phrase(str(figures.get("grouping") or "as_was"), locale)]
    facts = [
        window_words(figures["window"], str(figures.get("timezone") or "UTC"), locale),
        horizon_words(figures.get("horizon"), locale),
        ", ".join(measured) + by_words(figures, locale),
        phrase("residual", locale, amount=amounts.exact_money(0)),
    ]
    lines = [" · ".join(facts)]
    overdue = figures["total"].get("overdue") or {}
    if any(overdue.values()):
        shown = {key: amounts.money(int(overdue.get(key) or 0)) for key in ("starting", "ending")}
        lines.append(phrase("overdue", locale, **shown))
    if shaded:
        lines.append(phrase("shades", locale))
    return lines + evidence_words(figures.get("evidence"), locale)


def horizon_words(horizon: Mapping[str, Any] | None, locale: str) -> str:
    """The close dates of the horizon; its end is the first day that is no longer in it. A trend's may move with the quarters."""
    if not horizon:
        return phrase("all_dates", locale)
    if "rolling" in horizon:
        return phrase("rolling", locale)
    days = {key: day_words(date.fromisoformat(horizon[key][:10]), locale) for key in ("start", "end")}
    return phrase("close_dates", locale, **days)


def measure_words(figures: Mapping[str, Any], amounts: Amounts) -> str:
    """ "amount in EUR", "number of deals"."""
    measure = str(figures.get("measure", "amount"))
    name = PHRASES[language(amounts.locale)].get(f"measure.{measure}", measure)
    return f"{name} ({amounts.currency})" if amounts.currency else name


def by_words(figures: Mapping[str, Any], locale: str) -> str:
    """ ", by region, owner", or nothing where there is no grouping."""
    names = [str(name).replace("_", " ") for name in figures.get("by") or []]
    return ", " + phrase("by", locale, names=", ".join(names)) if names else ""


def evidence_words(evidence: Mapping[str, Any] | None, locale: str) -> list[str]:
    """How much of the money rests on what was observed, reconstructed or is unknown; nothing where all was observed."""
    shares = {key: int((evidence or {}).get(key) or 0) for key in ("observed", "reconstructed", "unknown")}
    whole = sum(shares.values())
    if whole <= 0 or shares["observed"] == whole:
        return []
    return [phrase("evidence", locale, **{key: percent(part, whole, locale) for key, part in shares.items()})]


def _part(key: str, amount: int, amounts: Amounts) -> str:
    """What one element did. Its words hold together, so that a title breaks between elements only."""
    taken_back = key in ("won", "lost") and amount > 0
    signed = key == "change" or (key == "new" and amount < 0)
    shown = amounts.short(amount, sign=True) if signed else amounts.short(abs(amount))
    return phrase(f"part.un{key}" if taken_back else f"part.{key}", amounts.locale, amount=shown).replace(" ", HARD_SPACE)
