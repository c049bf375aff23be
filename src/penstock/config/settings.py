"""Django's settings."""

from __future__ import annotations

import os
from pathlib import Path

from penstock.config.databases import database

DATA_FOLDER = Path(os.environ.get("PENSTOCK_DATA", "penstock-data")).resolve()
SECRET_KEY = os.environ.get("PENSTOCK_SECRET_KEY", "insecure-for-tests-only")
DEBUG = os.environ.get("PENSTOCK_DEBUG", "") == "1"
ALLOWED_HOSTS = ["*"] if DEBUG else ["localhost", "127.0.0.1"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "django_tasks",
    "django_tasks_db",
    "penstock.org",
    "penstock.crm",
    "penstock.loop",
    "penstock.worker",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": database(os.environ.get("DATABASE_URL", f"sqlite:///{DATA_FOLDER / 'penstock.db'}"))}
# Jobs wait in the database and are done by `penstock worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "penstock.web.urls"
AUTH_USER_MODEL = "org.User"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("it", "Italiano")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
