"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Records and their history."""

    name = "penstock.crm"
    label = "crm"
    verbose_name = "CRM"
