"""The company's history held by this process in DuckDB, and kept fresh: what came since is read before each question.

The truth is in the application's database; a mirror can be dropped at any moment and is then made again. It is shared by all
threads of a process, one question at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from penstock.crm.models import CustomField
from penstock.reports import segments
from penstock.reports.reading import Mark, rows_since
from penstock.reports.versions_sql import empty, typed

if TYPE_CHECKING:
    import ibis.expr.types as ir

VERSIONS = "company_versions"
_NEW = "penstock_new"
# Past this share of touched opportunities, ordering everything again is quicker than picking them out.
_RENEWABLE = 0.2


class Mirror:
    """Versions and movements of the company. Use it within `reading`."""

    def __init__(self) -> None:
        import ibis

        self._lock = threading.RLock()
        self.con: Any = ibis.duckdb.connect(autoinstall_known_extensions=False)
        self.con.raw_sql("SET enable_progress_bar = false")
        self._forget()

    def _forget(self) -> None:
        for name in self.con.list_tables():
            if name == VERSIONS or name.startswith("penstock_movements"):
                self.con.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
        self.mark = Mark()
        self.custom: tuple[str, ...] | None = None
        self.kept: ir.Table | None = None

    @contextmanager
    def reading(self) -> Iterator[Mirror]:
        """The mirror, up to date with what is committed now, for one question."""
        with self._lock:
            self.catch_up()
            yield self

    @property
    def versions(self) -> ir.Table:
        """The history, canonical (`ledger.schema`)."""
        return self.con.table(VERSIONS)

    def catch_up(self) -> int:
        """Read what came since the last time; returns how many versions that were."""
        custom = tuple(
            CustomField.objects.filter(record_type="opportunity", kind__in=("choice", "boolean"), archived=False)
            .order_by("key")
            .values_list("key", flat=True)
        )
        if self.custom != custom:
            self._begin(custom)
        batches, mark = rows_since(self.mark, custom)
        added = self._add(pa.Table.from_batches(batches)) if batches else 0
        self.mark = mark
        if VERSIONS not in self.con.list_tables():
            self._add(empty(custom))
        if added or self.kept is None:
            self._derive(added)
            segments.save(self.con, VERSIONS, self.mark, custom)
        return added

    def _begin(self, custom: tuple[str, ...]) -> None:
        self._forget()
        self.custom = custom
        self.mark = segments.load(self.con, VERSIONS, custom)

    def _add(self, table: pa.Table) -> int:
        """Add rows that are not there yet; returns how many they were."""
        columns = typed(self.custom or ())
        self.con.con.register("penstock_read", table)
        try:
            if VERSIONS not in self.con.list_tables():
                self.con.raw_sql(f"CREATE TABLE {VERSIONS} AS SELECT {columns} FROM penstock_read LIMIT 0")
            # On PostgreSQL rows are read again until it is sure that none before them is still to come.
            there = f"SELECT seq FROM {VERSIONS} WHERE seq >= (SELECT min(seq) FROM penstock_read)"
            new = f"SELECT {columns} FROM penstock_read WHERE seq NOT IN ({there})"
            self.con.raw_sql(f"CREATE OR REPLACE TEMP TABLE {_NEW} AS {new}")
            self.con.raw_sql(f"INSERT INTO {VERSIONS} BY NAME SELECT * FROM {_NEW}")
        finally:
            self.con.con.unregister("penstock_read")
        return int(self.con.raw_sql(f"SELECT count(*) FROM {_NEW}").fetchone()[0])

    def _derive(self, added: int) -> None:
        from penstock.library.renewal import renew
        from penstock.library.store import kept_movements

        total = self.con.raw_sql(f"SELECT count(*) FROM {VERSIONS}").fetchone()[0]
        few = self.kept is not None and added <= _RENEWABLE * total
        if few and renew(self.kept, self.versions, f"SELECT opportunity_id FROM {_NEW}"):
            return
        if self.kept is not None:
            self.con.raw_sql(f'DROP TABLE "{self.kept.get_name()}"')
        self.kept = kept_movements(self.versions, temporary=False)


_mirror: Mirror | None = None
_making = threading.Lock()


def mirror() -> Mirror:
    """This process's mirror."""
    global _mirror
    with _making:
        if _mirror is None:
            _mirror = Mirror()
        return _mirror


def drop() -> None:
    """Forget everything that is held; the next question reads it again."""
    global _mirror
    with _making:
        _mirror = None
