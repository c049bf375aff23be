from __future__ import annotations

from penstock.readers.sheet import Sheet


def looks_like(sheet: Sheet, column: str) -> str:
    raise NotImplementedError
