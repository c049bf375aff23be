from __future__ import annotations

from penstock.readers.sheet import Sheet


def instant_sql(
    sheet: Sheet, column: str, *, timezone: str = "UTC", date_order: str | None = None, never_is_null: bool = False
) -> str:
    raise NotImplementedError


def date_sql(
    sheet: Sheet, column: str, *, timezone: str = "UTC", date_order: str | None = None, never_is_null: bool = False
) -> str:
    raise NotImplementedError
