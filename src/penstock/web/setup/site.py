"""The set-up's own site: for administrators and revenue operations."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from penstock.org.models import Role, User


class SetupSite(AdminSite):
    """Set-up of an installation."""

    site_title = site_header = _("Set-up of Penstock")
    index_title = _("What can be set up")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may come in."""
        user = request.user
        return isinstance(user, User) and user.is_active and user.role in (Role.ADMIN, Role.REVOPS)


site = SetupSite(name="setup")
