"""Addresses of the pages."""

from __future__ import annotations

from django.contrib.auth import views
from django.urls import path

from penstock.web import health
from penstock.web.home import home
from penstock.web.setup import organisation, records
from penstock.web.setup.site import site

# Both register their pages when they are read.
_ = (organisation, records)

urlpatterns = [
    path("", home, name="home"),
    path("login/", views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordResetView.as_view(), name="password_reset"),
    path("password/sent/", views.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("password/<uidb64>/<token>/", views.PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
    path("password/done/", views.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("health", health.health, name="health"),
    path("health/live", health.live, name="health_live"),
    path("setup/", site.urls),
]
