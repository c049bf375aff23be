"""Django's settings, made of the installation's own (`environment`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from penstock.config import environment
from penstock.config.databases import database
from penstock.config.logs import logging_of
from penstock.config.mail import mail
from penstock.config.security import security

_asked = environment.read()

DATA_FOLDER = environment.data_folder()
SECRET_KEY = environment.secret_key()
DEBUG = _asked["debug"]
PUBLIC_URL = _asked["public_url"].rstrip("/")
_HOST = urlsplit(PUBLIC_URL).hostname or "localhost"
ALLOWED_HOSTS = ["*"] if DEBUG else sorted({_HOST, "localhost", "127.0.0.1", "[::1]", *_asked["allowed_hosts"]})
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if _asked["behind_proxy"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "axes",
    "django_tasks",
    "django_tasks_db",
    "penstock.org",
    "penstock.crm",
    "penstock.loop",
    "penstock.worker",
    "penstock.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
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
DATABASES = {"default": database(_asked["database_url"] or f"sqlite:///{DATA_FOLDER / 'penstock.db'}")}
# Jobs wait in the database and are done by `penstock worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "penstock.web.urls"
WSGI_APPLICATION = "penstock.web.wsgi.application"
AUTH_USER_MODEL = "org.User"
globals().update(security(https=PUBLIC_URL.startswith("https:"), debug=DEBUG))
SESSION_COOKIE_AGE = int(timedelta(hours=_asked["session_hours"]).total_seconds())

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
LANGUAGE_CODE = _asked["language"]
LANGUAGES = [("en", "English"), ("fr", "Français"), ("it", "Italiano")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

LOGGING = logging_of(_asked["log_format"], _asked["log_level"])
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _asked["email_from"]
globals().update(mail(_asked["email_url"]))
