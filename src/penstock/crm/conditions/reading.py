"""What a condition says, without a record: its program, the fields that it names, the functions that it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cel
from django.utils.translation import gettext as _

LONGEST = 2_000
LOOPS = frozenset("all exists exists_one map filter".split())

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<number>\d[\w.]*)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>[=!<>]=|&&|\|\||\S)""",
    re.VERBOSE | re.DOTALL,
)
_PLACE = re.compile(r"<input>:(\d+):(\d+)")
_LIMIT = re.compile(r"recursion limit", re.IGNORECASE)
_WORDS = frozenset("true false null in".split())

Path = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A condition that has been read. names: fields and other variables, without those that a loop binds.

    paths: each field with what is taken from it, such as ("owner", "role"). calls: functions and methods that are called.
    compared: paths that are compared, by == or !=, with a text. loops: how many loops over a list it has.
    """

    program: cel.Program
    names: frozenset[str]
    paths: frozenset[Path]
    calls: frozenset[str]
    compared: frozenset[tuple[Path, str]]
    loops: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


@lru_cache(maxsize=2_000)
def reading(text: str) -> Reading:
    """Read a condition, once however often it is asked for. Raises ValueError, in words, for what is no expression."""
    if len(text) > LONGEST:
        raise ValueError(_("A condition has at most %(count)s signs.") % {"count": LONGEST})
    try:
        program = cel.compile(text)
    except ValueError as fault:
        raise ValueError(_in_words(text, str(fault))) from None
    tokens = [_Token(str(found.lastgroup), found.group()) for found in _TOKEN.finditer(text) if found.lastgroup != "comment"]
    bound = set(_bound(tokens))
    paths = [(end, path) for end, path in _paths(tokens) if path[0] not in bound]
    return Reading(
        program=program,
        names=frozenset(path[0] for _, path in paths),
        paths=frozenset(path for _, path in paths),
        calls=frozenset(_calls(tokens)),
        compared=frozenset(_compared(tokens, paths)),
        loops=len(list(_bound(tokens))),
    )


def _in_words(text: str, fault: str) -> str:
    """A fault of syntax, as where it is and what stands there."""
    if _LIMIT.search(fault):
        return _("The condition is nested too deeply. Use fewer brackets.")
    place = _PLACE.search(fault)
    if place is None:
        return _("This is not a condition.")
    line, column = int(place.group(1)), int(place.group(2))
    rest = text.split("\n")[line - 1][column - 1 :].strip() if line <= text.count("\n") + 1 else ""
    if not rest:
        return _("The condition ends too early: something is missing at its end.")
    found = _TOKEN.match(rest)
    near = found.group() if found else rest[:1]
    if near == "=" or rest.startswith(("=>", "=<")):
        return _("The condition cannot be read at sign %(place)s: compare with ==, !=, <, <=, > or >=.") % {"place": column}
    if near.lower() in ("and", "or", "not"):
        return _("The condition cannot be read at “%(near)s”: write && for and, || for or, ! for not.") % {"near": near}
    return _("The condition cannot be read at sign %(place)s, “%(near)s”.") % {"place": column, "near": near[:40]}


def _bound(tokens: Sequence[_Token]) -> Iterator[str]:
    """The names that loops bind, each once a loop: the x of `list.exists(x, x > 1)`."""
    for place in range(1, len(tokens) - 3):
        before, name, bracket, variable, comma = tokens[place - 1 : place + 4]
        if before.text == "." and name.text in LOOPS and (bracket.text, comma.text) == ("(", ","):
            yield variable.text


def _paths(tokens: Sequence[_Token]) -> Iterator[tuple[int, Path]]:
    """Each path with the place of the token after it. What is called is no part of one."""
    place = 0
    while place < len(tokens):
        token = tokens[place]
        first = token.kind == "name" and token.text not in _WORDS and (place == 0 or tokens[place - 1].text != ".")
        if not first or _text(tokens, place + 1) == "(":
            place += 1
            continue
        path, place = _path(tokens, place)
        yield place, path


def _path(tokens: Sequence[_Token], place: int) -> tuple[Path, int]:
    path = [tokens[place].text]
    place += 1
    while True:
        after = [_text(tokens, place + offset) for offset in range(3)]
        if after[0] == "." and after[2] != "(" and _kind(tokens, place + 1) == "name":
            path.append(after[1])
            place += 2
        elif after[0] == "[" and after[2] == "]" and _kind(tokens, place + 1) == "text":
            path.append(_content(after[1]))
            place += 3
        else:
            return tuple(path), place


def _calls(tokens: Sequence[_Token]) -> Iterator[str]:
    for token, after in pairwise(tokens):
        if token.kind == "name" and after.text == "(" and token.text not in _WORDS:
            yield token.text


def _compared(tokens: Sequence[_Token], paths: Sequence[tuple[int, Path]]) -> Iterator[tuple[Path, str]]:
    for end, path in paths:
        if _text(tokens, end) in ("==", "!=") and _kind(tokens, end + 1) == "text":
            yield path, _content(_text(tokens, end + 1))


def _text(tokens: Sequence[_Token], place: int) -> str:
    return tokens[place].text if 0 <= place < len(tokens) else ""


def _kind(tokens: Sequence[_Token], place: int) -> str:
    return tokens[place].kind if 0 <= place < len(tokens) else ""


def _content(literal: str) -> str:
    return literal.lstrip("rRbB").strip("'\"")
