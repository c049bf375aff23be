"""The records that one record may be a duplicate of: looked for as it is entered, or when it is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.duplicates.comparing import Likeness, likeness
from penstock.crm.duplicates.dismissed import dismissed_with
from penstock.crm.duplicates.facts import COLUMNS, Facts, facts, facts_of
from penstock.crm.duplicates.merged import heirs
from penstock.crm.models.record import Record
from penstock.crm.record_types import record_model, record_type
from penstock.org.models import User

# What each kind is compared with.
_AGAINST = {"account": ("account",), "contact": ("contact",), "lead": ("contact", "account", "lead")}
# So many are compared at most, newest first, of those that have something in common with the record.
_EXACT, _NEAR = 300, 1_500
_PREFIX = 4


@dataclass(frozen=True)
class Candidate:
    """A record that may be the same. id is None for one that is there but that the viewer may not see.

    score: 0 to 100, where 100 is the same e-mail address. reasons: in words.
    """

    record_type: str
    id: int | None
    name: str
    score: int
    reasons: tuple[str, ...]

    @property
    def hidden(self) -> bool:
        """Whether the viewer may not see it."""
        return self.id is None


def candidates(viewer: User | None, record: Record, limit: int = 10) -> list[Candidate]:
    """The records that an account, a contact or a lead, saved or not, may be the same as, the likeliest first.

    Leads are compared with contacts and accounts too. What the viewer may not see is not named; of an exact duplicate among it
    only that it is there is said. Raises ValueError for another kind of record.
    """
    kind = record_type(type(record))
    if kind not in _AGAINST:
        raise ValueError(f"Duplicates are looked for among {', '.join(_AGAINST)}, not {kind}.")
    own = facts_of(record, access.hidden_fields(viewer, type(record)))
    known = dismissed_with(kind, own.pk) | _linked(record)
    found: list[Candidate] = []
    for other in _AGAINST[kind]:
        found += _of_kind(viewer, own, other, known)
    return sorted(found, key=lambda one: (-one.score, one.record_type, one.id or 0))[:limit]


def exact_where(own: Facts, kind: str) -> Q | None:
    """The condition for records of a kind that are certainly the same: by address, or for companies by domain."""
    if kind == "account":
        return Q(domain=own.domain) if own.domain else None
    return Q(email=own.email) if own.email else None


def hidden_duplicate(viewer: User | None, own: Facts, kind: str) -> Candidate | None:
    """An exact duplicate that the viewer may not see, told without its name."""
    condition = exact_where(own, kind)
    if viewer is None or condition is None:
        return None
    model = record_model(kind)
    # Whether there is one at all is asked for the system; nothing of it is told.
    there = access.present(access.visible_to(None, model)).filter(condition)
    if own.kind == kind and own.pk is not None:
        there = there.exclude(pk=own.pk)
    seen = access.visible_to(viewer, model).filter(condition).order_by().values("pk")
    if not there.exclude(pk__in=seen).exists():
        return None
    text = {
        "account": _("There is an account with this domain that you may not see. Ask an administrator."),
        "contact": _("There is a contact with this e-mail address that you may not see. Ask an administrator."),
        "lead": _("There is a lead with this e-mail address that you may not see. Ask an administrator."),
    }[kind]
    return Candidate(kind, None, "", 95 if kind == "account" else 100, (text,))


def _of_kind(viewer: User | None, own: Facts, kind: str, known: set[tuple[str, int]]) -> Iterator[Candidate]:
    model = record_model(kind)
    hidden = access.hidden_fields(viewer, model)
    best: dict[int, tuple[Likeness, Facts]] = {}
    rows = access.present(access.visible_to(viewer, model)).order_by("-pk")
    for condition, most in ((_same(own, kind), _EXACT), (_near(own, kind), _NEAR)):
        if condition is None:
            continue
        for values in rows.filter(condition).values(*COLUMNS[kind])[:most]:
            other = facts(kind, values, hidden)
            pk = other.pk or 0
            if (kind, pk) in known or (kind, pk) == (own.kind, own.pk) or pk in best:
                continue
            found = likeness(own, other)
            if found is not None:
                best[pk] = found, other
    for pk, (found, other) in best.items():
        yield Candidate(kind, pk, other.name, found.score, found.words())
    for pk, name, reason in heirs(viewer, own, kind):
        if pk not in best and (kind, pk) not in known and (kind, pk) != (own.kind, own.pk):
            yield Candidate(kind, pk, name, 95, (reason,))
    unseen = hidden_duplicate(viewer, own, kind)
    if unseen is not None:
        yield unseen


def _same(own: Facts, kind: str) -> Q | None:
    """Records with the same address, domain or name."""
    if kind == "account":
        parts = [
            Q(domain=own.domain) if own.domain else None,
            Q(domain="", website__icontains=own.domain) if own.domain else None,
            Q(name_key=own.company) if own.company else None,
        ]
    else:
        parts = [Q(email=own.email) if own.email else None]
        if kind == "lead" and own.domain and not own.person:
            parts.append(Q(email__endswith=f"@{own.domain}"))
    return _any(parts)


def _near(own: Facts, kind: str) -> Q | None:
    """Records with a part of the name, or with the end of a number, in common: those whose likeness is worth computing."""
    # Numbers are kept as they were typed: the last two digits are together in nearly every way of writing them.
    parts: list[Q | None] = []
    for phone in own.phones:
        parts.append(Q(phone__endswith=phone[-2:]))
        if kind == "contact":
            parts.append(Q(mobile__endswith=phone[-2:]))
    if kind == "account":
        words = sorted(own.company.split(), key=len, reverse=True)
        parts += [Q(name_key__startswith=own.company[:_PREFIX]) if own.company else None]
        parts += [Q(name_key__contains=word) for word in words[:2] if len(word) >= _PREFIX]
        return _any(parts)
    for word in own.person.split():
        # The first signs, with and without their accents.
        parts += [Q(last_name__istartswith=start) for start in _starts(word)]
    if own.account:
        parts.append(Q(account=own.account))
    if own.domain:
        parts.append(Q(email__endswith=f"@{own.domain}"))
    if kind == "lead" and own.company:
        parts.append(Q(company__istartswith=own.company[:_PREFIX]))
    return _any(parts)


def _starts(word: str) -> set[str]:
    accented = {"a": "àáâäãå", "e": "éèêë", "i": "îïíì", "o": "öôóòø", "u": "üûúù", "c": "çć", "n": "ñ", "s": "šś", "z": "žź"}
    plain = word[:3]
    return {
        plain,
        *(sign + plain[1:] for sign in accented.get(plain[0], "")),
        *(sign.upper() + plain[1:] for sign in accented.get(plain[0], "")),
    }


def _any(parts: Iterable[Q | None]) -> Q | None:
    found: Q | None = None
    for part in parts:
        if part is not None:
            found = part if found is None else found | part
    return found


def _linked(record: Record) -> set[tuple[str, int]]:
    """What a converted lead has become is no duplicate of it."""
    links = (
        {kind: getattr(record, f"{kind}_id", None) for kind in ("account", "contact")} if hasattr(record, "converted_at") else {}
    )
    return {(kind, pk) for kind, pk in links.items() if pk is not None}
