"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig


class OrgConfig(AppConfig):
    """Users, teams and what the company has agreed on."""

    name = "penstock.org"
    label = "org"
    verbose_name = "Organisation"
