"""Who does something, when it became true, and because of what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from penstock.org.models import User

# A chain of changes that cause each other ends here, whatever the rules say.
MAXIMUM_DEPTH = 8


@dataclass(frozen=True)
class Actor:
    """Who calls an action.

    user: None is the system itself, which may do everything (rules, the clock, migrations). source: web, api, cli, import, rule,
    clock, demo, mail, webhook. at: when it became true in the world; None is now. reason: in the actor's words.
    caused_by: id of the change that led to this one; depth: how long that chain is; rule: which rule acted.
    key: of a call that may be repeated: the second is refused as `AlreadyDone`. quiet: history that came in late and shall
    not set rules off writes nothing to the outbox. language: of the messages.
    """

    user: User | None
    source: str = "web"
    at: datetime | None = None
    reason: str = ""
    caused_by: int | None = None
    depth: int = 0
    rule: str = ""
    key: str | None = None
    quiet: bool = False

    def but(self, **changes: Any) -> Actor:
        """The same actor with some fields replaced."""
        return replace(self, **changes)

    def because_of(self, change_id: int, depth: int, *, rule: str = "", key: str | None = None) -> Actor:
        """The actor of a change that the change `change_id`, itself at `depth`, has led to."""
        return replace(self, caused_by=change_id, depth=depth + 1, rule=rule, key=key, at=None)


def system(source: str = "rule") -> Actor:
    """The system itself."""
    return Actor(user=None, source=source)
