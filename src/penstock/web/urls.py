"""Addresses of the pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from penstock.web import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("health/live", health.live, name="health_live"),
    path("setup/", admin.site.urls),
]
