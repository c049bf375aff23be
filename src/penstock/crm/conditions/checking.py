"""The check of a condition before it is kept: every name is known, its parts fit together, it comes out as yes or no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from penstock.crm.conditions.facts import told
from penstock.crm.conditions.holding import RAISED, in_words
from penstock.crm.conditions.reading import LOOPS, Path, Reading, reading
from penstock.crm.conditions.surroundings import FUNCTIONS, Faults, Surroundings, functions, surroundings
from penstock.crm.models import CustomField
from penstock.crm.record_types import record_model
from penstock.crm.refusals import InvalidInput

# What rules know of an account beside its fields (`penstock.loop.facts`).
AROUND = {"account": ("open_deals", "tasks_ahead", "active_subscriptions")}
_OF_CEL = frozenset(
    """size contains startsWith endsWith matches int double string bool timestamp duration getFullYear getMonth getDate
    getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds min max""".split()
)


@dataclass(frozen=True)
class Known:
    """A name that may stand in a condition. samples: two values of its kind; choices: those it has; parts: of a map.

    parts is None where anything may be asked of it.
    """

    samples: tuple[Any, Any]
    choices: tuple[str, ...] = ()
    parts: Mapping[str, Known] | None = field(default_factory=dict)


def check_condition(text: str, record_type: str) -> None:
    """Raise InvalidInput, under `condition`, unless the text is a condition that can be asked of a kind of record.

    Unknown fields, functions and choices are named with those that are spelled alike. The empty condition is one.
    """
    if not text.strip():
        return
    try:
        record_model(record_type)
        read = reading(text)
    except ValueError as fault:
        raise InvalidInput({"condition": [str(fault)]}) from None
    around = surroundings()
    known = _known(record_type)
    faults = [*_unknown_names(read, known), *_unknown_functions(read), *_unknown_choices(read, known)]
    if read.loops > 1:
        faults.append(_("Use at most one of all, exists, map and filter in a condition."))
    if "has" in read.calls:
        faults.append(_("Write filled(custom.x) instead of has(custom.x)."))
    faults = faults or _tried(read, known, around)
    if faults:
        raise InvalidInput({"condition": faults})


def _tried(read: Reading, known: Mapping[str, Known], around: Surroundings) -> list[str]:
    """What goes wrong with samples of every kind of value, and would go wrong with records."""
    for number in (0, 1):
        faults = Faults()
        values = {name: _sample(known[name], number) for name in read.names}
        calls = functions(around, faults) | {"corporate": faults.guarded("corporate", FUNCTIONS["corporate"], _as_given)}
        try:
            result = read.program.execute(values | calls)
        except RAISED as raised:
            if faults.words:
                return [word[:1].upper() + word[1:] for word in faults.words]
            if isinstance(raised, TypeError):
                return [_sentence(in_words(raised))]
            continue
        if faults.words:
            return list(faults.words)
        if not isinstance(result, bool):
            what = _("It gives %(value)s, which is neither yes nor no. Compare it with something.")
            return [what % {"value": _("a text") if isinstance(result, str) else _("a value")}]
    return []


def _as_given(amount: Any, _currency: Any) -> Any:
    return amount


def _sample(known: Known, number: int) -> Any:
    if known.parts:
        return {name: _sample(part, number) for name, part in known.parts.items()}
    return known.samples[number]


def _unknown_names(read: Reading, known: Mapping[str, Known]) -> Iterable[str]:
    for path in sorted(read.paths):
        if path[0] not in known:
            yield _unknown(_("There is no field %(name)s."), path[0], known)
            continue
        parts = known[path[0]].parts
        if len(path) > 1 and parts is not None and path[1] not in parts:
            yield _unknown(_("There is no field %(name)s."), ".".join(path[:2]), [f"{path[0]}.{name}" for name in parts])


def _unknown_functions(read: Reading) -> Iterable[str]:
    offered = sorted(FUNCTIONS.keys() | _OF_CEL | LOOPS)
    for name in sorted(read.calls - set(offered) - {"has"}):
        yield _unknown(_("There is no function %(name)s."), name, offered)


def _unknown_choices(read: Reading, known: Mapping[str, Known]) -> Iterable[str]:
    for path, text in sorted(read.compared):
        choices = _at(known, path)
        if choices and text and text not in choices:
            words = _("%(field)s is never “%(name)s”.") % {"field": ".".join(path), "name": text}
            yield f"{words} " + _("There are: %(offered)s.") % {"offered": ", ".join(choices)}


def _at(known: Mapping[str, Known], path: Path) -> Sequence[str]:
    found = known.get(path[0])
    for name in path[1:]:
        found = found.parts.get(name) if found and found.parts else None
    return found.choices if found else ()


def _unknown(words: str, name: str, offered: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(offered), n=3, cutoff=0.6)
    said = words % {"name": name}
    return f"{said} " + _("Did you mean %(names)s?") % {"names": ", ".join(near)} if near else said


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _known(record_type: str) -> dict[str, Known]:
    """Every name that may stand in a condition over a kind of record."""
    model = record_model(record_type)
    now, day = surroundings().now, ("2026-01-31", "2031-12-31")
    found = {"now": Known((now, now)), "today": Known(day)}
    for column in told(model):
        if isinstance(column, models.ForeignKey):
            related = column.related_model
            parts = {part.attname: _of_column(part) for part in told(related) if part.name != "custom"}
            found[column.name] = Known(({}, {}), parts=parts)
        found[column.attname] = _of_column(column)
    found["custom"] = Known(({}, {}), parts=_custom(record_type))
    return found | {name: Known((0, 1_000)) for name in AROUND.get(record_type, ())}


def _of_column(column: models.Field[Any, Any]) -> Known:
    now = surroundings().now
    if isinstance(column, (models.ForeignKey, models.AutoField, models.IntegerField)):
        return Known((1, 1_000_000))
    if isinstance(column, models.BooleanField):
        return Known((False, True))
    if isinstance(column, models.DateTimeField):
        return Known((now, now))
    if isinstance(column, models.DateField):
        return Known(("2026-01-31", "2031-12-31"))
    if isinstance(column, models.JSONField):
        empty = column.get_default()
        return Known((["a"], ["b"]), parts={}) if isinstance(empty, list) else Known(({}, {}), parts=None)
    choices = tuple(str(value) for value, _label in column.flatchoices)
    return Known((choices[0], choices[-1]) if choices else ("a", "b"), choices)


def _custom(record_type: str) -> dict[str, Known]:
    found = {}
    for declared in CustomField.objects.filter(record_type=record_type):
        found[declared.key] = _of_custom(declared)
    return found


def _of_custom(declared: CustomField) -> Known:
    if declared.kind == "number":
        return Known((1, 1_000.5))
    if declared.kind == "money":
        return Known(({}, {}), parts={"amount": Known((1, 1_000_000)), "currency": Known(("EUR", "USD"))})
    if declared.kind == "boolean":
        return Known((False, True))
    if declared.kind == "date":
        return Known(("2026-01-31", "2031-12-31"))
    choices = tuple(str(choice["value"]) for choice in declared.choices)
    return Known((choices[0], choices[-1]) if choices else ("a", "b"), choices)
