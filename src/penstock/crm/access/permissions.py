"""What each role may do to each kind of record: one table. Which of the records it may do it to is told by `questions`."""

from __future__ import annotations

from typing import Final

from penstock.crm.access.kinds import KINDS
from penstock.org.models.user import SELLING_ROLES, Role

VERBS: Final = frozenset("see create edit convert reassign remove restore merge approve export configure".split())

# What a role that sees and does everything is not held back by: levels, owners and teams.
EVERYWHERE: Final = frozenset({Role.ADMIN, Role.REVOPS})

_SEE = frozenset({"see"})
_ADD = frozenset("see create".split())
_WORK = frozenset("see create edit convert reassign remove restore".split())
_MANAGE = _WORK | {"approve", "export"}
_RUN = VERBS

# The kinds that sales people work on; the rest is run by marketing and RevOps.
_SALES = """lead account contact opportunity subscription activity task account_member opportunity_line contact_role tick
    approval""".split()
_MARKETING = "lead campaign campaign_cost campaign_member material".split()
_OWN_WORK = "activity task".split()

# Set-up is no record: pipelines, stages, gates, custom fields, rules.
SET_UP: Final = "set_up"

_Table = dict[str, frozenset[str]]


def _table(rest: frozenset[str], *special: tuple[list[str], frozenset[str]]) -> _Table:
    """Verbs by kind of record: `rest`, where none of `special` says otherwise."""
    found = dict.fromkeys([*KINDS, SET_UP], rest)
    for kinds, verbs in special:
        found |= dict.fromkeys(kinds, verbs)
    return found


_SELLING = _table(_SEE, (_SALES, _WORK), (["competitor"], _ADD))

PERMISSIONS: Final[dict[str, _Table]] = {
    **dict.fromkeys(SELLING_ROLES, _SELLING),
    Role.MANAGER: _table(
        _SEE | {"export"},
        (_SALES, _MANAGE),
        (["competitor", "material", "campaign_member"], _MANAGE),
        ([SET_UP], _SEE),
    ),
    Role.MARKETING: _table(_SEE, (_MARKETING, _WORK | {"export"}), (_OWN_WORK, _WORK), (["competitor"], _WORK)),
    Role.REVOPS: _table(_RUN),
    Role.READ_ONLY: _table(_SEE),
    Role.ADMIN: _table(_RUN),
}
