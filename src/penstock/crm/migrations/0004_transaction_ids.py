"""On PostgreSQL each version says which transaction wrote it.

There rows can become visible out of the order of their ids: a transaction that began early may commit late. A reader that only
looks past the highest id it has seen would skip its rows for ever. By transaction it can ask for those of every transaction
that was not yet over when it last looked (`penstock.reports.reading`).
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "crm_opportunityversion"


def add(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the column, filled by the database itself, and its index."""
    if editor.connection.vendor == "postgresql":
        editor.execute(f"ALTER TABLE {TABLE} ADD COLUMN xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)")
        editor.execute(f"CREATE INDEX crm_version_xid ON {TABLE} (xid)")


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the column away."""
    if editor.connection.vendor == "postgresql":
        editor.execute(f"ALTER TABLE {TABLE} DROP COLUMN xid")


class Migration(migrations.Migration):
    """A column that only the bridge to the ledger reads."""

    dependencies = [("crm", "0003_append_only")]
    operations = [migrations.RunPython(add, drop)]
