"""Who sees what by default: the level of each kind of record, and the fields that a role does not see."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from penstock.org.actions import permissions
from penstock.org.actions.writing import Faults, changed, created, deleted
from penstock.org.models import HiddenField, Role, Sharing, User
from penstock.org.models.sharing import Level
from penstock.org.refusals import InvalidInput
from penstock.org.sharing import DEFAULTS


def set_level(by: User | None, record_type: str, level: str, *, reason: str = "") -> Sharing:
    """Set the level (`private`, `team`, `public_read`, `public_edit`) of a kind of record. Raises NotAllowed, InvalidInput."""
    with transaction.atomic():
        permissions.require(by, "sharing")
        faults: Faults = {}
        if record_type not in DEFAULTS:
            faults["record_type"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(DEFAULTS)}]
        if level not in Level.values:
            faults["level"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(Level.values)}]
        row = Sharing.objects.select_for_update().filter(record_type=record_type).first()
        if row is not None:
            return changed(by, row, {"level": level}, {"level"}, reason, faults)
        values = {"record_type": record_type, "level": level}
        return created(by, Sharing(), values, {"record_type", "level"}, reason, faults)


def hide_field(
    by: User | None, record_type: str, field: str, role: str, *, offered: Collection[str], reason: str = ""
) -> HiddenField:
    """Hide a field of a kind of record from a role. offered: the names that may be hidden (`crm.access.hideable_fields`)."""
    with transaction.atomic():
        permissions.require(by, "sharing")
        faults: Faults = {}
        if field not in offered:
            faults["field"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(sorted(offered))}]
        if role not in Role.values:
            faults["role"] = [_("Choose one of: %(offered)s.") % {"offered": ", ".join(Role.values)}]
        there = HiddenField.objects.filter(record_type=record_type, field=field, role=role).first()
        if there is not None:
            return there
        values = {"record_type": record_type, "field": field, "role": role}
        return created(by, HiddenField(), values, set(values), reason, faults)


def show_field(by: User | None, record_type: str, field: str, role: str, *, reason: str = "") -> None:
    """Show a hidden field to a role again."""
    with transaction.atomic():
        permissions.require(by, "sharing")
        row = HiddenField.objects.select_for_update().filter(record_type=record_type, field=field, role=role).first()
        if row is None:
            raise InvalidInput({"field": [_("This field is not hidden from that role.")]})
        deleted(by, row, reason)
