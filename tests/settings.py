"""Django's settings for the tests: those of the product, on the database of DATABASE_URL, or else on SQLite in memory."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("PENSTOCK_DATA", tempfile.mkdtemp(prefix="penstock-test-"))
os.environ.setdefault("PENSTOCK_SECRET_KEY", "for-tests-only")
os.environ.setdefault("PENSTOCK_LOG_LEVEL", "error")

from penstock.config.settings import *  # noqa: F403

if "DATABASE_URL" not in os.environ:
    DATABASES["default"]["NAME"] = ":memory:"  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
