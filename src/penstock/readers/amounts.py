from __future__ import annotations

from dataclasses import dataclass, field

from penstock.readers.sheet import Sheet


@dataclass(frozen=True)
class MoneyColumn:
    """sql: BIGINT minor units. currencies: the symbols and codes found beside the amounts, with how often."""

    sql: str
    currencies: dict[str, int] = field(default_factory=dict)


def money_sql(sheet: Sheet, column: str, *, exponent: int = 2, decimal: str | None = None, rounding: bool = False) -> MoneyColumn:
    raise NotImplementedError


def integer_sql(sheet: Sheet, column: str, *, decimal: str | None = None) -> str:
    raise NotImplementedError
