"""Log-in, cookies and what a browser may load: secure where nobody says otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

_VALIDATORS = "django.contrib.auth.password_validation."
# Where every part of a page may come from: this server, and nowhere else.
_OURS = ["'self'"]


def security(*, https: bool, debug: bool) -> dict[str, Any]:
    """Django's settings of security. https: people reach Penstock over https; debug: never for others to reach."""
    return {
        "AUTHENTICATION_BACKENDS": ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"],
        "PASSWORD_HASHERS": [
            "django.contrib.auth.hashers.Argon2PasswordHasher",
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        ],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"{_VALIDATORS}UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ["email", "name"]}},
            {"NAME": f"{_VALIDATORS}MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
            {"NAME": f"{_VALIDATORS}CommonPasswordValidator"},
            {"NAME": f"{_VALIDATORS}NumericPasswordValidator"},
        ],
        # Eight failures for one address from one place lock it there for a quarter of an hour.
        "AXES_FAILURE_LIMIT": 8,
        "AXES_COOLOFF_TIME": timedelta(minutes=15),
        "AXES_USERNAME_FORM_FIELD": "username",
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_LOCKOUT_TEMPLATE": "penstock/locked.html",
        "AXES_VERBOSE": False,
        "LOGIN_URL": "login",
        "LOGIN_REDIRECT_URL": "home",
        "LOGOUT_REDIRECT_URL": "login",
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_SSL_REDIRECT": False,  # the web server before it does that
        "SECURE_HSTS_SECONDS": 31_536_000 if https and not debug else 0,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": _OURS,
                "script-src": _OURS,
                "style-src": _OURS,
                "img-src": [*_OURS, "data:"],
                "object-src": ["'none'"],
                "base-uri": _OURS,
                "form-action": _OURS,
                "frame-ancestors": ["'none'"],
            }
        },
    }
