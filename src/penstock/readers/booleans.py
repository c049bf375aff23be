from __future__ import annotations

from penstock.readers.sheet import Sheet


def boolean_sql(sheet: Sheet, column: str) -> str:
    raise NotImplementedError
