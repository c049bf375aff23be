"""Kept movements brought up to date: only the opportunities that have new versions are put in order again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from penstock.ledger.engine import engine_form
from penstock.ledger.movements import neighbours
from penstock.ledger.stage_entries import LINE
from penstock.readers.quoting import identifier

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_TOUCHED, _NUMBERS, _VERSIONS = "penstock_touched", "penstock_touched_numbers", "penstock_touched_versions"

# SQL compiled once for histories of one shape: (of the versions, of their movements).
_compiled: dict[Hashable, tuple[str, str]] = {}


def renew(kept: ir.Table, versions: ir.Table, deals: str) -> bool:
    """Derive the movements of some opportunities anew, in `kept` itself.

    kept: a table of `store.kept_movements` on DuckDB. versions: the whole history beside it, with the new rows. deals: SQL
    whose one column, opportunity_id, names the opportunities that have new versions.
    False, with nothing changed, where a new value does not fit the kept types: then the movements have to be kept afresh.
    """
    import duckdb

    backend: Any = kept.get_backend()
    backend.raw_sql(f"CREATE OR REPLACE TEMP TABLE {_TOUCHED} AS SELECT DISTINCT opportunity_id FROM ({deals})")
    backend.raw_sql("BEGIN")
    try:
        _renew(backend, kept, versions)
    except duckdb.ConversionException:
        backend.raw_sql("ROLLBACK")
        return False
    except BaseException:
        backend.raw_sql("ROLLBACK")
        raise
    backend.raw_sql("COMMIT")
    return True


def _renew(backend: Backend, kept: ir.Table, versions: ir.Table) -> None:
    name = identifier(kept.get_name())
    known = (
        f"SELECT opportunity_id, any_value({LINE}) AS {LINE} FROM {name} SEMI JOIN {_TOUCHED} USING (opportunity_id) GROUP BY 1"
    )
    fresh = (
        f"SELECT opportunity_id, (SELECT coalesce(max({LINE}), 0) FROM {name}) + row_number() OVER () "
        f"FROM {_TOUCHED} ANTI JOIN {name} USING (opportunity_id)"
    )
    backend.raw_sql(f"CREATE OR REPLACE TEMP TABLE {_NUMBERS} AS {known} UNION ALL {fresh}")
    of_versions, of_movements = _sql(backend, versions)
    numbered = f"SELECT * FROM ({of_versions}) JOIN {_NUMBERS} USING (opportunity_id)"
    backend.raw_sql(f"CREATE OR REPLACE TEMP TABLE {_VERSIONS} AS {numbered}")
    if not of_movements:
        of_movements = str(backend.compile(neighbours(backend.table(_VERSIONS))))
        _compiled[_key(versions)] = of_versions, of_movements
    backend.raw_sql(f"DELETE FROM {name} WHERE opportunity_id IN (SELECT opportunity_id FROM {_TOUCHED})")
    backend.raw_sql(f"INSERT INTO {name} BY NAME SELECT * FROM ({of_movements})")


def _sql(backend: Backend, versions: ir.Table) -> tuple[str, str]:
    found = _compiled.get(_key(versions))
    if found is None:
        touched = versions.semi_join(backend.table(_TOUCHED), "opportunity_id")
        return str(backend.compile(engine_form(touched))), ""
    return found


def _key(versions: ir.Table) -> Hashable:
    return versions.get_name(), versions.schema()
