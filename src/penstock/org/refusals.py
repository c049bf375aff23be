"""What is said where something cannot be done: typed, in words for people, with what a program needs to mend it.

A refusal changes nothing: it is raised before or inside the transaction, which is then rolled back whole. Those that only
records know are in `penstock.crm.refusals`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _


class Refusal(Exception):  # noqa: N818
    """An expected refusal. code: a stable name for programs; message: for people; details: for programs to act on."""

    code = "refused"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class NotAllowed(Refusal):
    """The actor may not do this to this record."""

    code = "not_allowed"


class NotFound(Refusal):
    """There is no such record, or the actor may not see it (which is not told apart)."""

    code = "not_found"

    def __init__(self, record_type: str, ids: Sequence[object]) -> None:
        listed = ", ".join(map(str, ids[:10])) + (" …" if len(ids) > 10 else "")
        text = _("There is no %(kind)s %(ids)s, or you may not see it.") % {"kind": record_type.replace("_", " "), "ids": listed}
        super().__init__(text, record_type=record_type, ids=list(ids))


class StaleWrite(Refusal):
    """Somebody changed the record since it was read. yours: the revision you had; theirs: the record's own now.

    changed: field -> {"now": value, "wanted": value}, for the fields that you wanted to change and those that changed meanwhile.
    """

    code = "stale"

    def __init__(self, record_type: str, record_id: int, yours: int, theirs: int, changed: Mapping[str, Any], by: str) -> None:
        text = _(
            "%(by)s changed this %(kind)s since you read it (you have revision %(yours)s, it is at %(theirs)s). "
            "Look at both and save again."
        ) % {"by": by or _("Somebody"), "kind": record_type.replace("_", " "), "yours": yours, "theirs": theirs}
        super().__init__(text, record_type=record_type, id=record_id, yours=yours, theirs=theirs, changed=dict(changed), by=by)


class InvalidInput(Refusal):
    """Values that cannot be taken. faults: field -> messages."""

    code = "invalid"

    def __init__(self, faults: Mapping[str, Sequence[str]]) -> None:
        self.faults = {name: list(messages) for name, messages in faults.items()}
        text = " ".join(f"{name}: {' '.join(messages)}" for name, messages in self.faults.items())
        super().__init__(text, fields=self.faults)
