"""Who may see and do what: the one place, for lists, totals, drills, exports, search, API and history alike.

`kinds` declares what access to each kind of record rests on, `permissions` what each role may do, `standing` reads where a user
stands, `questions` answers, `fields` takes hidden fields out, `history` gives the past. The user None is the system itself.
"""

from __future__ import annotations

from penstock.crm.access.fields import blanked, hidden_fields, hideable_fields
from penstock.crm.access.history import visible_changes, visible_history, visible_stamps, visible_versions
from penstock.crm.access.questions import may, prepare, present, role_may, visible_opportunity_ids, visible_to
from penstock.crm.access.standing import remembered

__all__ = [
    "blanked",
    "hidden_fields",
    "hideable_fields",
    "may",
    "prepare",
    "present",
    "remembered",
    "role_may",
    "visible_changes",
    "visible_history",
    "visible_opportunity_ids",
    "visible_stamps",
    "visible_to",
    "visible_versions",
]
