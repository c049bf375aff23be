from __future__ import annotations

from penstock.readers.sheet import Sheet


def probability_sql(sheet: Sheet, column: str, *, scale: str | None = None, decimal: str | None = None) -> str:
    raise NotImplementedError
