"""Reading small files written out in a test, and real ones where they are there."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb
import pytest

from penstock.readers import Options, ReadError, Reading, read
from tests.conftest import ROOT

DATA = ROOT.parent / "shared" / "data"


def written(folder: Path, text: str, name: str = "deals.csv") -> Path:
    """A file with this text, indentation removed."""
    path = folder / name
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def reading(path: Path, **options: Any) -> Reading:
    """A file read on a connection of its own."""
    return read(duckdb.connect(), path, Options(**options))


def real(name: str, **options: Any) -> Reading:
    """A file of the real data; the test is skipped where there is none."""
    path = DATA / name
    if not path.exists():
        pytest.skip("the real data are not here")
    if "history" in options:
        options["history"] = DATA / options["history"]
    return reading(path, **options)


def refusal(path: Path, **options: Any) -> ReadError:
    """Why a file is refused."""
    if DATA in path.parents and not path.exists():
        pytest.skip("the real data are not here")
    with pytest.raises(ReadError) as caught:
        reading(path, **options)
    return caught.value


def plain(value: Any) -> Any:
    """A value as a test writes it: instants and dates in ISO form, short where there is no time."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(":00").removesuffix(" 00:00")
    return value.isoformat() if isinstance(value, date) else value


def rows(of: Reading, *columns: str) -> list[tuple[Any, ...]]:
    """The canonical rows in the order of versions."""
    listed = ", ".join(columns)
    found = of.con.execute(f"SELECT {listed} FROM {of.table} ORDER BY opportunity_id, effective_at, seq").fetchall()
    return [tuple(plain(value) for value in row) for row in found]


def one(of: Reading, sql: str) -> Any:
    """One figure of a reading; {history} stands for its table."""
    row = of.con.execute(sql.format(history=of.table)).fetchone()
    assert row is not None
    return row[0]


def now(of: Reading) -> dict[str, int]:
    """How many deals have which status in their last version."""
    line = "PARTITION BY opportunity_id ORDER BY effective_at DESC, seq DESC"
    last = f"SELECT status FROM {of.table} QUALIFY row_number() OVER ({line}) = 1"
    return dict(of.con.execute(f"SELECT status, count(*) FROM ({last}) GROUP BY 1").fetchall())


def told(of: Reading, kind: str | None = None) -> str:
    """All notes of a reading, joined."""
    return "\n".join(note.what for note in of.notes if kind in (None, note.kind))
