"""Sentences with a number in them, right for one and for many."""

from __future__ import annotations

import re

_EITHER = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")


def worded(sentence: str, count: int, /, language: str = "en", **values: str) -> str:
    """A sentence with each [one|many] chosen by `count`, and each {name} filled in: {count} is the number itself.

    A value is filled in as it stands, whatever signs it holds. In French, none is singular.
    """
    single = abs(count) == 1 or (count == 0 and language == "fr")
    chosen = _EITHER.sub(lambda either: either[1 if single else 2], sentence)
    return chosen.format(**{"count": f"{count:,}", **values})
