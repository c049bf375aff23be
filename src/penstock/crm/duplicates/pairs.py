"""All duplicates of a kind at once: exact ones by what they have in common, names by blocks in which they are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from penstock.crm import access
from penstock.crm.duplicates.comparing import ALIKE, MINIMUM, likeness
from penstock.crm.duplicates.dismissed import dismissed_pairs
from penstock.crm.duplicates.facts import COLUMNS, Facts, facts
from penstock.crm.record_types import record_model
from penstock.org.models import User

KINDS = ("account", "contact", "lead")
# Of more records than this that share an address or a domain, each is compared with the first alone.
_EACH_WITH_EACH = 60
# A word that more names than this have does not make them comparable; the rarer ones beside it do.
_COMMON = 200
# A larger block is cut by further words.
_BLOCK = 800
_PREFIX = 4
# The mean of two likenesses, of which this is one, reaches ALIKE only from here on.
_CUTOFF = 2 * ALIKE - 100


@dataclass(frozen=True)
class Pair:
    """Two records of a kind that may be the same, the lower id first; score and reasons as of a `Candidate`."""

    record_type: str
    first_id: int
    first_name: str
    second_id: int
    second_name: str
    score: int
    reasons: tuple[str, ...]


def find_duplicates(viewer: User | None, record_type: str, *, minimum: int = MINIMUM) -> Iterator[Pair]:
    """Every pair of accounts, contacts or leads that the viewer sees and that may be the same, the likeliest first, each once.

    minimum: the lowest score that is told. Pairs that were dismissed are left out. Raises ValueError for another kind.
    """
    if record_type not in KINDS:
        raise ValueError(f"Duplicates are looked for among {', '.join(KINDS)}, not {record_type}.")
    model = record_model(record_type)
    hidden = access.hidden_fields(viewer, model)
    rows = access.present(access.visible_to(viewer, model)).order_by("pk").values(*COLUMNS[record_type])
    known = [facts(record_type, values, hidden) for values in rows.iterator(2_000)]
    dismissed = dismissed_pairs(record_type)
    found = []
    for one, other in _comparable(record_type, known):
        first, second = known[one], known[other]
        if (first.pk, second.pk) in dismissed:
            continue
        how = likeness(first, second)
        if how is not None and how.score >= minimum:
            found.append((how, first, second))
    found.sort(key=lambda one: (-one[0].score, one[1].pk or 0, one[2].pk or 0))
    for how, first, second in found:
        yield Pair(record_type, first.pk or 0, first.name, second.pk or 0, second.name, how.score, how.words())


def _comparable(kind: str, known: Sequence[Facts]) -> set[tuple[int, int]]:
    """The places of those that are worth comparing, the lower one first."""
    pairs: set[tuple[int, int]] = set()
    for places in _sharing(kind, known):
        if len(places) <= _EACH_WITH_EACH:
            pairs.update(combinations(places, 2))
        else:
            pairs.update((places[0], place) for place in places[1:])
    names = [one.company if kind == "account" else one.person for one in known]
    for places in _blocks(kind, known, names):
        pairs.update(_alike(places, names))
    if kind == "lead":
        nameless = [place for place, one in enumerate(known) if not one.person]
        companies = [one.company for one in known]
        for places in _by_words(nameless, companies):
            pairs.update(_alike(places, companies))
    return pairs


def _sharing(kind: str, known: Sequence[Facts]) -> Iterable[list[int]]:
    """Groups that have an address, a number, a name or, of companies, a domain in common."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place, one in enumerate(known):
        for phone in one.phones:
            groups["phone", phone].append(place)
        if one.email:
            groups["email", one.email].append(place)
        if one.domain and (kind == "account" or not one.person):
            groups["domain", one.domain].append(place)
        name = one.company if kind == "account" else one.person
        if name:
            groups["name", name].append(place)
    return (places for places in groups.values() if len(places) > 1)


def _blocks(kind: str, known: Sequence[Facts], names: Sequence[str]) -> Iterator[list[int]]:
    """Groups within which names are compared: companies by words and beginnings, people by their company."""
    if kind == "account":
        yield from _by_words(range(len(known)), names)
        return
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place, one in enumerate(known):
        if names[place]:
            for key in (one.account, one.domain, one.company):
                if key:
                    groups[key].append(place)
    for places in groups.values():
        yield from _small(places, names)


def _by_words(places: Iterable[int], names: Sequence[str]) -> Iterator[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place in places:
        name = names[place]
        for word in set(name.split()):
            if len(word) > 2:
                groups[word].append(place)
        closed = name.replace(" ", "")
        if closed:
            groups[f"^{closed[:_PREFIX]}"].append(place)
            groups[f"{closed[-_PREFIX:]}$"].append(place)
    for key, members in groups.items():
        if key[0] == "^" or key[-1] == "$":
            yield from _small(members, names)
        elif 1 < len(members) <= _COMMON:
            yield members


def _small(places: list[int], names: Sequence[str]) -> Iterator[list[int]]:
    """The group itself, or where it is large its parts by the first signs of their words."""
    if len(places) <= _BLOCK:
        if len(places) > 1:
            yield places
        return
    parts: dict[str, list[int]] = defaultdict(list)
    for place in places:
        for word in set(names[place].split()):
            parts[word[:3]].append(place)
    for part in parts.values():
        for start in range(0, len(part), _BLOCK):
            if len(part[start : start + _BLOCK]) > 1:
                yield part[start : start + _BLOCK]


def _alike(places: Sequence[int], names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Those of a block whose names come near enough to be compared in full."""
    # NumPy takes its time to load: only those who ask for it wait.
    import numpy
    from rapidfuzz import fuzz, process

    block = [names[place] for place in places]
    close = process.cdist(block, block, scorer=fuzz.token_sort_ratio, score_cutoff=_CUTOFF, dtype=numpy.uint8)
    for row, column in zip(*numpy.nonzero(numpy.triu(close, 1)), strict=True):
        yield places[row], places[column]
