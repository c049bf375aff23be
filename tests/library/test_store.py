"""Movements kept in DuckDB are the same as the plain expression gives, in whatever parts they were made."""

from __future__ import annotations

import pytest

from penstock.ledger.movements import movements
from penstock.ledger.stage_entries import LINE
from penstock.library import store
from tests.ledger.tables import table
from tests.ledger.test_laws import company


def rows(kept) -> list[dict[str, object]]:
    """In one order; without the number that a kept table gives each opportunity."""
    names = sorted(set(kept.columns) - {LINE})
    listed = kept.select(names).order_by("opportunity_id", "begins", "seq").to_pyarrow().to_pylist()
    assert listed
    return listed


@pytest.mark.parametrize(("at_once", "enumerable"), [(1_000_000, 10_000), (20, 10_000), (20, 2), (1, 0)])
def test_kept_movements_equal_the_expression(monkeypatch, at_once, enumerable):
    monkeypatch.setattr(store, "_AT_ONCE", at_once)
    monkeypatch.setattr(store, "_ENUMERABLE", enumerable)
    history = table(company(11), ["region", "owner"])
    kept = store.kept_movements(history)
    assert rows(kept) == rows(movements(history))
    begins = kept.begins.to_pyarrow().to_pylist()
    assert begins == sorted(begins)


def test_kept_movements_of_what_was_known_then():
    history = table(company(12), ["region", "owner"])
    known_at = 1_770_000_000_000_000
    assert rows(store.kept_movements(history, known_at)) == rows(movements(history, known_at=known_at))


def test_a_history_without_rows_has_no_movements():
    history = table([], ["region"])
    assert store.kept_movements(history).count().to_pyarrow().as_py() == 0


def test_nothing_is_left_in_a_database_of_the_users_own(tmp_path):
    import duckdb
    import ibis

    from penstock.library import History
    from tests.ledger.tables import arrow

    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.register("rows", arrow(company(13), ["region", "owner"]))
        con.execute("CREATE TABLE history AS FROM rows")
    for _ in range(2):
        backend = ibis.duckdb.connect(path, read_only=True)
        waterfall = History(backend.table("history")).waterfall("2026Q1", by="region")
        assert waterfall.groups
        assert backend.con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall() == [("history",)]
        backend.disconnect()


def test_a_number_is_of_one_opportunity_and_an_opportunity_of_one_number():
    kept = store.kept_movements(table(company(14), ["region"]))
    pairs = kept.select("opportunity_id", LINE).distinct().to_pyarrow().to_pylist()
    ids, numbers = {pair["opportunity_id"] for pair in pairs}, {pair[LINE] for pair in pairs}
    assert len(ids) == len(numbers) == len(pairs) > 1
