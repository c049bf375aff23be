"""A log of field changes made ready: which field each row is of, its old and new value typed for that field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from penstock.ledger.money import minor_unit
from penstock.readers import amount_currency
from penstock.readers.detect import Match
from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.fields import AMOUNTS, FLAGS, STATE, plain, snake
from penstock.readers.image import TYPES, Image, Wanted, expression, image, restricted
from penstock.readers.options import Options
from penstock.readers.quoting import identifier, literal
from penstock.readers.sheet import Sheet
from penstock.readers.wording import worded

_ASKED = ("opportunity_id", "changed_at", "field", "old_value", "new_value", "object")
_KEYS = (*STATE, *FLAGS)


@dataclass(frozen=True)
class ChangeLog:
    """The log as the table `_log`: _row, opportunity_id, changed_at, key, and for each key `new_<key>` and `old_<key>`.

    keys: the roles and dimensions that its rows are of. births: whether it has rows (key `birth`) that tell of a creation.
    """

    keys: tuple[str, ...]
    births: bool
    notes: tuple[Note, ...]


def change_log(
    sheet: Sheet,
    match: Match,
    mapped: Mapping[str, str],
    current: Image | None,
    current_columns: Mapping[str, str],
    options: Options,
) -> ChangeLog:
    """Type a log.

    mapped: role -> the log's name of a field, as the user said. current_columns: column of today's file -> dimension.

    Raises ReadError if no field named in the log is one that a history needs, and for values that cannot be read.
    """
    bare = replace(options.for_history(), constants={})

    def named(rows: Sheet) -> dict[str, list[str]]:
        """key -> the names that the log has for it."""
        found = rows.con.execute(f"SELECT DISTINCT {field} FROM {rows.table} WHERE {field} IS NOT NULL").fetchall()
        names = _names([name for (name,) in found], match, mapped, current_columns)
        return {key: [n for n, k in names.items() if k == key] for key in dict.fromkeys(names.values())}

    def values(rows: Sheet, _: Wanted) -> list[Fault]:
        return _typed(rows, match, named(rows), current, options)[1]

    field = identifier(match.roles["field"])
    required = ("opportunity_id", "changed_at", "field")
    log = image(sheet, Wanted(match.roles, _ASKED, required, also_check=values if bare.rejects else None), bare, "_log_text")
    names = named(log.sheet)
    if not set(names) & set(_KEYS):
        raise ReadError([_no_field(log, match)])
    typed, faults = _typed(log.sheet, match, names, current, options)
    if faults:
        raise ReadError(faults)
    log.con.execute(_log(log, match, names, typed, current_columns))
    return ChangeLog(tuple(key for key in names if key != "birth"), "birth" in names, log.notes)


def _log(log: Image, match: Match, names: Mapping[str, list[str]], typed: list[str], current_columns: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN {literal(name)} THEN {literal(key)}" for key, fields in names.items() for name in fields)
    one_row = _one_of_id_and_name(current_columns)
    keyed = f"SELECT *, CASE field {cases} END AS key FROM _log_text WHERE {_of_deals(match, log)} QUALIFY {one_row}"
    return f"""CREATE OR REPLACE TEMP TABLE _log AS
        WITH typed AS (SELECT _row{"".join(typed)} FROM {log.sheet.table}), keyed AS ({keyed})
        SELECT k._row, k.opportunity_id, k.changed_at, k.key, typed.* EXCLUDE (_row) FROM keyed k JOIN typed USING (_row)"""


def _of_deals(match: Match, log: Image) -> str:
    parts = ["TRUE"]
    for role, values in match.recipe.only.items():
        if role in log.present:
            parts.append(f"lower({identifier(role)}) IN ({', '.join(literal(value) for value in values)})")
    return " AND ".join(parts)


def _names(found: list[str], match: Match, mapped: Mapping[str, str], current_columns: Mapping[str, str]) -> dict[str, str]:
    """The log's field names -> role, "birth", or dimension (the one of the file of today, if it has that field)."""
    tracked = {plain(name): role for name, role in match.recipe.tracked.items()} | {
        plain(name): role for role, name in mapped.items()
    }
    dims = {plain(column): name for column, name in current_columns.items()}
    names = {}
    for name in sorted(found):
        bare = plain(name)
        dimension = dims.get(bare) or dims.get(bare + "id") or dims.get(bare.removesuffix("id") or bare)
        free = snake(name) if snake(name) not in _KEYS else f"{snake(name)}_field"
        names[name] = tracked.get(bare) or dimension or free
    return names


def _no_field(log: Image, match: Match) -> Fault:
    rows = log.con.execute("SELECT field, count(*) FROM _log_text GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10").fetchall()
    wanted = ", ".join(name for name, role in match.recipe.tracked.items() if role != "birth")
    what = f"This looks like {match.recipe.what}, but none of the fields it tells of is the stage, amount or close date of a deal"
    named = ", ".join(f"{name} ({worded('{count} [row|rows]', count)})" for name, count in rows)
    remedy = f"Its column {match.roles['field']} names {named}. If one of them is the stage: --map stage=NAME."
    return Fault(f"{what} (looked for {wanted}).", remedy, log.path, match.roles["field"])


def _typed(
    sheet: Sheet, match: Match, names: Mapping[str, list[str]], current: Image | None, options: Options
) -> tuple[list[str], list[Fault]]:
    """For each key its columns `new_<key>` and `old_<key>`, and faults. They are typed from the rows of its fields alone."""
    typed: list[str] = []
    faults: list[Fault] = []
    for at, (key, fields) in enumerate((key, fields) for key, fields in names.items() if key != "birth"):
        among = f"{identifier(match.roles['field'])} IN ({', '.join(literal(name) for name in fields)})"
        part = restricted(sheet, f"_log_of_{at}", among)
        for side, prefix in (("new_value", "new_"), ("old_value", "old_")):
            try:
                value = _side(part, key, match.roles.get(side), current, options)
            except ReadError as error:
                for fault in error.faults:
                    where = f"({among}) AND ({fault.where})" if fault.where else ""
                    faults.append(replace(fault, what=f"In changes of {', '.join(fields)}: {fault.what}", where=where))
                continue
            kind = TYPES.get(key, "VARCHAR")
            typed.append(f", CASE WHEN {among} THEN ({value})::{kind} END AS {identifier(prefix + key)}")
    return typed, faults


def _side(part: Sheet, key: str, column: str | None, current: Image | None, options: Options) -> str:
    if column is None:
        return "NULL"
    if key in AMOUNTS:
        known = replace(options, currency=options.currency or _currency(current, part))
        return amount_currency.amounts(part, "amount", {"amount": column}, {}, known, [])
    return expression(part, key, column, options)


def _currency(current: Image | None, sheet: Sheet) -> str | None:
    """A currency with as many decimals as all those of today's file; a log alone cannot tell which of its amounts are yen."""
    if current is None or "currency" not in current.present:
        return None
    codes = [
        row[0]
        for row in current.con.execute(f"SELECT DISTINCT currency FROM {current.table} WHERE currency IS NOT NULL").fetchall()
    ]
    if len({minor_unit(code) for code in codes}) > 1:
        what = f"The file has currencies with different numbers of decimals ({', '.join(sorted(codes))})."
        raise ReadError([Fault(what, "Read the deals of each kind from files of their own.", sheet.path)])
    return codes[0] if codes else None


def _one_of_id_and_name(current_columns: Mapping[str, str]) -> str:
    """Salesforce logs a change of a lookup twice at one instant, by id and by name: the one that today's file has is kept."""
    by_id = [name for column, name in current_columns.items() if plain(column).endswith("id")]
    is_id = "coalesce(regexp_full_match(coalesce(new_value, old_value), '0[a-zA-Z0-9]{14}([a-zA-Z0-9]{3})?'), FALSE)"
    together = "PARTITION BY opportunity_id, changed_at, field"
    wanted = f"key IN ({', '.join(literal(name) for name in by_id)})" if by_id else "FALSE"
    both = f"bool_or({is_id}) OVER ({together}) AND NOT bool_and({is_id}) OVER ({together})"
    states = ", ".join(literal(key) for key in (*_KEYS, "birth"))
    return f"key IN ({states}) OR NOT ({both}) OR {is_id} = ({wanted})"
