"""Whether a condition holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.conditions.facts import CustomValues, Related, Today
from penstock.crm.conditions.reading import Reading, reading
from penstock.crm.conditions.surroundings import FUNCTIONS, Faults, Surroundings, functions, surroundings
from penstock.crm.refusals import Refusal

# What CEL raises, whatever it was given; anything else is a fault of ours.
RAISED = (TypeError, ValueError, RuntimeError, KeyError, IndexError, ZeroDivisionError, OverflowError)


class ConditionError(Refusal):
    """A condition that cannot be decided: it cannot be read, or what it compares does not fit together."""

    code = "condition"

    def __init__(self, condition: str, why: str) -> None:
        text = _("The condition “%(condition)s” cannot be decided: %(why)s") % {"condition": condition, "why": why}
        super().__init__(text, condition=condition)


def holds(text: str, facts: Mapping[str, Any]) -> bool:
    """Whether a condition holds for a record's `facts`. The empty one does; one that hangs on an empty value does not.

    Raises ConditionError, in words.
    """
    if not text or text.isspace():
        return True
    try:
        read = reading(text)
    except ValueError as fault:
        raise ConditionError(text, str(fault)) from None
    faults = Faults()
    values = {name: _given(name, facts[name], read) for name in read.names if name in facts}
    around = _around(facts) if read.calls & FUNCTIONS.keys() else None
    calls = functions(around, faults) if around else {}
    try:
        result = read.program.execute(values | calls)
    except RAISED as raised:
        if faults.words:
            raise ConditionError(text, " ".join(faults.words)) from None
        unknown = [name for name in sorted(read.names) if name not in facts]
        if unknown:
            raise ConditionError(text, _("there is no field %(name)s.") % {"name": ", ".join(unknown)}) from None
        if any(_is_empty(values, path) for path in read.paths):
            return False
        raise ConditionError(text, in_words(raised)) from None
    if result is None and not faults.words:
        return False
    if not isinstance(result, bool):
        why = " ".join(faults.words) or _("it gives %(value)s, which is neither yes nor no.") % {"value": repr(result)[:60]}
        raise ConditionError(text, why)
    return result


def in_words(raised: Exception) -> str:
    """What CEL could not do, in words."""
    if isinstance(raised, ZeroDivisionError):
        return _("it divides by zero.")
    if isinstance(raised, OverflowError):
        return _("a number is too large.")
    if isinstance(raised, KeyError):
        return _("there is no value %(name)s.") % {"name": raised.args[0] if raised.args else ""}
    if isinstance(raised, TypeError):
        return _(
            "its parts do not fit together. Compare numbers with numbers, texts and days with texts in quotes, "
            "and moments with moments."
        )
    return _("a function was given what it cannot take.")


def _around(facts: Mapping[str, Any]) -> Surroundings:
    today = facts.get("today")
    return today.around if isinstance(today, Today) else surroundings()


def _given(name: str, value: Any, read: Reading) -> Any:
    """A fact as CEL takes it. What is asked of `custom` and is not there is null."""
    if name == "custom" and isinstance(value, Mapping):
        absent = {path[1]: None for path in read.paths if path[0] == "custom" and len(path) > 1}
        return absent | dict(value.plain() if isinstance(value, CustomValues) else value)
    if isinstance(value, Related):
        # Whether there is an owner is known without reading who it is; what is not asked of them is not handed over.
        asked = [path[1] for path in read.paths if path[0] == name and len(path) > 1]
        return {part: value[part] for part in asked if part in value} if asked else value.brief()
    return value.plain() if isinstance(value, Today) else value


def _is_empty(values: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a path leads to nothing, or ends before its last name in nothing."""
    value: Any = values
    for name in path:
        if not isinstance(value, Mapping):
            return False
        value = value.get(name)
        if value is None:
            return True
    return False
