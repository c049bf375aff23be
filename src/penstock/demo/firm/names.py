"""Names of people at accounts, all invented, and what they do there."""

from __future__ import annotations

from random import Random
from typing import Final

_FIRST: Final = (
    *("Adela", "Alvar", "Amara", "Anton", "Beatrix", "Bertil", "Camille", "Cosima", "Dario", "Delphine", "Edda", "Emil", "Farah"),
    *("Florian", "Greta", "Hakon", "Helena", "Idris", "Isolde", "Jasper", "Jolanda", "Kamal", "Katja", "Leander", "Lucinda"),
    *("Magnus", "Marit", "Nadim", "Noemi", "Olga", "Orlando", "Petra", "Quentin", "Rafael", "Rosa", "Salim", "Sigrid", "Tamara"),
    *("Tibor", "Ulrika", "Viktor", "Wanda", "Xenia", "Yannick", "Zelda", "Zoran"),
)
_LAST: Final = (
    *("Abendroth", "Almqvist", "Barrow", "Bellamy", "Bianchetti", "Carver", "Chandra", "Corvin", "Delacroix-Moss", "Dunmore"),
    *(
        "Eklund",
        "Fairweather",
        "Fenwick",
        "Galanis",
        "Hargrave",
        "Holloway",
        "Ishikari",
        "Jarvela",
        "Kowal",
        "Lachance",
        "Lindhurst",
    ),
    *("Marchbanks", "Moreau-Lind", "Nakagawa", "Northcote", "Oduya", "Pellegrin", "Quist", "Radley", "Rosenthal-Bey", "Sandoval"),
    *("Sorensen-Ray", "Tarrant", "Tolland", "Underhill", "Vasquez", "Wetherby", "Winslade", "Yarrow", "Zimmerling"),
)
TITLES: Final = (
    ("Chief operating officer", "executive", "decision_maker"),
    ("Finance director", "finance", "economic_buyer"),
    ("Head of operations", "operations", "champion"),
    ("Plant manager", "operations", "end_user"),
    ("IT manager", "technology", "technical_buyer"),
    ("Procurement lead", "procurement", "legal"),
    ("Systems engineer", "technology", "influencer"),
    ("Office manager", "operations", "end_user"),
)


def person(rng: Random) -> tuple[str, str]:
    """A first and a last name."""
    return rng.choice(_FIRST), rng.choice(_LAST)


def slug(name: str) -> str:
    """A company's name as its domain has it: `Copperlane & Ashvale Works` is `copperlane-ashvale-works`."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
