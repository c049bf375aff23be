"""How alike two records are: a score from 0 to 100, and why, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from penstock.crm.duplicates.facts import Facts

# Names less alike than this say nothing.
ALIKE = 84
# Below this score two records are not told to be alike.
MINIMUM = 70
_DIGITS = re.compile(r"\d+")
# Words of very many companies: what is alike in them alone is nothing.
_GENERIC = frozenset(
    """associates associati associes beratung capital conseil consulenza consulting digital energia energie energy engineering
    europe finance france germany gestion group groupe gruppe gruppo handel holding immobilier industrie industries industry
    informatica informatique international invest italia italy labs logistica logistics logistik logistique management marketing
    media partner partners sante schweiz service services servizi software solutions suisse svizzera swiss systeme systemes
    systems tech technologies technology trading transport transports""".split()
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that two records have in common: email, domain, phone, name or company, and what or how much of it."""

    what: str
    value: str = ""

    def words(self) -> str:
        """As it is said to people."""
        shown = {"value": self.value}
        if self.what == "email":
            return _("same e-mail address %(value)s") % shown
        if self.what == "domain":
            return _("same domain %(value)s") % shown
        if self.what == "phone":
            return _("same telephone number %(value)s") % shown
        if self.what == "company":
            return _("same company")
        return _("same name") if self.value == "100" else _("name %(value)s %% alike") % shown


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are, and why."""

    score: int
    reasons: tuple[Reason, ...]

    def words(self) -> tuple[str, ...]:
        """The reasons as they are said to people."""
        return tuple(reason.words() for reason in self.reasons)


def likeness(one: Facts, other: Facts) -> Likeness | None:
    """How alike two records are; None below MINIMUM. Accounts are compared as companies, contacts and leads as people.

    A lead and an account are compared by the lead's company; leads that name nobody, too.
    """
    if "account" in (one.kind, other.kind) or (not one.person and not other.person and not (one.email and other.email)):
        found = _companies(one, other)
    else:
        found = _people(one, other)
    return found if found.score >= MINIMUM else None


def alike(one: str, other: str) -> int:
    """How alike two names are, in per cent: the mean of how far they have the same words, and the same signs in any order.

    What is alike only in words of very many companies (`group`, `systems`) is not. Names that tell apart by a number
    (`Station 12`, `Station 13`) are never alike.
    """
    if not one or not other:
        return 0
    if one == other:
        return 100
    if one.replace(" ", "") == other.replace(" ", ""):
        return 99
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return 0
    percent = _mean(one, other)
    own, others = _distinctive(one), _distinctive(other)
    if percent >= ALIKE and own and others and (own, others) != (one, other):
        percent = min(percent, _mean(own, others))
    return min(99, percent)


def _mean(one: str, other: str) -> int:
    return round((fuzz.token_sort_ratio(one, other) + fuzz.token_set_ratio(one, other)) / 2)


def _distinctive(name: str) -> str:
    return " ".join(word for word in name.split() if word not in _GENERIC)


def _companies(one: Facts, other: Facts) -> Likeness:
    percent = alike(one.company, other.company)
    scores, reasons = [], []
    if one.domain and one.domain == other.domain:
        # Names that have nothing in common at one domain are a group's companies more often than one.
        scores.append(95 if percent >= ALIKE else 90 if percent >= 50 or not (one.company and other.company) else 80)
        reasons.append(Reason("domain", one.domain))
    phones = one.phones & other.phones
    if phones:
        scores.append(80)
        reasons.append(Reason("phone", f"…{min(phones)[-4:]}"))
    if percent >= ALIKE:
        apart = 12 * (_differ(one.domain, other.domain)) + 8 * _differ(one.country, other.country)
        scores.append((92 if percent == 100 else round(percent * 0.9)) - apart)
        reasons.append(Reason("name", str(percent)))
    return _together(scores, reasons)


def _people(one: Facts, other: Facts) -> Likeness:
    scores, reasons = [], []
    percent = alike(one.person, other.person)
    nameless = not (one.person and other.person)
    if one.email and one.email == other.email:
        scores.append(100)
        reasons.append(Reason("email", one.email))
    phones = one.phones & other.phones
    # Colleagues share a switchboard: a number counts with a name, or where there is none.
    if phones and (percent >= ALIKE or nameless):
        scores.append(90 if percent >= ALIKE else 80)
        reasons.append(Reason("phone", f"…{min(phones)[-4:]}"))
    if percent >= ALIKE:
        reasons.append(Reason("name", str(percent)))
        scores.append(_named(one, other, percent))
        if one.domain and one.domain == other.domain:
            reasons.append(Reason("domain", one.domain))
        elif _colleagues(one, other):
            reasons.append(Reason("company"))
    return _together(scores, reasons)


def _named(one: Facts, other: Facts, percent: int) -> int:
    """What a name that is alike says of two people, with what is known of their companies and addresses."""
    two_addresses = _differ(one.email, other.email)
    apart = 8 * _differ(one.country, other.country)
    if _colleagues(one, other):
        return round(percent * (0.84 if two_addresses else 0.93)) - apart
    known = all(who.account or who.domain or who.company for who in (one, other))
    if percent < 100 or known or two_addresses:
        return round(percent * 0.6) - apart
    return 74 - apart


def _colleagues(one: Facts, other: Facts) -> bool:
    return any(
        mine and mine == theirs
        for mine, theirs in ((one.account, other.account), (one.domain, other.domain), (one.company, other.company))
    )


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _together(scores: list[int], reasons: list[Reason]) -> Likeness:
    """The strongest sign, and a little more for each further one; only the same address is certain."""
    if not scores:
        return Likeness(0, ())
    best = max(scores)
    return Likeness(best if best == 100 else min(99, best + 3 * (len(scores) - 1)), tuple(reasons))
