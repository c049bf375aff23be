"""Passwords: set, and set anew by a link. The history says that it was changed, never to what."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from penstock.org.actions import permissions
from penstock.org.actions.writing import Faults, found, noted
from penstock.org.models import User
from penstock.org.refusals import InvalidInput


def set_password(by: User | None, user: int, password: str, *, current: str | None = None, reason: str = "") -> User:
    """Set a password that the rules of AUTH_PASSWORD_VALIDATORS take. current: needed of those who set their own.

    Every session of the person ends with it. Raises NotAllowed, InvalidInput with every rule that is not kept.
    """
    with transaction.atomic():
        row = found(User, user)
        faults: Faults = {}
        if by is None or by.pk != row.pk:
            permissions.require(by, "users")
        elif row.has_usable_password() and not row.check_password(current or ""):
            faults["current"] = [_("This is not your password.")]
        return _set(by, row, password, faults, reason)


def reset_token(email: str) -> tuple[User, str] | None:
    """The user of an address and a token for a link that works once and for the time of PASSWORD_RESET_TIMEOUT.

    None for an address that nobody active has; whoever asked must not be told.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    return (user, default_token_generator.make_token(user)) if user else None


def reset_password(user: int, token: str, password: str) -> User:
    """Set a new password by the token of a link. Raises InvalidInput for one that is used up, too old or somebody else's."""
    with transaction.atomic():
        row = User.objects.select_for_update().filter(pk=user, is_active=True).first()
        if row is None or not default_token_generator.check_token(row, token):
            raise InvalidInput({"token": [_("This link is used up or too old. Ask for a new one.")]})
        return _set(row, row, password, {}, _("by a link"))


def password_faults(password: str, user: User) -> Faults:
    """What is wrong with a password for this user: {} or {"password": every message}."""
    try:
        validate_password(password, user)
    except ValidationError as fault:
        return {"password": list(fault.messages)}
    return {}


def _set(by: User | None, row: User, password: str, faults: Faults, reason: str) -> User:
    faults |= password_faults(password, row)
    if faults:
        raise InvalidInput(faults)
    row.set_password(password)
    row.save(update_fields=["password"])
    noted(by, row, "change", {"password": (None, None)}, reason)
    return row
