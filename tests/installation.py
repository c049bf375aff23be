"""An installation of its own, with a database whose transactions really commit, for tests that need several processes.

The database is of the kind that the test run is on: an SQLite file, or a database of the PostgreSQL in DATABASE_URL. Its tables
are made once per process and copied from then on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

_SETUP = "import django; django.setup()\n"


@dataclass
class Installation:
    """A data folder and a database, and the means to run code on them in processes of their own."""

    folder: Path
    url: str
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to be told."""
        own = {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": self.url,
            "PENSTOCK_DATA": str(self.folder),
            "PENSTOCK_SECRET_KEY": "for-tests-only",
        }
        return os.environ | own | self.extra

    def start(self, code: str) -> subprocess.Popen[str]:
        """Start Python code with Django set up; its output can be read as text."""
        command = [sys.executable, "-c", _SETUP + textwrap.dedent(code)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def run(self, code: str) -> str:
        """Run Python code and return what it printed; AssertionError with its errors where it failed."""
        process = self.start(code)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return out


@contextmanager
def installation() -> Iterator[Installation]:
    """An empty installation with its tables, thrown away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="penstock-installation-"))
    try:
        with _database(folder) as url:
            yield Installation(folder, url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        path = folder / "penstock.db"
        shutil.copy(_sqlite_template(), path)
        yield f"sqlite:///{path}"
        return
    name = f"penstock_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(given, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_postgres_template(given)}")
        try:
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="penstock-template-"))
    path = folder / "penstock.db"
    _migrate(Installation(folder, f"sqlite:///{path}"))
    return path


@cache
def _postgres_template(given: str) -> str:
    name = f"penstock_template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(given, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    folder = Path(tempfile.mkdtemp(prefix="penstock-template-"))
    _migrate(Installation(folder, urlsplit(given)._replace(path=f"/{name}").geturl()))
    return name


def _migrate(made: Installation) -> None:
    made.run(
        """
        from django.core.management import call_command
        from django.db import connection
        call_command("migrate", verbosity=0)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        """
    )
