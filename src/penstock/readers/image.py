"""A sheet with its columns typed and named by role: what every shape starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from penstock.readers import amount_currency, columns
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import AMOUNTS, BOOLEANS, DATES, INSTANTS, INTEGERS, OWNERS, snake
from penstock.readers.fields import plain as bare
from penstock.readers.options import Options
from penstock.readers.plain_forms import plain_forms
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet
from penstock.readers.wording import worded

TYPES = {
    **dict.fromkeys(INSTANTS, "TIMESTAMP"),
    **dict.fromkeys(DATES, "DATE"),
    **dict.fromkeys(AMOUNTS, "BIGINT"),
    **dict.fromkeys(BOOLEANS, "BOOLEAN"),
    **dict.fromkeys(INTEGERS, "BIGINT"),
    "probability": "INTEGER",
}


@dataclass(frozen=True)
class Image:
    """A typed table. Beside `_row` it has one column for each role asked for (NULL where the file has none) and each dimension.

    present: roles that a column of the file or a constant fills. sheet: the file's rows that it is of.
    """

    con: duckdb.DuckDBPyConnection
    table: str
    present: frozenset[str]
    dimensions: tuple[str, ...]
    sheet: Sheet
    path: str
    rows: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """What to make an image of. roles: role -> column. asked: every role the image must have a column for.

    required: roles that must be filled in every row. also_instant: further names for columns read as instants ("" for none).
    also_check: what else must hold of the rows, as faults.
    """

    roles: Mapping[str, str]
    asked: Sequence[str]
    required: Sequence[str] = ()
    also_instant: Mapping[str, str] | None = None
    dimensions: Mapping[str, str] | None = None
    also_check: Callable[[Sheet, Wanted], list[Fault]] | None = None


def dimensions_of(sheet: Sheet, used: Sequence[str], options: Options) -> dict[str, str]:
    """column -> dimension name, for every column of the sheet that plays no role. The only owner column is called `owner`."""
    from penstock.ledger.schema import CANONICAL

    kept = [name for name in sheet.columns if name not in used and not bare(name).startswith("fivetran")]
    if options.dimensions is not None:
        chosen = {bare(column): name for column, name in options.dimensions.items()}
        kept = [name for name in sheet.columns if bare(name) in chosen]
        return {name: chosen[bare(name)] or snake(name) for name in kept}
    owners = [name for name in kept if bare(name) in OWNERS]
    named: dict[str, str] = {}
    for column in kept:
        name = "owner" if owners == [column] else snake(column)
        while name in CANONICAL or name in named.values():
            name += "_field"
        named[column] = name
    return named


def image(sheet: Sheet, wanted: Wanted, options: Options, name: str) -> Image:
    """The typed image of a sheet as the temporary table `name`.

    Raises ReadError with every fault of every column; if `options.rejects` is set, rows with faults go to that file instead.
    """
    if not sheet.rows:
        raise ReadError([Fault("The file has a header and no rows under it.", "Export it again, with its rows.", sheet.path)])
    options.say(f"Reading the columns of {sheet.path}")
    left, typed, notes = _typed(sheet, wanted, options)
    dims = dict(wanted.dimensions or {})
    selected = ["_row"]
    for role in wanted.asked:
        sql = typed.get(role)
        selected.append(f"{f'({sql})' if sql else 'NULL'}::{TYPES.get(role, 'VARCHAR')} AS {identifier(role)}")
    selected += [f"({typed.get(role, 'NULL')})::TIMESTAMP AS {identifier(role)}" for role in wanted.also_instant or {}]
    selected += [f"{identifier(column)} AS {identifier(dim)}" for column, dim in dims.items()]
    fixed = {role: value for role, value in options.constants.items() if role not in TYPES and role not in wanted.asked}
    selected += [f"{literal(value)} AS {identifier(dim)}" for dim, value in fixed.items() if dim not in dims.values()]
    sheet.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {', '.join(selected)} FROM {left.table}")
    names = tuple(dict.fromkeys([*dims.values(), *fixed]))
    present = frozenset(role for role in wanted.asked if role in typed)
    return Image(sheet.con, name, present, names, left, sheet.path, left.rows, tuple(notes))


def _typed(sheet: Sheet, wanted: Wanted, options: Options) -> tuple[Sheet, dict[str, str], list[Note]]:
    """Expressions for all roles; where rows have faults and may be set aside, of the sheet without them."""
    left, aside = sheet, list[Fault]()
    while True:
        typed, faults, notes = _expressions(left, wanted, options)
        if not faults:
            break
        if options.rejects is None or not all(fault.where for fault in faults):
            raise ReadError(faults)
        aside += faults  # of the whole sheet, so that the file holds the rows of every round
        left = columns.split_rejects(sheet, aside, options.rejects)
    notes += left.notes
    if sheet.blank_rows:
        notes.append(Note("blank_rows", sheet.blank_rows, "set_aside", {"file": Path(sheet.path).name}))
    return left, typed, notes


def _expressions(sheet: Sheet, wanted: Wanted, options: Options) -> tuple[dict[str, str], list[Fault], list[Note]]:
    typed: dict[str, str] = {}
    faults: list[Fault] = []
    notes: list[Note] = []

    def settle(role: str, make: Callable[[], str]) -> None:
        try:
            typed[role] = make()
        except ReadError as error:
            faults.extend(error.faults)

    instants = {role: column for role, column in (wanted.also_instant or {}).items() if column}
    asked = {role: wanted.roles[role] for role in wanted.asked if role in wanted.roles}
    plain = plain_forms(sheet, {**asked, **instants}, options)
    for role in wanted.asked:
        constant = options.constants.get(role)
        column = wanted.roles.get(role)
        if column is None:
            if constant is not None:
                typed[role] = literal(constant)
        elif role in plain:
            typed[role] = plain[role]
        elif role not in AMOUNTS:
            settle(role, lambda role=role, column=column: expression(sheet, role, column, options))  # type: ignore[misc]
    for role, column in instants.items():
        if role in plain:
            typed[role] = plain[role]
            continue
        settle(role, lambda column=column: _instant(sheet, column, options))  # type: ignore[misc]
    for role in AMOUNTS:
        if role in wanted.roles and role in wanted.asked and role not in plain:
            settle(role, lambda role=role: amount_currency.amounts(sheet, role, wanted.roles, typed, options, notes))  # type: ignore[misc]
    if "currency" in wanted.asked and "currency" not in typed and options.currency:
        typed["currency"] = literal(options.currency.upper())
    faults += wanted.also_check(sheet, wanted) if wanted.also_check else []
    faults += [fault for role in wanted.required if role in wanted.roles for fault in _blanks(sheet, wanted.roles[role], role)]
    return typed, faults, notes


def expression(sheet: Sheet, role: str, column: str, options: Options) -> str:
    """The SQL that types a column for its role, all but amounts. Raises ReadError with what cannot be read."""
    if role in INSTANTS:
        return _instant(sheet, column, options, never_is_null=role == "ends_at")
    if role in DATES:
        return columns.date_sql(sheet, column, timezone=options.timezone, date_order=options.date_order)
    if role in BOOLEANS:
        return columns.boolean_sql(sheet, column)
    if role in INTEGERS:
        return columns.integer_sql(sheet, column)
    if role == "probability":
        return columns.probability_sql(sheet, column, decimal=options.decimal)
    return f"upper({identifier(column)})" if role == "currency" else identifier(column)


def _instant(sheet: Sheet, column: str, options: Options, never_is_null: bool = False) -> str:
    return columns.instant_sql(
        sheet, column, timezone=options.timezone, date_order=options.date_order, never_is_null=never_is_null
    )


def _blanks(sheet: Sheet, column: str, role: str) -> list[Fault]:
    where = f"{identifier(column)} IS NULL"
    rows = sheet.con.execute(f"SELECT _row, count(*) OVER () FROM {sheet.table} WHERE {where} ORDER BY _row LIMIT 10").fetchall()
    if not rows:
        return []
    what = worded("{count} [row has|rows have] no {role} (column {column}).", rows[0][1], role=role, column=column)
    remedy = "Fill it in, or set these rows aside with --rejects FILE."
    return [Fault(what, remedy, sheet.path, column, tuple(row[0] for row in rows), (), rows[0][1], where)]


def restricted(sheet: Sheet, name: str, where: str) -> Sheet:
    """The rows of a sheet that satisfy a predicate, as a sheet of the same columns (a view)."""
    sheet.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {sheet.table} WHERE {where}")
    row = sheet.con.execute(f"SELECT count(*) FROM {name}").fetchone()
    return replace(sheet, table=name, rows=row[0] if row else 0)
