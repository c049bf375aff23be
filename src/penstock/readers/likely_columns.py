"""Columns that might play a role though their names don't say so: suggested to the user, never taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from penstock.readers.fields import plain
from penstock.readers.findings import ask
from penstock.readers.looks import looks_like
from penstock.readers.quoting import identifier
from penstock.readers.sheet import Sheet

_MONEY: Final = (
    "amount", "value", "revenue", "price", "total", "sum", "budget", "worth", "volume", "booking", "bookings", "arr", "mrr",
    "acv", "tcv", "size", "quote", "betrag", "wert", "umsatz", "summe", "montant", "valeur", "prix", "importo", "valore",
    "prezzo", "importe", "eur", "usd", "gbp", "chf",
)  # fmt: skip
_NO_MONEY: Final = re.compile(
    r"(id|key|no|nr|number|count|qty|quantity|age|days?|weeks?|months?|years?|phone|zip|postcode|order|rank|score|percent|pct|"
    r"probability|employees|seq|row)$"
)
_DEAL: Final = re.compile(r"deal|opp|potential|case|record|lead|(id|key|number|no|nr)$")
_SHOWN: Final = 3
_STAGES: Final = 40


def mapped(role: str, column: str) -> str:
    """The option that gives a column a role, as it is typed in a shell."""
    return f"--map {role}={quoted(column)}"


def quoted(column: str) -> str:
    """A column's name as it is typed in a shell."""
    return column if re.fullmatch(r"[\w.:-]+", column) else '"' + re.sub(r'(["\\$`])', r"\\\1", column) + '"'


def money_named(names: Iterable[str]) -> tuple[str, ...]:
    """The names that speak of money, at most three."""
    return tuple(name for name in names if _speaks_of_money(name))[:_SHOWN]


def money_like(sheet: Sheet, taken: Collection[str]) -> tuple[str, ...]:
    """Columns not taken that look like money, the likeliest first, at most three: by what stands beside the numbers, by name.

    Where neither tells, any numbers that are no ids, counts or the like.
    """
    free = [column for column in sheet.columns if column not in taken]
    looks = {column: looks_like(sheet, column) for column in free}
    marked = [column for column in free if looks[column] == "money"]
    named = [column for column in free if looks[column] == "number" and _speaks_of_money(column)]
    other = [column for column in free if looks[column] == "number" and not _NO_MONEY.search(plain(column))]
    return tuple([*marked, *named] or other)[:_SHOWN]


def moves(sheet: Sheet) -> dict[str, str]:
    """The roles of a stage history, where the values of a sheet look like one: a few moments for each of many deals; else none.

    The deal is, of the columns whose values repeat, one that is called so, else the one with the most values; the stage, of
    those with few values, the one that changes most within a deal.
    """
    looks = {column: looks_like(sheet, column) for column in sheet.columns}
    times = [column for column, look in looks.items() if look in ("instant", "date")]
    words = [column for column, look in looks.items() if look in ("text", "number")]
    if not times or len(words) < 2:
        return {}
    when = times[0]
    different = {column: _different(sheet, column) for column in words}
    deals = [
        column for column in words if 1 < different[column] < sheet.rows and _different(sheet, column, when) >= 0.9 * sheet.rows
    ]
    if not deals:
        return {}
    deal = max(deals, key=lambda column: (bool(_DEAL.search(plain(column))), different[column]))
    steps = [c for c in words if c != deal and looks[c] == "text" and 1 < different[c] <= min(_STAGES, sheet.rows - 1)]
    changing = {column: _different(sheet, deal, column) for column in steps}
    changing = {column: pairs for column, pairs in changing.items() if pairs > different[deal]}
    if not changing:
        return {}
    return {"opportunity_id": deal, "stage": max(changing, key=lambda column: changing[column]), "effective_at": when}


def _speaks_of_money(name: str) -> bool:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).casefold()
    return any(word in _MONEY for word in re.findall(r"[^\W\d_]+", spaced))


def _different(sheet: Sheet, *columns: str) -> int:
    row = ", ".join(identifier(column) for column in columns)
    return int(ask(sheet, f"count(DISTINCT ({row}))")[0][0])
