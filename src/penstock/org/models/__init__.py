"""The organisation's tables, one file per idea."""

from __future__ import annotations

from penstock.org.models.company import Company
from penstock.org.models.currency import Currency, Rate
from penstock.org.models.org_change import OrgChange
from penstock.org.models.sharing import HiddenField, Sharing
from penstock.org.models.target import Target
from penstock.org.models.team import Team
from penstock.org.models.territory import Territory
from penstock.org.models.user import Role, User

__all__ = [
    "Company",
    "Currency",
    "HiddenField",
    "OrgChange",
    "Rate",
    "Role",
    "Sharing",
    "Target",
    "Team",
    "Territory",
    "User",
]
