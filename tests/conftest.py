"""Fixtures that every test may ask for: one connection to each database, and a way to put rows into it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.backends import BaseBackend
    from ibis.expr import types as ir

ROOT = Path(__file__).resolve().parent.parent

# ci: the same examples on every run, and more of them. dev: quick, and other examples every time.
SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
settings.register_profile(
    "ci", max_examples=100, derandomize=True, deadline=None, print_blob=True, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile("dev", max_examples=25, deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a costly server run in one worker, so that it is started once."""
    for item in items:
        for server in ("spark", "postgres"):
            if item.get_closest_marker(server):
                item.add_marker(pytest.mark.xdist_group(server))
                break


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data beside the repository; a test that asks for it is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data is not on this machine")
    return folder


@pytest.fixture
def duckdb_con() -> Iterator[BaseBackend]:
    """An empty DuckDB in memory."""
    import ibis

    con = ibis.duckdb.connect(autoinstall_known_extensions=False)
    yield con
    con.disconnect()


@pytest.fixture
def sqlite_con() -> Iterator[BaseBackend]:
    """An empty SQLite in memory."""
    import ibis

    con = ibis.sqlite.connect()
    yield con
    con.disconnect()


@pytest.fixture(scope="session")
def postgres_con() -> Iterator[BaseBackend]:
    """PostgreSQL: the one of PENSTOCK_TEST_POSTGRES (a URL; a schema is made and dropped), or else one started for the run."""
    from tests.databases import postgres_connection, postgres_server

    given = os.environ.get("PENSTOCK_TEST_POSTGRES")
    if given:
        with postgres_connection(given) as con:
            yield con
    else:
        with postgres_server() as url, postgres_connection(url) as con:
            yield con


@pytest.fixture(scope="session")
def spark_con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseBackend]:
    """A local Spark on two cores."""
    from tests.databases import spark_connection

    with spark_connection(tmp_path_factory.mktemp("spark")) as con:
        yield con


@pytest.fixture
def load(tmp_path: Path) -> Callable[[BaseBackend, str, pa.Table], ir.Table]:
    """`load(con, name, arrow_table)` puts rows into any of the databases and returns them as an Ibis table."""
    from tests.databases import load_table

    return lambda con, name, rows: load_table(con, name, rows, tmp_path)
