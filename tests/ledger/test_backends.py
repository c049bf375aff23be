"""The ledger's expressions give the same rows on SQLite, PostgreSQL and Spark as on DuckDB, to the last minor unit."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pytest

from penstock.ledger import checks
from penstock.ledger.movements import movements
from penstock.library import History
from tests.databases import load_table, rows_of
from tests.ledger import backends as asked

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr import types as ir

Rows = list[dict[str, Any]]

ON_POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
ON_SPARK = pytest.param("spark", marks=pytest.mark.spark)
FORMS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "integers": asked.in_integers,
    "timestamps": lambda table: table,
    "timestamps with a zone": asked.in_utc,
}
CONTEXT = checks.CheckContext(now=datetime(2026, 5, 1, tzinfo=UTC), timezone="Europe/Berlin", stages=("a",))


@pytest.fixture(scope="module")
def duckdb() -> Iterator[BaseBackend]:
    con = ibis.duckdb.connect(autoinstall_known_extensions=False)
    yield con
    con.disconnect()


@pytest.fixture(scope="module")
def here(duckdb: BaseBackend) -> ir.Table:
    """The movements on DuckDB."""
    history = duckdb.create_table("history", asked.history())
    return duckdb.create_table("movements", movements(history).to_pyarrow())


@pytest.fixture(scope="module")
def expected(here: ir.Table) -> Callable[[str], Rows]:
    """What DuckDB answers to a question by its name; each is asked once."""
    return cache(lambda name: answer(QUESTIONS[name](here)))


QUESTIONS = {**asked.MAIN, **asked.MORE}


@pytest.fixture(scope="module")
def connection(request: pytest.FixtureRequest) -> Iterator[BaseBackend]:
    """The database that a test names."""
    if request.param == "sqlite":
        con = ibis.sqlite.connect()
        yield con
        con.disconnect()
    else:
        yield request.getfixturevalue(f"{request.param}_con")


@pytest.fixture(scope="module")
def there(connection: BaseBackend, here: ir.Table, tmp_path_factory: pytest.TempPathFactory) -> ir.Table:
    """The same movements, loaded once into another database."""
    return load_table(connection, "backends_movements", here.to_pyarrow(), tmp_path_factory.mktemp("movements"))


@pytest.fixture
def far_from_utc(connection: BaseBackend) -> Iterator[None]:
    """A PostgreSQL session in another zone. (Ibis keeps Spark's in UTC.)"""
    backend: Any = connection
    if connection.name == "postgres":
        backend.raw_sql("SET TIME ZONE 'America/New_York'").close()
    yield
    if connection.name == "postgres":
        backend.raw_sql("SET TIME ZONE 'UTC'").close()


def answer(table: ir.Table) -> Rows:
    """The rows, in an order that the rows alone decide."""
    backend: Any = table.get_backend()
    backend._run_pre_execute_hooks(table)  # brings listed rates and positions to the database, as any execution does
    return sorted(rows_of(table), key=repr)


def alike(found: Rows, wanted: Rows) -> None:
    assert wanted
    assert [sorted(row.items()) for row in found] == [sorted(row.items()) for row in wanted]


def test_the_sums_of_this_company_are_beyond_a_double(expected: Callable[[str], Rows]) -> None:
    """Otherwise a database that sums in floating point would not be found out."""
    (row,) = expected("waterfall of all")
    assert any(int(float(figure)) != figure for figure in row.values())
    assert {row["group_region"] for row in expected("waterfall by region")} == {"EMEA", "AMER", None}


@pytest.mark.parametrize(
    ("connection", "form"),
    [
        ("sqlite", "integers"),
        pytest.param("postgres", "integers", marks=pytest.mark.postgres),
        pytest.param("postgres", "timestamps", marks=pytest.mark.postgres),
        pytest.param("postgres", "timestamps with a zone", marks=pytest.mark.postgres),
        pytest.param("spark", "integers", marks=pytest.mark.spark),
        pytest.param("spark", "timestamps", marks=pytest.mark.spark),
        pytest.param("spark", "timestamps with a zone", marks=pytest.mark.spark),
    ],
    indirect=["connection"],
)
def test_movements_are_the_same(
    connection: BaseBackend, form: str, here: ir.Table, far_from_utc: None, load: Callable[[BaseBackend, str, pa.Table], ir.Table]
) -> None:
    history = load(connection, "backends_history", FORMS[form](asked.history()))
    alike(answer(movements(history)), answer(here))


@pytest.mark.parametrize("form", ["integers", "timestamps with a zone"])
def test_movements_of_other_columns_are_the_same_on_duckdb(form: str, duckdb: BaseBackend, here: ir.Table) -> None:
    history = duckdb.create_table("other_history", FORMS[form](asked.history()), overwrite=True)
    alike(answer(movements(history)), answer(here))


def test_sqlite_refuses_timestamps_in_words(
    load: Callable[[BaseBackend, str, pa.Table], ir.Table], sqlite_con: BaseBackend
) -> None:
    with pytest.raises(ValueError, match="On sqlite, give effective_at as whole microseconds since 1970"):
        movements(load(sqlite_con, "stamps", asked.history()))


@pytest.fixture(scope="module")
def wide(duckdb: BaseBackend, here: ir.Table) -> ir.Table:
    """The movements with every whole number as wide as a warehouse may hold it."""
    kinds = {name: "int64" for name, kind in here.schema().items() if kind.is_integer()}
    return duckdb.create_table("wide_movements", here.cast(kinds))


@pytest.mark.parametrize("name", asked.MAIN)
def test_wider_columns_are_answered_alike(name: str, wide: ir.Table, expected: Callable[[str], Rows]) -> None:
    alike(answer(QUESTIONS[name](wide)), expected(name))


@pytest.mark.parametrize("connection", ["sqlite", ON_POSTGRES, ON_SPARK], indirect=True)
@pytest.mark.parametrize("name", asked.MAIN)
def test_what_is_asked_most_is_answered_alike(name: str, there: ir.Table, expected: Callable[[str], Rows]) -> None:
    alike(answer(QUESTIONS[name](there)), expected(name))


@pytest.mark.parametrize("connection", ["sqlite", ON_POSTGRES], indirect=True)
@pytest.mark.parametrize("name", asked.MORE)
def test_every_kind_of_question_is_answered_alike(name: str, there: ir.Table, expected: Callable[[str], Rows]) -> None:
    alike(answer(QUESTIONS[name](there)), expected(name))


OPTIONS: dict[str, Any] = {"currency": "EUR", "rates": asked.RATES}
LIBRARY: dict[str, Callable[[History], Any]] = {
    "waterfall": lambda h: h.waterfall("2026Q1", by="region").to_dict(),
    "waterfall at dated rates": lambda h: h.with_options(rate="dated").waterfall("2026Q1", prove=False).to_dict(),
    "waterfall as known": lambda h: h.waterfall("2026Q1", known_at="2026-02-10", prove=False).to_dict(),
    "snapshot": lambda h: h.snapshot("2026-01-20", by="region").to_dict(),
    "trend": lambda h: h.trend("2026-01-10", "2026-03-20", by="stage").to_dict(),
    "postings": lambda h: list(h.postings("2026Q1", by="region").rows()),
    "total of postings": lambda h: h.postings("2026Q1", element="new").total,
    "net": lambda h: h.net("2026Q1").to_dict(),
    "stages": lambda h: h.stages("2026Q1", by="region").to_dict(),
}


@pytest.fixture(scope="module")
def from_duckdb(duckdb: BaseBackend) -> Callable[[str], Any]:
    """What the library answers of a history on DuckDB; each is asked once."""
    history = History(duckdb.create_table("library_history", asked.history()), **OPTIONS)
    return cache(lambda name: LIBRARY[name](history))


@pytest.fixture(scope="module")
def opened(connection: BaseBackend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """The same history on another database, opened with the library."""
    rows = asked.in_integers(asked.history()) if connection.name == "sqlite" else asked.history()
    history = History(load_table(connection, "backends_library", rows, tmp_path_factory.mktemp("library")), **OPTIONS)
    yield history
    history._kept.clear()  # Ibis drops its cached tables with the last that knows them; the connection must still be there
    gc.collect()


@pytest.mark.parametrize("connection", ["sqlite", ON_POSTGRES], indirect=True)
@pytest.mark.parametrize("name", LIBRARY)
def test_the_library_answers_alike(name: str, opened: History, from_duckdb: Callable[[str], Any]) -> None:
    assert LIBRARY[name](opened) == from_duckdb(name)


@pytest.mark.parametrize("connection", ["sqlite", ON_POSTGRES], indirect=True)
def test_checks_find_the_same(opened: History, connection: BaseBackend, duckdb: BaseBackend) -> None:
    rows = asked.in_integers(asked.history()) if connection.name == "sqlite" else asked.history()
    found = checks.run(opened.table, CONTEXT)
    assert found == checks.run(duckdb.create_table("checked", rows, overwrite=True), CONTEXT)
    assert len(found) > 20
