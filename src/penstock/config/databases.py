"""A database URL -> Django's DATABASES entry. SQLite needs nothing installed; PostgreSQL 15+ is for a company."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# WAL lets readers read while one writes; IMMEDIATE takes the write lock at once, so that two writers queue and never deadlock.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
)
_SQLITE_WAIT_SECONDS = 30


def database(url: str) -> dict[str, Any]:
    """The entry for `sqlite:///relative/path`, `sqlite:////absolute/path`, or `postgres://user:password@host:port/name`.

    For a PostgreSQL socket: `postgres:///name?host=/folder`. Raises ValueError in words for any other URL.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        name = unquote(parts.path)[1:]
        if not name:
            raise ValueError(f"DATABASE_URL {url!r} names no file: write sqlite:///penstock.db or sqlite:////folder/penstock.db.")
        return sqlite(Path(name))
    if parts.scheme in ("postgres", "postgresql"):
        name = unquote(parts.path).lstrip("/")
        if not name:
            raise ValueError("DATABASE_URL names no database: write postgres://user:password@host:5432/penstock.")
        options = dict(parse_qsl(parts.query))
        host = options.pop("host", parts.hostname or "")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or options.pop("user", "")),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(options.pop("port", parts.port or "")),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise ValueError(f"DATABASE_URL begins with {parts.scheme!r}: use sqlite:///FILE or postgres://user:password@host/name.")


def sqlite(path: Path) -> dict[str, Any]:
    """The entry for an SQLite file."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"init_command": _SQLITE_PRAGMAS, "transaction_mode": "IMMEDIATE", "timeout": _SQLITE_WAIT_SECONDS},
    }
