"""The typing of columns: text in, a SQL expression for the typed value out; decided from all rows, never a guess.

Every function takes a Sheet and the name of one of its columns, looks at all of its rows in DuckDB and returns an expression
over the sheet's table, or raises ReadError with every fault it met. A fault about rows carries `where`, a DuckDB predicate that
is true for exactly these rows; `split_rejects` moves them to a file.
"""

from __future__ import annotations

from penstock.readers.amounts import MoneyColumn, integer_sql, money_sql
from penstock.readers.booleans import boolean_sql
from penstock.readers.dates import date_sql, instant_sql
from penstock.readers.looks import looks_like
from penstock.readers.probabilities import probability_sql
from penstock.readers.rejects import split_rejects

__all__ = [
    "MoneyColumn",
    "boolean_sql",
    "date_sql",
    "instant_sql",
    "integer_sql",
    "looks_like",
    "money_sql",
    "probability_sql",
    "split_rejects",
]
