"""Which shape a file has and which of its columns plays which role; decided from the columns, said clearly where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from penstock.readers import likely_columns
from penstock.readers.faults import Fault, ReadError
from penstock.readers.fields import FLAGS, STATE, SYNONYMS, plain
from penstock.readers.recipes import NAMED_ONLY, RECIPES, Recipe
from penstock.readers.sheet import Sheet

_KEYED = ("opportunity_id", *STATE, *FLAGS)
ROLES: dict[str, tuple[str, ...]] = {
    "versions": (
        "effective_at",
        "recorded_at",
        "seq",
        *_KEYED,
        "ends_at",
        "is_current",
        "reconstructed_fields",
        "unknown_fields",
    ),
    "current_state": (*_KEYED, "modified_at", "closed_at", "won_at", "lost_at"),
    "snapshots": ("snapshot_at", *_KEYED),
    "stage_history": ("effective_at", "seq", *_KEYED, "previous_amount", "previous_close_date"),
    "event_log": (
        "opportunity_id",
        "activity",
        "effective_at",
        "lifecycle",
        "seq",
        *(f for f in STATE if f not in ("stage", "status")),
    ),
    "field_changes": ("opportunity_id", "field", "new_value", "old_value", "changed_at", "object"),
}
# A file with a stage is a file of deals only if some of these stand beside it.
_BESIDE_A_STAGE = ("opportunity_id", "amount", "close_date", "created_at", "won_at", "closed_at")


@dataclass(frozen=True)
class Match:
    """How a recipe fits a sheet: role -> column; the required roles not found; role -> the several columns that fit."""

    recipe: Recipe
    roles: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)


def choose(sheet: Sheet, mapped: Mapping[str, str], reader: str | None = None) -> Match:
    """The recipe that fits a sheet. mapped: role -> one of its columns, as the user said; reader: a shape or recipe, by name.

    Raises ReadError where none fits, or two columns do.
    """
    recipes = _named(sheet, reader) if reader else RECIPES
    matches = [match(recipe, sheet, mapped) for recipe in recipes if reader or _signed(recipe, sheet, mapped)]
    for found in matches:
        if not found.missing and (reader or _plausible(found, sheet, mapped)):
            return _settled(found, sheet)
    raise ReadError(_refusal(sheet, matches, reader))


def match(recipe: Recipe, sheet: Sheet, mapped: Mapping[str, str]) -> Match:
    """The columns of a sheet that play a recipe's roles; each column plays one role only."""
    roles = {role: column for role, column in mapped.items() if role in ROLES[recipe.shape]}
    ambiguous: dict[str, tuple[str, ...]] = {}
    for role in ROLES[recipe.shape]:
        free = [column for column in sheet.columns if column not in roles.values()]
        fits = [] if role in roles else _fitting(role, recipe, free)
        if len(fits) == 1:
            roles[role] = fits[0]
        elif fits:
            ambiguous[role] = tuple(fits)
    found = set(roles) | set(ambiguous)
    missing = tuple(role for role in recipe.requires if not found & set(role.split("|")))
    return Match(recipe, roles, missing, ambiguous)


def columns_there(sheet: Sheet, mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of the user's mapping that names columns of this sheet."""
    return {role: name for role, column in mapping.items() for name in _same(column, sheet)}


def mapped_columns(sheets: list[Sheet], mapping: Mapping[str, str]) -> list[dict[str, str]]:
    """What the user's mapping says of each sheet, with columns as the sheets write them. Raises ReadError for unknown names."""
    known = {role for roles in ROLES.values() for role in roles}
    faults = []
    found: list[dict[str, str]] = [{} for _ in sheets]
    for role, column in mapping.items():
        if role not in known:
            what = f"There is no field called {role}, so {column} cannot be mapped to it."
            faults.append(Fault(what, f"Fields: {', '.join(sorted(known))}."))
            continue
        places = [(at, name) for at, sheet in enumerate(sheets) for name in _same(column, sheet)]
        if not places:
            what = f"There is no column {column}, which --map {role}={column} names."
            faults.append(Fault(what, f"Columns: {_columns(*sheets)}.", sheets[0].path, column))
        for at, name in places:
            found[at][role] = name
    if faults:
        raise ReadError(faults)
    return found


def _same(column: str, sheet: Sheet) -> list[str]:
    if column in sheet.columns:
        return [column]
    return [name for name in sheet.columns if plain(name) == plain(column)][:1]


def _fitting(role: str, recipe: Recipe, columns: list[str]) -> list[str]:
    """The columns that fit a role. A product's names go by preference; of the usual names only the role's own goes first."""
    if role in recipe.columns:
        for name in recipe.columns[role]:
            for column in columns:
                if plain(column) == plain(name):
                    return [column]
        return []
    exact = [column for column in columns if plain(column) == plain(role)]
    names = {plain(name) for name in SYNONYMS.get(role, ())}
    fits = exact or [column for column in columns if plain(column) in names]
    by_name = [column for column in fits if role == "opportunity_id" or not plain(column).endswith("id")]
    return by_name or fits  # a stage's name goes before its id


def _signed(recipe: Recipe, sheet: Sheet, mapped: Mapping[str, str]) -> bool:
    """Whether the columns that tell a product are there; a role that the user mapped may stand in for its column."""
    there = {plain(column) for column in sheet.columns}
    for role in mapped:
        there.update(plain(name) for name in recipe.columns.get(role, ()))
    return all(any(plain(name) in there for name in ((sign,) if isinstance(sign, str) else sign)) for sign in recipe.signs)


def _plausible(found: Match, sheet: Sheet, mapped: Mapping[str, str]) -> bool:
    """Whether a file whose columns fit is really of that shape."""
    roles = {**found.roles, **found.ambiguous}
    if found.recipe.shape == "snapshots":
        key = found.roles.get("opportunity_id", "")
        row = sheet.con.execute(f'SELECT count("{key}") > count(DISTINCT "{key}") FROM {sheet.table}').fetchone()
        return bool(row and row[0])
    if found.recipe.shape == "current_state":
        deals = "won_at" in roles or sum(role in roles for role in _BESIDE_A_STAGE) >= 2 or bool(mapped)
        # A bare status is had by tasks, cases and leads as well.
        by_status = "stage" in roles or "is_won" in roles or "won_at" in roles or "opportunity_id" in roles
        return deals and by_status
    return True


def _named(sheet: Sheet, reader: str) -> tuple[Recipe, ...]:
    every = (*RECIPES, *NAMED_ONLY)
    exact = tuple(recipe for recipe in every if recipe.name == reader and recipe.shape != reader)
    if exact:
        return exact
    shaped = tuple(recipe for recipe in every if recipe.shape == reader)
    signed = tuple(recipe for recipe in shaped if recipe.signs and _signed(recipe, sheet, {}))
    usual = tuple(recipe for recipe in shaped if not recipe.signs)
    if not shaped:
        known = sorted({recipe.name for recipe in every} | set(ROLES))
        raise ReadError([Fault(f"There is no reader called {reader}.", f"Readers: {', '.join(known)}.", sheet.path)])
    return signed + usual


def _settled(found: Match, sheet: Sheet) -> Match:
    if not found.ambiguous:
        return found
    raise ReadError(
        [
            Fault(
                f"{len(columns)} columns could be the {role}: {', '.join(columns)}.",
                f"Say which one with {likely_columns.mapped(role, columns[0])}.",
                sheet.path,
                columns[0],
            )
            for role, columns in found.ambiguous.items()
        ]
    )


def _refusal(sheet: Sheet, matches: list[Match], reader: str | None) -> list[Fault]:
    """What is missing: of the reader that was asked for, else of a file of opportunities in general."""
    if not sheet.columns:
        return [Fault("The file has no columns.", "", sheet.path)]
    if reader and matches:
        closest = min(matches, key=lambda found: len(found.missing))
        return [_missing(role, closest.recipe.what, sheet) for role in closest.missing]
    fault = _missing("stage|status", "a file of opportunities", sheet)
    found = likely_columns.moves(sheet) if sheet.rows else {}
    if not found:
        return [fault]
    options = " ".join(likely_columns.mapped(role, column) for role, column in found.items())
    remedy = f"{fault.remedy} If each row is a deal's move to a stage: --reader stage_history {options}."
    return [replace(fault, remedy=remedy)]


def _missing(role: str, what: str, sheet: Sheet) -> Fault:
    names = role.split("|")
    looked = [name for one in names for name in SYNONYMS.get(one, (one,))]
    wanted = " or ".join(names)
    sentence = f"This cannot be read as {what}: no column that tells the {wanted} was found (looked for {', '.join(looked[:14])})"
    beside = "" if names[0] != "stage" else ", with an id, an amount or dates beside it"
    return Fault(
        f"{sentence}{beside}.", f"Columns here: {_columns(sheet)}. If one of them is it: --map {names[0]}=COLUMN.", sheet.path
    )


def _columns(*sheets: Sheet) -> str:
    names = [column for sheet in sheets for column in sheet.columns]
    return ", ".join(names[:40]) + (f" and {len(names) - 40} more" if len(names) > 40 else "")
