"""What is said where something cannot be done: typed, in words for people, with what a program needs to mend it.

A refusal changes nothing: it is raised before or inside the transaction, which is then rolled back whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Unmet:
    """One criterion of a gate that is not met: what is missing in words, and the field, activity or approval that meets it."""

    stage: str
    key: str
    kind: str
    text: str
    field: str = ""
    activity_kind: str = ""
    approver_role: str = ""
    criterion_id: int | None = None


class GateRefusal(Refusal):
    """A stage whose gate is not met. unmet: what is missing."""

    code = "unmet_criteria"

    def __init__(self, stage: str, unmet: Sequence[Unmet]) -> None:
        self.unmet = tuple(unmet)
        text = _("%(stage)s needs: %(missing)s.") % {"stage": stage, "missing": "; ".join(one.text.rstrip(".") for one in unmet)}
        super().__init__(text, unmet=[vars(one) for one in unmet])


class AlreadyDone(Refusal):
    """A change with this key was made before; nothing was done again. change_id and result: the earlier one's."""

    code = "already_done"

    def __init__(self, key: str, change_id: int, result: Mapping[str, Any]) -> None:
        self.change_id, self.result = change_id, dict(result)
        super().__init__(
            _("This was done before (key %(key)s).") % {"key": key}, key=key, change_id=change_id, result=self.result
        )


class TooDeep(Refusal):
    """A chain of changes that cause each other is longer than allowed."""

    code = "too_deep"
