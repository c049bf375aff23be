"""A portable backup: every table as lines of JSON in one zip, read in one transaction, with counts and checksums.

The same file restores on SQLite and on PostgreSQL. It is of one moment, since all tables are read in one transaction; on
restore, all rows go in within one transaction too, so that a failure leaves what was there.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, JSONField, Model

import penstock

FORMAT = 1
_AT_ONCE = 2_000
# Whatever else there is, the set-up itself has put there.
_FILLED = {"org", "crm", "loop"}
# Made again by whoever needs them: who is logged in, and which workers live.
_LEFT_OUT = {"django_session", "worker_beat"}


class BadBackup(ValueError):  # noqa: N818
    """A file that cannot be restored here; the message says why and what to do."""


def write(path: Path) -> int:
    """Write the backup and return how many rows it holds. OSError (a full disk, say) leaves no file and no change."""
    half = path.with_name(path.name + ".half")
    manifest: dict[str, Any] = {"format": FORMAT, "penstock": penstock.__version__, "tables": {}, "migrations": _migrations()}
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file, _one_moment():
            for model in _models():
                manifest["tables"][model._meta.db_table] = _write_table(file, model)
            file.writestr("manifest.json", json.dumps(manifest, indent=1))
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return sum(table["rows"] for table in manifest["tables"].values())


def read(path: Path, *, replace: bool) -> int:
    """Fill the database from a backup and return how many rows it has. Raises BadBackup, with nothing changed."""
    try:
        file = zipfile.ZipFile(path)
        manifest = json.loads(file.read("manifest.json"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        raise BadBackup(f"{path} is not a backup of Penstock: {fault}.") from None
    if manifest.get("format") != FORMAT or manifest["migrations"] != _migrations():
        raise BadBackup(
            f"{path} was made by Penstock {manifest.get('penstock')} with other tables than this installation's. "
            f"Restore it with that version, then run `penstock migrate` with this one."
        )
    with file, transaction.atomic(), _unguarded():
        models = _models()
        if not replace and any(model._default_manager.exists() for model in models if model._meta.app_label in _FILLED):
            raise BadBackup("There is data in this installation already. Give --replace to throw it away.")
        for model in reversed(models):
            _execute(f"DELETE FROM {_name(model)}")
        rows = sum(_read_table(file, model, manifest["tables"][model._meta.db_table]) for model in models)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            _execute(statement)
        connection.check_constraints()
    return rows


def _models() -> list[type[Model]]:
    """Every model with a table of its own, links of many to many too."""
    found = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy]
    return sorted((model for model in found if model._meta.db_table not in _LEFT_OUT), key=lambda model: model._meta.db_table)


def _write_table(file: zipfile.ZipFile, model: type[Model]) -> dict[str, Any]:
    names = [field.attname for field in model._meta.concrete_fields]
    count, digest = 0, hashlib.sha256()
    with file.open(f"{model._meta.db_table}.jsonl", "w", force_zip64=True) as out:
        for row in model._base_manager.order_by("pk").values_list(*names).iterator(_AT_ONCE):
            values = [_text(field, value) for field, value in zip(model._meta.concrete_fields, row, strict=True)]
            line = (json.dumps(values, ensure_ascii=False) + "\n").encode()
            digest.update(line)
            out.write(line)
            count += 1
    return {"columns": names, "rows": count, "sha256": digest.hexdigest()}


def _text(field: Field[Any, Any], value: Any) -> Any:
    """A value as JSON has it; what JSON has not goes through the field's own text."""
    if value is None or isinstance(value, (bool, int, str)) or isinstance(field, JSONField):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _read_table(file: zipfile.ZipFile, model: type[Model], told: dict[str, Any]) -> int:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    columns = [fields[name] for name in told["columns"]]
    quote = connection.ops.quote_name
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {_name(model)} ({', '.join(quote(field.column or '') for field in columns)}) VALUES ({marks})"
    count, digest, waiting = 0, hashlib.sha256(), []
    with file.open(f"{model._meta.db_table}.jsonl") as lines, connection.cursor() as cursor:
        for line in lines:
            digest.update(line)
            values = zip(columns, json.loads(line), strict=True)
            waiting.append(tuple(field.get_db_prep_save(field.to_python(value), connection) for field, value in values))
            count += 1
            if len(waiting) == _AT_ONCE:
                cursor.executemany(sql, waiting)
                waiting.clear()
        if waiting:
            cursor.executemany(sql, waiting)
    if count != told["rows"] or digest.hexdigest() != told["sha256"]:
        raise BadBackup(f"The backup is damaged: table {model._meta.db_table} is not as it was written. Use another backup.")
    return count


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees the database as it is now, whatever others commit meanwhile, and keeps nobody from writing."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            if connection.savepoint_ids == [] and not connection.needs_rollback:
                _execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Django would begin with BEGIN IMMEDIATE here, which takes the one writer's place.
    nested = connection.in_atomic_block
    if not nested:
        connection.ensure_connection()
        connection.connection.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        if not nested:
            connection.connection.execute("ROLLBACK")


@contextmanager
def _unguarded() -> Iterator[None]:
    """The triggers that keep history from being deleted are put aside for a restore, inside its transaction."""
    if connection.vendor == "postgresql":
        _execute("SET CONSTRAINTS ALL DEFERRED")
        tables = _rows(
            "SELECT DISTINCT event_object_table FROM information_schema.triggers WHERE trigger_schema = current_schema()"
        )
        for (table,) in tables:
            _execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        for (table,) in tables:
            _execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
        return
    triggers = _rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    for name, _ in triggers:
        _execute(f'DROP TRIGGER "{name}"')
    _execute("PRAGMA defer_foreign_keys = ON")
    yield
    for _, sql in triggers:
        _execute(sql)


def _migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _name(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
