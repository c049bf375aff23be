"""What people are told, in their language: reasons of rules, notifications, digests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from penstock.loop import shipped
from penstock.loop.models import Rule


def say(key: str, language: str, **params: Any) -> str:
    """The text of a key of `words.yaml`, filled in; in English where there is none in the language."""
    return in_language(shipped.words()[key], language, params)


def in_language(texts: Mapping[str, str] | str, language: str, params: Mapping[str, Any] | None = None) -> str:
    """One of the texts by language, with what is in braces filled in; a brace that names nothing known stays as it is."""
    found = texts if isinstance(texts, str) else texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
    for name, value in (params or {}).items():
        found = found.replace("{" + name + "}", str(value))
    return found


def reason_of(rule: Rule, language: str, *, days: int | None = None, due: date | None = None) -> str:
    """Why a rule acted, in words: its reason, or else its name; `due`, where it was due on an earlier day."""
    words = rule.reasons or rule.names or {"en": rule.key}
    reason = in_language(words, language, {} if days is None else {"days": days})
    return say("because_late", language, reason=reason, due=due.isoformat()) if due else say("because", language, reason=reason)
