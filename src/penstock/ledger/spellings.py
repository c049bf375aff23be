"""Values that look the same to a person and differ to a computer: pure text, no tables."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

# Shorter words that differ by a letter are mostly different words.
LONG_WORD: Final = 6

# Signs that change a meaning (C# and C, 50+ and 50, A & B) are no punctuation here.
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s\-_.,;:/'’`\"()\[\]\\|*!?–—]+(?=\d)")
_PUNCTUATION: Final = re.compile(r"[\s\-_.,;:/'’`\"()\[\]\\|*!?–—]+")


def look(value: str) -> str:
    """What is left of a value without case, white space and punctuation; a gap between two digits stays one (1-10, 110)."""
    plain = unicodedata.normalize("NFKC", value).casefold()
    return _PUNCTUATION.sub("", _BETWEEN_DIGITS.sub("~", plain))


def same_look(counts: Mapping[str, int]) -> dict[str, str]:
    """Each value that looks like a commoner one (of equals, an earlier one in the alphabet), with that one."""
    first: dict[str, str] = {}
    twins: dict[str, str] = {}
    for value in _by_use(counts):
        key = look(value) or value
        if key in first:
            twins[value] = first[key]
        else:
            first[key] = value
    return twins


def one_letter_apart(counts: Mapping[str, int]) -> dict[str, str]:
    """Each value that differs from a commoner one by one letter (more, less or another) of one long word, with that one.

    Words with anything but letters are never the differing one: Region 10 and Region 11 are two regions.
    """
    seen: dict[tuple[str, ...], list[str]] = defaultdict(list)
    close: dict[str, str] = {}
    for value in _by_use(counts):
        words = value.casefold().split()
        keys = {key for at in range(len(words)) for key in _shortened(words, at)}
        for other in dict.fromkeys(other for key in sorted(keys) for other in seen.get(key, ())):
            if look(other) != look(value) and _differ_by_a_letter(other.casefold().split(), words):
                close[value] = other
                break
        for key in keys:
            seen[key].append(value)
    return close


def _by_use(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda value: (-counts[value], value))


def _shortened(words: list[str], at: int) -> Iterable[tuple[str, ...]]:
    """The words with the one at `at` whole and short of each of its letters: neighbours at distance one share one of these."""
    word = words[at]
    if len(word) < LONG_WORD or not word.isalpha():
        return
    for shorter in {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}:
        yield (*words[:at], shorter, *words[at + 1 :])


def _differ_by_a_letter(one: list[str], other: list[str]) -> bool:
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    return len(pairs) == 1 and _one_edit(*sorted(pairs[0], key=len))


def _one_edit(short: str, long: str) -> bool:
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
