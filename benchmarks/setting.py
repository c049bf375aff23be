"""Where a measurement works and how much of the machine it may use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.generate import connect


@dataclass(frozen=True)
class Setting:
    """folder: holds history.parquet and what the contenders build from it; scratch files go to `spill` in it."""

    folder: Path
    threads: int = 2
    memory: str = "8GB"

    @property
    def history(self) -> Path:
        return self.folder / "history.parquet"

    def database(self, name: str, *, new: bool = False) -> duckdb.DuckDBPyConnection:
        """The contender's own database file; `new` starts it afresh, otherwise it is opened for reading."""
        path = self.folder / f"{name}.duckdb"
        if new:
            path.unlink(missing_ok=True)
        spill = self.folder / "spill"
        return connect(str(path), threads=self.threads, memory=self.memory, temp=spill, read_only=not new)
