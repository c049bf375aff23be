"""The mirror on disk: versions in Parquet files by the order in which they were read, so that a process starts quickly.

Each file is written whole and then renamed; a manifest, renamed last, says which files count and how far they reach. Everything
here can be deleted at any time (`penstock mirror --rebuild` does): the next process reads the database instead.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from penstock.reports.reading import Mark, in_memory

# Fewer new versions than this are quicker read from the database than from one more file.
_WORTH_A_FILE = 20_000
_FORMAT = 1


def load(con: Any, table: str, custom: Sequence[str]) -> Mark:
    """Make `table` of the files, if they are of this database and have these custom dimensions; returns how far they reach."""
    manifest = _manifest()
    if _transient() or manifest is None or manifest["custom"] != list(custom) or not _same_database(manifest):
        return Mark()
    files = [str(folder() / name) for name in manifest["files"]]
    try:
        con.raw_sql(f"CREATE TABLE {table} AS SELECT * FROM read_parquet({_list(files)})")
    except Exception:  # noqa: BLE001 - a damaged file is no reason to stop: the database has it all
        con.raw_sql(f"DROP TABLE IF EXISTS {table}")
        return Mark()
    return Mark(manifest["seq"], manifest["xid"])


def save(con: Any, table: str, mark: Mark, custom: Sequence[str]) -> bool:
    """Write what the files do not have yet, if it is worth a file; returns whether anything was written."""
    if _transient():
        return False
    manifest = _manifest()
    if manifest is None or manifest["custom"] != list(custom) or not _same_database(manifest):
        manifest = {"format": _FORMAT, "custom": list(custom), "files": [], "rows": 0, "seq": 0, "xid": 0}
    held = con.raw_sql(f"SELECT count(*) FROM {table}").fetchone()[0]
    if held - manifest["rows"] < _WORTH_A_FILE:
        return False
    with _alone() as alone:
        if not alone:
            return False
        files = [str(folder() / name) for name in manifest["files"]]
        missing = f"ANTI JOIN read_parquet({_list(files)}) USING (seq)" if files else ""
        name = f"versions-{manifest['seq'] + 1}-{mark.seq}.parquet"
        whole = folder() / name
        half = whole.with_suffix(".half")
        con.raw_sql(
            f"COPY (SELECT * FROM {table} {missing} ORDER BY seq) TO '{_quoted(half)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        half.rename(whole)
        manifest |= {"files": [*manifest["files"], name], "rows": held, "seq": mark.seq, "xid": mark.xid}
        manifest["row"] = _row(mark.seq)
        _write(manifest)
    return True


def remove() -> None:
    """Delete the files."""
    shutil.rmtree(folder(), ignore_errors=True)


def folder() -> Path:
    """Where the files are: in the data folder."""
    return Path(settings.DATA_FOLDER) / "mirror"


def _manifest() -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder() / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if found.get("format") == _FORMAT else None


def _write(manifest: dict[str, Any]) -> None:
    half = folder() / "manifest.half"
    half.write_text(json.dumps(manifest), encoding="utf-8")
    half.rename(folder() / "manifest.json")


def _same_database(manifest: dict[str, Any]) -> bool:
    return bool(_row(manifest["seq"]) == manifest.get("row"))


def _row(seq: int) -> list[str] | None:
    """What tells that a database still is the one that was read: the version of an id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT opportunity_id, change_id, effective_at, recorded_at FROM crm_opportunityversion WHERE id = %s", [seq]
        )
        row = cursor.fetchone()
    return None if row is None else [str(value) for value in row]


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process is the one that writes the files now."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _transient() -> bool:
    """Inside a transaction, or in a database in memory, nothing is final."""
    return connection.in_atomic_block or in_memory()


def _list(files: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{_quoted(Path(file))}'" for file in files) + "]"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
