"""What is said where something cannot be done to a record: those of `penstock.org.refusals`, and those of records alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from penstock.org.refusals import InvalidInput, NotAllowed, NotFound, Refusal, StaleWrite

__all__ = [
    "AlreadyDone",
    "GateRefusal",
    "InvalidInput",
    "NotAllowed",
    "NotFound",
    "Refusal",
    "StaleWrite",
    "TooDeep",
    "Unmet",
]


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
